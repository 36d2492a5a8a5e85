"""What the manifests set is what the services read: each setting exists, and together they are accepted."""

import importlib
import importlib.util
import os
import re

import pytest
import yaml
from langdesign_chassis.declaring import Settings
from langdesign_chassis.environment import describe, load
from langdesign_chassis.settings import ChassisSettings, split_address
from langdesign_registry.serving import DIGEST, PUBLIC_KEY, VERSION
from langdesign_supervisor.supervisor import Patience

START_SCRIPT = "services/model_server/serve.sh"
PREFIXES = (
    "LANGDESIGN_", "EDITING_", "REFERENCE_", "SEGMENTATION_", "INSTRUCTION_", "TRAINING_", "DESIGN_",
    "TRITON_",
)  # fmt: skip


@pytest.fixture(params=["local", "local-gpu", "staging", "production", "staging-everything"])
def place(request):
    """Profiles of clouds, and kinds of GPUs, change no settings."""
    return request.param


def environment(container, manifests):
    """Variables of a container, with those of its ConfigMaps; the later ones win, as in Kubernetes."""
    maps = {one["metadata"]["name"]: one.get("data") or {} for one in manifests if one["kind"] == "ConfigMap"}
    found = {}
    for source in container.get("envFrom", ()):
        if "configMapRef" in source:
            found |= maps[source["configMapRef"]["name"]]
    return found | {variable["name"]: variable["value"] for variable in container.get("env", ())}


def settings_class(service):
    module = importlib.import_module(f"langdesign_{service}.settings")
    (kind,) = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Settings) and value.__module__ == module.__name__
    ]
    return kind


def read(service, variables, monkeypatch):
    """Settings of the chassis and of the service, read as a process with these variables reads them."""
    for name in [name for name in os.environ if name.startswith(PREFIXES)]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load(ChassisSettings), load(settings_class(service))


@pytest.fixture
def configured(manifests, pods, services, monkeypatch):
    """Per service: its pod, its variables, and the two settings objects that they make."""
    found = {}
    for service in services:
        variables = environment(pods[service]["containers"][0], manifests)
        with monkeypatch.context() as patch:
            found[service] = (pods[service], variables, *read(service, variables, patch))
    return found


def test_every_variable_is_a_setting(configured):
    for service, (_, variables, chassis, own) in configured.items():
        known = {line.split("=", 1)[0] for settings in (chassis, own) for line in describe(settings)}
        assert variables.keys() <= known, f"{service}: {variables.keys() - known} are no settings"


def test_calls_need_a_token_everywhere(configured):
    for service, (_, _, chassis, _) in configured.items():
        assert chassis.auth.mode == "jwt", service


def test_the_keys_of_the_issuer_are_fetched_safely_or_mounted(configured):
    for service, (pod, _, chassis, _) in configured.items():
        if not chassis.auth.jwks.startswith("https://"):
            mounts = [mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]]
            assert any(chassis.auth.jwks.startswith(mount) for mount in mounts), service


def test_ports_are_those_that_the_service_listens_on(configured, manifests):
    ports = {
        one["metadata"]["name"]: one["spec"]["ports"][0]["port"]
        for one in manifests
        if one["kind"] == "Service"
    }
    for service, (pod, _, chassis, _) in configured.items():
        container = pod["containers"][0]
        named = {port["name"]: port["containerPort"] for port in container["ports"]}
        _, listening = split_address(chassis.listen)
        probed = {container[f"{kind}Probe"]["grpc"]["port"] for kind in ("startup", "readiness", "liveness")}
        assert {named["grpc"], ports[service], *probed} == {listening}, service
        assert named["metrics"] == chassis.metrics_address[1], service


def test_the_port_is_that_of_a_local_run(configured, root):
    for service, (_, _, chassis, _) in configured.items():
        wiring = (root / f"services/{service}/src/langdesign_{service}/__main__.py").read_text()
        (default,) = re.findall(r'listen="127\.0\.0\.1:(\d+)"', wiring)
        assert split_address(chassis.listen)[1] == int(default), service


def test_peers_are_services_of_the_same_rendering(configured, manifests):
    addresses = {
        f"{one['metadata']['name']}:{port['port']}"
        for one in manifests
        if one["kind"] == "Service"
        for port in one["spec"]["ports"]
    }
    for service, (_, variables, _, _) in configured.items():
        peers = {value for name, value in variables.items() if name.endswith("_ADDR")}
        assert peers <= addresses, f"{service} calls {peers - addresses}"


def test_a_pod_outlives_its_drain(configured):
    for service, (pod, _, chassis, _) in configured.items():
        pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        needed = pause + chassis.drain.delay + chassis.drain.grace
        assert pod["terminationGracePeriodSeconds"] >= needed + 10, service


def test_kubernetes_waits_longer_for_a_start_than_the_service_does(configured):
    for service, (pod, _, chassis, _) in configured.items():
        probe = pod["containers"][0]["startupProbe"]
        assert probe["periodSeconds"] * probe["failureThreshold"] > chassis.startup, service


def test_services_wait_without_exit_for_a_model_servers_first_start(configured, pods):
    probe = pods["model-server"]["containers"][0]["startupProbe"]
    for service, (_, _, chassis, _) in configured.items():
        assert chassis.startup > probe["periodSeconds"] * probe["failureThreshold"], service


def test_a_rollout_is_given_the_time_that_the_slowest_start_takes(workloads, root):
    deadline = yaml.safe_load((root / "skaffold.yaml").read_text())["deploy"]["statusCheckDeadlineSeconds"]
    for name, one in workloads.items():
        probe = one["spec"]["template"]["spec"]["containers"][0]["startupProbe"]
        assert probe["periodSeconds"] * probe["failureThreshold"] < deadline, name
        if one["kind"] == "Deployment":
            allowed = one["spec"]["progressDeadlineSeconds"]
            assert probe["periodSeconds"] * probe["failureThreshold"] < allowed <= deadline, name


def test_files_that_a_service_writes_are_on_a_mounted_volume(configured):
    written = {
        "editing": lambda own: [own.operations.removeprefix("sqlite:///")],
        "design": lambda own: [own.database.removeprefix("sqlite:///")],
        "instruction": lambda own: [str(own.spool)],
        "training": lambda own: [
            address.removeprefix("sqlite:///")
            for address in (own.database, own.registry)
            if address.startswith("sqlite:///")
        ],
    }
    for service, files in written.items():
        pod, _, _, own = configured[service]
        mounts = [
            mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"] if mount["name"] == "state"
        ]
        for file in files(own):
            assert any(file.startswith(f"{mount}/") for mount in mounts), f"{service}: {file}"


def test_the_services_that_share_pictures_name_one_place(configured):
    places = {own.blobs for _, _, _, own in configured.values() if hasattr(own, "blobs")}
    assert len(places) == 1
    assert not places & {"memory://"}


def test_the_model_server_gets_the_variables_that_its_models_read(pods, root):
    adapters = list((root / "services/model_server/model_repository").glob("*/1/model.py"))
    assert all("_MODEL_DIR" in file.read_text() for file in adapters)
    read_there = {f"{file.parents[1].name.upper()}_MODEL_DIR" for file in adapters}
    container = pods["model-server"]["containers"][0]
    given = {variable["name"] for variable in container["env"]}
    of_the_script = set(re.findall(r"\bMODEL_SERVER_[A-Z_]+", (root / START_SCRIPT).read_text()))
    assert given - {PUBLIC_KEY, DIGEST, VERSION} - of_the_script == read_there
    assert given & of_the_script == {"MODEL_SERVER_DRAIN"}


def test_the_model_servers_pod_outlives_its_drain_and_kubernetes_waits_for_its_first_start(workloads, root):
    spec = workloads["model-server"]["spec"]
    pod = spec["template"]["spec"]
    container = pod["containers"][0]
    variables = {variable["name"]: variable["value"] for variable in container["env"]}
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] >= pause + int(variables["MODEL_SERVER_DRAIN"]) + 20
    (age,) = re.findall(r"MODEL_SERVER_CONNECTION_AGE:-(\d+)", (root / START_SCRIPT).read_text())
    if spec["strategy"]["type"] == "RollingUpdate":  # else no other serves, to whom clients could turn
        assert pause >= 1.1 * int(age) + 10, "it would refuse calls of clients that know no other server yet"
    started, lives = (
        {"periodSeconds": 10, "failureThreshold": 3, **container[f"{kind}Probe"]}
        for kind in ("startup", "liveness")
    )
    first_start = started["periodSeconds"] * started["failureThreshold"]
    assert first_start >= 1800
    assert first_start >= Patience().start
    assert spec["progressDeadlineSeconds"] > first_start
    assert lives["periodSeconds"] * lives["failureThreshold"] >= 600, "it would end a start in place"


def test_a_model_server_that_answers_nothing_leaves_the_balancers_at_once(pods):
    probe = pods["model-server"]["containers"][0]["readinessProbe"]
    assert (probe["periodSeconds"] + probe["timeoutSeconds"]) * probe["failureThreshold"] <= 10


def test_where_people_are_served_the_model_server_loads_signed_weights_alone(render, root):
    for place in ("staging", "production"):
        (pod,) = (
            one["spec"]["template"]["spec"]
            for one in render(root / "deploy/overlays" / place)
            if one["kind"] == "Deployment" and one["metadata"]["name"] == "model-server"
        )
        container = pod["containers"][0]
        (key,) = (one["value"] for one in container["env"] if one["name"] == PUBLIC_KEY)
        mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
        assert mounts[os.path.dirname(key)]["readOnly"], place  # noqa: PTH120 - a path of the pod


def test_what_validation_chose_reaches_those_who_act_on_it_wherever_weights_are_not_random(configured, pods):
    """A checkpoint is edited with its own steps and guidance, and its masks are cut at its own thresholds."""
    server = pods["model-server"]
    folders = {variable["name"]: variable["value"] for variable in server["containers"][0]["env"]}
    (weights,) = (volume for volume in server["volumes"] if volume["name"] == "models")
    expected = {
        "editing": {"sampling": ("EDIT_MODEL_DIR", "sampling.json")},
        "segmentation": {
            "thresholds": ("SEGMENT_MODEL_DIR", "thresholds.json"),
            "config": ("SEGMENT_MODEL_DIR", "config.json"),
        },
    }
    for service, files in expected.items():
        pod, _, _, own = configured[service]
        if "image" not in weights:
            assert not any(getattr(own, setting) for setting in files), service
            continue
        assert weights in pod["volumes"], f"{service} takes the advice of another checkpoint"
        (mount,) = (one for one in pod["containers"][0]["volumeMounts"] if one["name"] == "models")
        assert mount["readOnly"], service
        for setting, (folder, name) in files.items():
            assert str(getattr(own, setting)) == f"{folders[folder]}/{name}"
            assert folders[folder].startswith(f"{mount['mountPath']}/")


def test_the_files_that_tell_what_validation_chose_are_of_a_checkpoint(root):
    """The embedded weights are laid out as the artifact is."""
    for name in ("edit/sampling.json", "segment/thresholds.json", "segment/config.json"):
        assert (root / "deploy/models/mini" / name).is_file(), name


def test_one_line_of_the_overlay_names_the_checkpoint(root, render, tmp_path):
    """For all who mount it: an image volume is rewritten as an image is."""
    for place in ("staging", "production"):
        folder = tmp_path / place
        folder.mkdir()
        overlay = os.path.relpath(root / "deploy/overlays" / place, folder)
        digest = f"sha256:{'1' * 64}"
        images = [{"name": "langdesign/models", "digest": digest}]
        (folder / "kustomization.yaml").write_text(yaml.safe_dump({"resources": [overlay], "images": images}))
        references = {
            volume["image"]["reference"]
            for one in render(folder)
            if one["kind"] in {"Deployment", "StatefulSet"}
            for volume in one["spec"]["template"]["spec"]["volumes"]
            if "image" in volume
        }
        assert references == {f"langdesign/models@{digest}"}


def test_the_gpu_component_names_a_configuration_that_every_model_has(pods, root):
    for argument in pods["model-server"]["containers"][0].get("args", ()):
        name = argument.removeprefix("--model-config-name=")
        for model in (root / "services/model_server/model_repository").iterdir():
            assert (model / "configs" / f"{name}.pbtxt").is_file(), (
                f"{model.name} has no configs/{name}.pbtxt"
            )


def test_random_weights_are_written_by_modules_of_the_model_servers_image_to_where_its_models_look(pods):
    server = pods["model-server"]
    variables = server["containers"][0]["env"]
    folders = {variable["value"] for variable in variables if variable["name"].endswith("_MODEL_DIR")}
    for container in server.get("initContainers", ()):
        (script,) = container["args"]
        written = re.findall(r"python -m (\S+) --size tiny (\S+)", script)
        assert {folder for _, folder in written} == folders
        for module, _ in written:
            assert importlib.util.find_spec(module), module
