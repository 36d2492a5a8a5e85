"""Every container runs with the least that it needs, is watched, and stops without dropping calls."""

import re

import pytest

OVER_HTTP = {"gateway", "vllm"}
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


def test_every_container_is_probed_in_the_protocol_that_it_serves(pods):
    for name, _, container in main_containers(pods):
        for probe in ("startupProbe", "readinessProbe"):
            assert ("httpGet" if name in OVER_HTTP else "grpc") in container[probe], f"{name} {probe}"
        assert container["livenessProbe"].keys() & {"grpc", "httpGet"}, name


def test_a_replica_leaves_the_balancers_before_it_stops(pods):
    for name, pod, container in main_containers(pods):
        pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert 0 < pause < pod["terminationGracePeriodSeconds"], name


def test_replicas_spread_over_nodes(workloads):
    for name, one in workloads.items():
        alone = one["spec"].get("strategy") == {"type": "Recreate"}
        if (one["kind"] == "Deployment" and not alone) or one["spec"].get("replicas", 1) > 1:
            (spread,) = one["spec"]["template"]["spec"]["topologySpreadConstraints"]
            assert spread["topologyKey"] == "kubernetes.io/hostname"
            assert spread["labelSelector"]["matchLabels"] == one["spec"]["selector"]["matchLabels"], name


def test_a_rollout_never_lowers_the_number_of_replicas_but_where_no_gpu_is_to_spare(manifests, place):
    for one in manifests:
        if one["kind"] == "Deployment":
            name, strategy = one["metadata"]["name"], one["spec"]["strategy"]
            # A language model has a GPU and a volume of its own, and the parser reads without it.
            if (place, name) == ("local-gpu", "model-server") or name == "vllm":
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


def test_a_volume_that_one_node_mounts_is_not_shared_by_replicas(manifests, workloads, place):
    """ReadWriteOnce is per node: a second replica elsewhere, or a rollout's, would wait for ever."""
    modes = {
        one["metadata"]["name"]: one["spec"]["accessModes"]
        for one in manifests
        if one["kind"] == "PersistentVolumeClaim"
    }
    for name, one in workloads.items():
        for volume in one["spec"]["template"]["spec"]["volumes"]:
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            if claim and modes[claim] == ["ReadWriteOnce"]:
                one_node = place.startswith("local")
                assert one_node or one["spec"]["strategy"] == {"type": "Recreate"}, f"{name}: {claim}"


def test_a_gpu_is_asked_for_where_a_model_needs_one_and_whole_numbers_are_limits_too(pods, place):
    asked = {}
    for name, pod in pods.items():
        resources = pod["containers"][0]["resources"]
        gpus = {
            kind: {key: value for key, value in resources[kind].items() if "nvidia" in key}
            for kind in resources
        }
        assert gpus["requests"] == gpus["limits"], f"{name}: Kubernetes takes no other"
        if gpus["limits"]:
            asked[name] = gpus["limits"]
            tolerated = [one["key"] for one in pod["tolerations"]]
            assert tolerated == ["nvidia.com/gpu"], f"{name}: GPU nodes are tainted"
    kind = {"staging-mig": "nvidia.com/mig-3g.40gb", "staging-time-slicing": "nvidia.com/gpu.shared"}
    expected = {} if place == "local" else {"model-server": {kind.get(place, "nvidia.com/gpu"): "1"}}
    if "vllm" in pods:
        expected["vllm"] = {"nvidia.com/gpu": "1"}
    assert asked == expected


def test_nodes_have_the_gpu_that_the_configuration_needs_where_they_are_told_apart(pods, place, root):
    terms = (
        pods["model-server"]
        .get("affinity", {})
        .get("nodeAffinity", {})
        .get("requiredDuringSchedulingIgnoredDuringExecution", {})
        .get("nodeSelectorTerms", ())
    )
    if place.startswith("local"):
        assert not terms
        return
    (term,) = terms
    wanted = {one["key"]: (one["operator"], *one["values"]) for one in term["matchExpressions"]}
    assert wanted.keys() == {
        "nvidia.com/gpu.compute.major", "nvidia.com/cuda.driver-version.major", "nvidia.com/gpu.memory",
    }  # fmt: skip
    assert all(operator == "Gt" and least.isdecimal() for operator, least in wanted.values())
    assert wanted["nvidia.com/gpu.compute.major"] == ("Gt", "7"), "the engine refuses what is older"


def test_what_was_compiled_outlives_the_pod_where_there_is_a_gpu_and_nobody_else_mounts_it(pods, place, root):
    config = (root / "services/model_server/model_repository/edit/configs/gpu.pbtxt").read_text()
    (file,) = re.findall(r'compile_cache\\": \\"([^"\\]+)', config)
    mounted = {
        name: [
            mount["mountPath"]
            for mount in pod["containers"][0]["volumeMounts"]
            if mount["name"] == "compiled"
        ]
        for name, pod in pods.items()
    }
    expected = {} if place.startswith("local") else {"model-server": [file.rpartition("/")[0]]}
    assert {name: paths for name, paths in mounted.items() if paths} == expected
