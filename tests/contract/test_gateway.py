"""The gateway's settings in each place are those that its program reads, and lead to every service."""

import runpy
from pathlib import Path

import pytest
from langdesign_client.addresses import LOCAL_PORTS


@pytest.fixture(params=["local", "local-gpu", "staging", "production"])
def place(request):
    """What operators add changes nothing of the gateway's settings."""
    return request.param


@pytest.fixture
def variables(manifests, pods):
    """Variables of the gateway's container, as Kubernetes puts them together."""
    maps = {one["metadata"]["name"]: one.get("data") or {} for one in manifests if one["kind"] == "ConfigMap"}
    found = {}
    for source in pods["gateway"]["containers"][0]["envFrom"]:
        found |= maps[source["configMapRef"]["name"]]
    return found


@pytest.fixture
def settings(variables, root, tmp_path, monkeypatch):
    """What the program makes of them, with a page and the issuer's keys where they are files."""
    (tmp_path / "index.html").write_text("<p>page</p>")
    (tmp_path / "jwks.json").write_text('{"keys": []}')
    given = variables | {"GATEWAY_PAGE": str(tmp_path)}
    if not given["LANGDESIGN_AUTH_JWKS"].startswith("https://"):
        given["LANGDESIGN_AUTH_JWKS"] = str(tmp_path / "jwks.json")
    program = runpy.run_path(str(root / "deploy/gateway/settings.py"))
    return program["read"](given)


def test_it_checks_the_tokens_that_the_services_check(settings, variables):
    assert settings.authentication.issuer == variables["LANGDESIGN_AUTH_ISSUER"]
    assert settings.authentication.audience == variables["LANGDESIGN_AUTH_AUDIENCE"]


def test_the_issuers_keys_are_mounted_where_they_are_a_file(variables, pods):
    keys = variables["LANGDESIGN_AUTH_JWKS"]
    mounts = [mount["mountPath"] for mount in pods["gateway"]["containers"][0]["volumeMounts"]]
    assert keys.startswith("https://") or str(Path(keys).parent) in mounts


def test_it_leads_to_every_service_and_limits_every_client(settings, services):
    assert settings.services == {stem: (f"{stem}:{LOCAL_PORTS[stem]}",) for stem in services}
    assert settings.rate > 0
    assert settings.access_log


def test_its_heap_leaves_a_quarter_of_the_containers_memory(settings, pods):
    assert pods["gateway"]["containers"][0]["resources"]["limits"]["memory"] == "1Gi"
    assert settings.heap_bytes <= 0.75 * 2**30


def test_its_ports_are_those_that_it_listens_on(settings, pods, manifests):
    ports = {port["name"]: port["containerPort"] for port in pods["gateway"]["containers"][0]["ports"]}
    assert settings.listen == f"0.0.0.0:{ports['http']}"
    assert settings.metrics == f"0.0.0.0:{ports['metrics']}"
    assert settings.admin.startswith("127.0.0.1:")
    (service,) = [
        one for one in manifests if (one["kind"], one["metadata"]["name"]) == ("Service", "gateway")
    ]
    assert {port["targetPort"] for port in service["spec"]["ports"]} == {"http"}
    assert {port["name"]: port["port"] for port in service["spec"]["ports"]} == {
        "http": ports["http"],
        "grpc": 8081,
    }


def test_a_pod_outlives_its_drain(settings, pods):
    pod = pods["gateway"]
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] >= pause + settings.drain_delay + settings.drain_grace + 10


def test_it_alone_is_open_to_callers_from_outside(manifests):
    policies = {one["metadata"]["name"]: one["spec"] for one in manifests if one["kind"] == "NetworkPolicy"}
    client = {"matchLabels": {"langdesign.dev/client": "true"}}
    outside = {"namespaceSelector": client, "podSelector": client}
    opened = {
        name
        for name, policy in policies.items()
        for rule in policy.get("ingress", ())
        if outside in rule["from"]
    }
    assert opened == {"gateway"}
    # `skaffold verify` calls as they do, from the same namespace.
    callers = [outside, {"podSelector": {"matchLabels": {"app.kubernetes.io/component": "verification"}}}]
    assert policies["gateway"]["ingress"] == [{"from": callers, "ports": [{"protocol": "TCP", "port": 8080}]}]
