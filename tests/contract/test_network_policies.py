"""Nothing talks to anything unless a policy says so."""

import pytest


@pytest.fixture
def policies(manifests):
    return {one["metadata"]["name"]: one["spec"] for one in manifests if one["kind"] == "NetworkPolicy"}


@pytest.fixture
def labels(workloads):
    return {name: one["spec"]["template"]["metadata"]["labels"] for name, one in workloads.items()}


def selected(selector, labels):
    wanted = selector.get("matchLabels", {}).items()
    return {name for name, pod in labels.items() if wanted <= pod.items()}


def callers(policies, labels, target, port):
    """Workloads of this namespace that may call a port of a workload, by the ingress rules."""
    found = set()
    for policy in policies.values():
        if target not in selected(policy["podSelector"], labels):
            continue
        for rule in policy.get("ingress", ()):
            if port in {one["port"] for one in rule["ports"]}:
                for peer in rule["from"]:
                    found |= set() if "namespaceSelector" in peer else selected(peer["podSelector"], labels)
    return found


def callees(policies, labels, source):
    """Workloads and ports that a workload may call, by the egress rules."""
    return {
        (target, one["port"])
        for policy in policies.values()
        if source in selected(policy["podSelector"], labels)
        for rule in policy.get("egress", ())
        for peer in rule["to"]
        if "podSelector" in peer
        for target in selected(peer["podSelector"], labels)
        for one in rule["ports"]
    }


def test_everything_is_denied_first(policies):
    assert policies["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_only_the_services_that_use_triton_reach_it_and_on_grpc_alone(policies, labels):
    assert callers(policies, labels, "model-server", 8001) == {"segmentation", "editing"}
    assert callers(policies, labels, "model-server", 8000) == set()


def test_triton_calls_nobody(policies, labels):
    assert callees(policies, labels, "model-server") == set()
    assert not [
        peer
        for policy in policies.values()
        if policy["podSelector"] and "model-server" in selected(policy["podSelector"], labels)
        for rule in policy.get("egress", ())
        for peer in rule["to"]
    ]


def test_each_service_may_call_its_peers_and_no_other(policies, labels, manifests, workloads):
    maps = {one["metadata"]["name"]: one.get("data") or {} for one in manifests if one["kind"] == "ConfigMap"}
    for name in workloads.keys() - {"model-server"}:
        container = workloads[name]["spec"]["template"]["spec"]["containers"][0]
        peers = {
            (value.split(":")[0], int(value.split(":")[1]))
            for source in container["envFrom"]
            for key, value in maps.get(source.get("configMapRef", {}).get("name"), {}).items()
            if key.endswith("_ADDR")
        }
        assert callees(policies, labels, name) == peers, name
        for target, port in peers:
            assert name in callers(policies, labels, target, port), f"{target} does not let {name} in"


def test_no_policy_opens_a_pod_to_every_address(policies):
    for name, policy in policies.items():
        for rule in policy.get("ingress", ()):
            assert rule.get("from"), name
            assert not any("ipBlock" in peer for peer in rule["from"]), name


def test_the_metadata_address_of_a_node_is_out_of_reach(policies):
    blocks = [
        peer["ipBlock"]
        for policy in policies.values()
        for rule in policy.get("egress", ())
        for peer in rule["to"]
        if "ipBlock" in peer
    ]
    assert blocks
    for block in blocks:
        assert block["except"] in (["169.254.0.0/16"], ["fe80::/10"])
