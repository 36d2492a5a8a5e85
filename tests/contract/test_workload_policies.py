"""Every container runs with the least that it needs, is watched, and stops without dropping calls."""

import re

import pytest

RESTRICTED_VOLUMES = {"configMap", "emptyDir", "image", "persistentVolumeClaim", "projected", "secret"}


def main_containers(pods):
    return [(name, pod, pod["containers"][0]) for name, pod in pods.items()]


def test_every_pod_meets_the_restricted_security_standard(pods, containers):
    for name, pod in pods.items():
        context = pod["securityContext"]
        assert context["runAsNonRoot"] is True, name
        assert context["runAsUser"] >= 10000, name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys(), name
        for volume in pod["volumes"]:
            assert set(volume) - {"name"} <= RESTRICTED_VOLUMES, f"{name}: {volume}"
    for name, container in containers:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False, name
        assert context["readOnlyRootFilesystem"] is True, name
        assert context["capabilities"] == {"drop": ["ALL"]}, name
        assert "runAsUser" not in context or context["runAsUser"] >= 10000, name


def test_no_pod_carries_a_token_of_the_cluster_or_variables_that_kubernetes_injects(pods):
    for name, pod in pods.items():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["enableServiceLinks"] is False, f"{name}: a Service's variables read like settings"
        assert pod["serviceAccountName"] == name


def test_every_container_has_requests_and_limits(containers):
    for name, container in containers:
        for kind in ("requests", "limits"):
            assert {"cpu", "memory"} <= container["resources"][kind].keys(), f"{name} {kind}"


def test_every_image_has_a_version(containers):
    for name, container in containers:
        assert re.fullmatch(r"[\w./-]+(:(?!latest)[\w.-]+|@sha256:[0-9a-f]{64})", container["image"]), name


def test_scratch_space_is_bounded(pods):
    for name, pod in pods.items():
        for volume in pod["volumes"]:
            assert "sizeLimit" in volume.get("emptyDir", {"sizeLimit": ""}), f"{name}: {volume['name']}"


def test_every_mount_has_its_volume(workloads, containers):
    for name, container in containers:
        spec = workloads[name]["spec"]
        volumes = {volume["name"] for volume in spec["template"]["spec"]["volumes"]}
        volumes |= {claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", ())}
        mounts = {mount["name"] for mount in container["volumeMounts"]}
        assert mounts <= volumes, f"{name}: {mounts - volumes}"
        assert any(mount["mountPath"] == "/tmp" for mount in container["volumeMounts"]), name


def test_every_container_is_probed_over_grpc_and_the_gateway_over_http(pods):
    for name, _, container in main_containers(pods):
        for probe in ("startupProbe", "readinessProbe"):
            assert ("httpGet" if name == "gateway" else "grpc") in container[probe], f"{name} {probe}"
        assert container["livenessProbe"].keys() & {"grpc", "httpGet"}, name


def test_a_replica_leaves_the_balancers_before_it_stops(pods):
    for name, pod, container in main_containers(pods):
        pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert 0 < pause < pod["terminationGracePeriodSeconds"], name


def test_replicas_spread_over_nodes(workloads):
    for name, one in workloads.items():
        if one["kind"] == "Deployment" or one["spec"].get("replicas", 1) > 1:
            (spread,) = one["spec"]["template"]["spec"]["topologySpreadConstraints"]
            assert spread["topologyKey"] == "kubernetes.io/hostname"
            assert spread["labelSelector"]["matchLabels"] == one["spec"]["selector"]["matchLabels"], name


def test_a_rollout_never_lowers_the_number_of_replicas_but_where_no_gpu_is_to_spare(manifests, request):
    alone = request.node.callspec.params["manifests"] == "local-gpu"
    for one in manifests:
        if one["kind"] == "Deployment":
            name, strategy = one["metadata"]["name"], one["spec"]["strategy"]
            if alone and name == "model-server":
                assert strategy == {"type": "Recreate"}
                assert one["spec"]["replicas"] == 1
            else:
                assert strategy["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}, name


def test_services_are_headless_so_that_clients_balance(manifests):
    for one in manifests:
        if one["kind"] == "Service" and one["metadata"]["name"] != "gateway":
            assert one["spec"]["clusterIP"] == "None", one["metadata"]["name"]


def test_a_scaled_workload_does_not_state_its_replicas(manifests, workloads):
    for one in manifests:
        if one["kind"] == "ScaledObject":
            assert "replicas" not in workloads[one["spec"]["scaleTargetRef"]["name"]]["spec"]


@pytest.mark.parametrize("name", ["editing", "design", "instruction", "training"])
def test_a_service_that_keeps_something_has_a_disk_and_one_replica_unless_it_keeps_it_in_postgres(
    workloads, name
):
    """A second replica would know nothing of what the first one has on its disk."""
    one = workloads[name]
    assert one["kind"] == "StatefulSet"
    secrets = [
        source["secretRef"]
        for source in one["spec"]["template"]["spec"]["containers"][0]["envFrom"]
        if source.get("secretRef", {}).get("name") == name
    ]
    shared = any(not secret.get("optional") for secret in secrets) and name in {"editing", "design"}
    assert one["spec"]["replicas"] == (2 if shared else 1)
    (claim,) = one["spec"]["volumeClaimTemplates"]
    (mount,) = [
        mount
        for mount in one["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
        if mount["name"] == claim["metadata"]["name"]
    ]
    assert mount["mountPath"] == "/var/lib/langdesign"
