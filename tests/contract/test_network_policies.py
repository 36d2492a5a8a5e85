"""Nothing talks to anything unless a policy says so."""

import ipaddress
from urllib.parse import urlsplit

import pytest


@pytest.fixture(params=["local", "local-gpu", "staging", "production", "staging-everything"])
def place(request):
    """Places without a cloud's profile, which opens more: those have tests of their own below."""
    return request.param


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


def test_every_workload_has_its_callers_and_all_but_triton_have_whom_they_may_call(policies, labels):
    """Beside its name servers, that is, and the metrics' readers."""
    for name in labels:
        own = [policy for policy in policies.values() if name in selected(policy["podSelector"], labels)]
        entered = [
            port["port"] for policy in own for rule in policy.get("ingress", ()) for port in rule["ports"]
        ]
        assert set(entered) - {"metrics"}, f"nobody may call {name}"
        left = [policy for policy in own if policy["podSelector"] and policy.get("egress")]
        assert bool(left) == (name != "model-server"), name


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


def addressed(container, maps, *, inside):
    """Names and ports that settings give as `http://...`: of this namespace (a name alone), or of others."""
    values = [
        value
        for source in container["envFrom"]
        for value in maps.get(source.get("configMapRef", {}).get("name"), {}).values()
    ]
    named = [address for address in map(urlsplit, values) if address.scheme == "http"]
    if inside:
        return {(one.hostname, one.port) for one in named if "." not in one.hostname}
    return {(one.hostname.split(".")[1], one.port) for one in named if "." in one.hostname}


def test_each_service_may_call_its_peers_and_no_other(policies, labels, manifests, workloads):
    maps = {one["metadata"]["name"]: one.get("data") or {} for one in manifests if one["kind"] == "ConfigMap"}
    for name in workloads.keys() - {"model-server"}:
        container = workloads[name]["spec"]["template"]["spec"]["containers"][0]
        peers = {
            (value.split(":")[0], int(value.split(":")[1]))
            for source in container["envFrom"]
            for key, value in maps.get(source.get("configMapRef", {}).get("name"), {}).items()
            if key.endswith("_ADDR")
        } | addressed(container, maps, inside=True)
        assert callees(policies, labels, name) == peers, name
        for target, port in peers:
            assert name in callers(policies, labels, target, port), f"{target} does not let {name} in"


def test_no_policy_opens_a_pod_to_every_address(policies):
    for name, policy in policies.items():
        for rule in policy.get("ingress", ()):
            assert rule.get("from"), name
            assert not any("ipBlock" in peer for peer in rule["from"]), name


PUBLIC = "93.184.215.14"
PRIVATE = ("10.3.4.5", "100.64.1.2", "172.17.8.9", "192.168.1.1", "fd12::3")
METADATA = (
    "169.254.169.254",
    "169.254.169.252",
    "169.254.170.2",
    "169.254.170.23",
    "fd00:ec2::254",
    "fe80::1",
)
NODE_CACHE = "169.254.20.10"
RUN = {"app.kubernetes.io/component": "run"}
CLOUDS = ("eks", "gke", "openshift")


@pytest.fixture(params=CLOUDS)
def cloud(request, profiled):
    """The name of each cloud's profile, and the policies and pods of production with it."""
    return request.param, *profiled("production", request.param)


@pytest.fixture
def profiled(combine):
    def made(overlay, *profiles):
        objects = combine(f"overlays/{overlay}", *(f"profiles/{profile}" for profile in profiles))
        policies = {one["metadata"]["name"]: one for one in objects if one["kind"] == "NetworkPolicy"}
        pods = {
            one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"]
            for one in objects
            if one["kind"] in {"Deployment", "StatefulSet"}
        }
        return policies, {**pods, "run": RUN}

    return made


def rules(policies, pod):
    """Peers, one at a time, and ports that pods with these labels may call."""
    for policy in policies:
        if policy["podSelector"].get("matchLabels", {}).items() <= pod.items():
            for rule in policy.get("egress", ()):
                for peer in rule["to"]:
                    yield peer, {(one["protocol"], one["port"]) for one in rule.get("ports", ())}


def allowed(policies, pod, address):
    """Protocols and ports of an address that a pod with these labels may call."""
    found, called = set(), ipaddress.ip_address(address)
    for peer, ports in rules(policies, pod):
        block = peer.get("ipBlock")
        if (
            block
            and called in ipaddress.ip_network(block["cidr"])
            and not any(called in ipaddress.ip_network(one) for one in block.get("except", ()))
        ):
            found |= ports
    return found


def allowed_namespaces(policies, pod):
    """Other namespaces, with the pods and the ports there, that a pod with these labels may call."""
    return {
        (
            peer["namespaceSelector"].get("matchLabels", {}).get("kubernetes.io/metadata.name"),
            *peer.get("podSelector", {}).get("matchLabels", {}).values(),
            port,
        )
        for peer, ports in rules(policies, pod)
        if "namespaceSelector" in peer
        for _, port in ports
    }


def test_every_pod_resolves_names_by_the_clusters_servers_and_by_the_cache_on_its_node(policies, labels):
    for name, pod in {**labels, "run": RUN}.items():
        asked = {one for one in allowed_namespaces(policies.values(), pod) if 53 in one}
        assert asked == {("kube-system", "kube-dns", 53), ("kube-system", "node-local-dns", 53)}, name
        assert allowed(policies.values(), pod, NODE_CACHE) == {("UDP", 53), ("TCP", 53)}, name


def test_no_pod_reaches_a_metadata_address(policies, labels):
    for name, pod in {**labels, "run": RUN}.items():
        for address in METADATA:
            assert not allowed(policies.values(), pod, address), f"{name} reaches {address}"


def test_https_is_open_to_what_is_public_and_not_to_the_private_network(policies, labels):
    for name, pod in labels.items():
        assert (("TCP", 443) in allowed(policies.values(), pod, PUBLIC)) == (name != "model-server"), name
        for address in PRIVATE:
            assert ("TCP", 443) not in allowed(policies.values(), pod, address), f"{name} reaches {address}"


def test_what_is_addressed_in_the_cluster_is_reached_by_those_who_use_it_and_by_no_other(
    policies, labels, manifests, workloads
):
    """A service whose settings name `http://name.namespace:port` may call that, others not."""
    maps = {one["metadata"]["name"]: one.get("data") or {} for one in manifests if one["kind"] == "ConfigMap"}
    for name in workloads.keys() - {"model-server", "gateway"}:
        container = workloads[name]["spec"]["template"]["spec"]["containers"][0]
        opened = {
            one
            for one in allowed_namespaces(policies.values(), labels[name])
            if one[0] not in {None, "kube-system", "minio"}
        }
        assert opened == addressed(container, maps, inside=False), name


def test_object_storage_in_the_cluster_is_open_to_those_who_keep_pictures_and_to_runs(render, root):
    objects = render(root / "deploy/overlays/staging")
    policies = [one["spec"] for one in objects if one["kind"] == "NetworkPolicy"]
    users = {
        one["metadata"]["name"]
        for one in objects
        if one["kind"] in {"Deployment", "StatefulSet"}
        and ("minio", 9000) in allowed_namespaces(policies, one["spec"]["template"]["metadata"]["labels"])
    }
    assert users == {"editing", "segmentation", "design"}
    assert ("minio", 9000) in allowed_namespaces(policies, RUN)


def test_a_clouds_identity_is_reached_by_those_who_use_the_bucket_alone(cloud):
    name, policies, pods = cloud
    served = {
        "gke": {"169.254.169.254": {("TCP", 80)}, "169.254.169.252": {("TCP", 988)}},
        "eks": {"169.254.170.23": {("TCP", 80)}, "fd00:ec2::23": {("TCP", 80)}},
        "openshift": {},
    }[name]
    specs = [one["spec"] for one in policies.values()]
    asked = {("UDP", 53), ("TCP", 53)} if name == "gke" else set()
    for pod, labels in pods.items():
        for address in {*METADATA, *served}:
            reached = allowed(specs, labels, address)
            reached -= asked if address == "169.254.169.254" else set()
            uses = pod in {"editing", "segmentation", "design", "run"}
            assert reached == (served.get(address, set()) if uses else set()), f"{pod} {address}"


def test_names_are_resolved_where_each_cloud_serves_them(cloud):
    name, policies, pods = cloud
    specs = [one["spec"] for one in policies.values()]
    for pod, labels in pods.items():
        if name == "gke":
            assert {("UDP", 53), ("TCP", 53)} <= allowed(specs, labels, "169.254.169.254"), pod
        if name == "openshift":
            assert ("openshift-dns", "default", 5353) in allowed_namespaces(specs, labels), pod


def test_a_cloud_opens_its_private_control_plane_to_the_training_service_alone(cloud):
    name, policies, pods = cloud
    for pod, labels in pods.items():
        private = allowed([one["spec"] for one in policies.values()], labels, "10.3.4.5")
        assert (("TCP", 443) in private) == (pod == "training" and name != "openshift"), pod


def test_every_profile_is_tested(root):
    assert {path.name for path in (root / "deploy/profiles").iterdir()} == set(CLOUDS)
