"""skaffold.yaml is valid, and builds, deploys and verifies what there is."""

import copy
import json

import kubernetes_validate
import pytest
import typer
import yaml
from jsonschema import Draft7Validator
from langdesign_command.cli.main import app
from langdesign_training.settings import KubernetesSettings

PROFILES = {"cpu": "local", "gpu": "local-gpu", "staging": "staging", "production": "production"}
CLIENT = "langdesign/client"  # what `skaffold verify` edits with; no overlay names it


@pytest.fixture(scope="module")
def skaffold(root):
    return yaml.safe_load((root / "skaffold.yaml").read_text())


@pytest.fixture(params=PROFILES)
def profile(request):
    return request.param


@pytest.fixture
def chosen(skaffold, profile):
    """The configuration as a profile makes it."""
    (own,) = (one for one in skaffold["profiles"] if one["name"] == profile)
    made = copy.deepcopy(skaffold) | {"manifests": own.get("manifests", skaffold["manifests"])}
    for change in own.get("patches", ()):
        patch(made, change)
    return made


def patch(document, change):
    """Apply a change of JSON Patch; what it names has to be there."""
    *way, last = change["path"].strip("/").split("/")
    for step in way:
        document = document[int(step) if isinstance(document, list) else step]
    place = int(last) if isinstance(document, list) and last != "-" else last
    if change["op"] == "add":
        document.append(change["value"]) if last == "-" else document.__setitem__(place, change["value"])
    elif change["op"] == "replace":
        assert document[place] != change["value"], f"{change['path']} is so already"
        document[place] = change["value"]
    else:
        assert change["op"] == "remove"
        del document[place]


@pytest.fixture
def namespace_of(render, root):
    def found(overlay):
        return next(
            one["metadata"]["name"]
            for one in render(root / "deploy/overlays" / overlay)
            if one["kind"] == "Namespace"
        )

    return found


@pytest.fixture(scope="module")
def job(root):
    return yaml.safe_load((root / "deploy/verify/job.yaml").read_text())


def test_it_is_valid_for_its_version(skaffold, schemas):
    validator = Draft7Validator(json.loads((schemas / "skaffold-v4beta13.json").read_text()))
    assert not [error.message for error in validator.iter_errors(skaffold)]
    assert list(validator.iter_errors(skaffold | {"profilez": []})), "the schema accepts anything"


def test_every_service_is_an_artifact_of_the_one_recipe(skaffold, services, root):
    artifacts = {one["image"]: one for one in skaffold["build"]["artifacts"]}
    assert artifacts.keys() == {
        f"langdesign/{stem}" for stem in (*services, "model-server", "gateway", "client")
    }
    for service in services:
        docker = artifacts[f"langdesign/{service}"]["docker"]
        assert docker == {"dockerfile": "services/Dockerfile", "buildArgs": {"SERVICE": service}}
    for artifact in artifacts.values():
        assert (root / artifact["context"] / artifact["docker"]["dockerfile"]).is_file()


def test_the_image_of_runs_is_built_where_runs_are_rayjobs(skaffold, root):
    image = KubernetesSettings().image.partition(":")[0]
    for profile in skaffold["profiles"]:
        (overlay,) = profile.get("manifests", skaffold["manifests"])["kustomize"]["paths"]
        components = yaml.safe_load((root / overlay / "kustomization.yaml").read_text())["components"]
        added = {
            patch["value"]["image"]: patch["value"]
            for patch in profile.get("patches", ())
            if (patch["op"], patch["path"]) == ("add", "/build/artifacts/-")
        }
        expected = {image} if "../../components/kuberay" in components else set()
        assert added.keys() == expected, profile["name"]
        for artifact in added.values():
            assert (root / artifact["context"] / artifact["docker"]["dockerfile"]).is_file()


def test_every_artifact_is_deployed_and_nothing_else(skaffold, manifests):
    deployed = {
        container["image"].partition(":")[0]
        for one in manifests
        if one["kind"] in {"Deployment", "StatefulSet"}
        for container in (
            *one["spec"]["template"]["spec"].get("initContainers", ()),
            *one["spec"]["template"]["spec"]["containers"],
        )
    }
    ours = {image for image in deployed if image.startswith("langdesign/")}
    assert ours == {one["image"] for one in skaffold["build"]["artifacts"]} - {CLIENT}


def test_each_profile_deploys_its_overlay(skaffold, chosen, profile):
    assert [one["name"] for one in skaffold["profiles"]] == list(PROFILES)
    assert chosen["manifests"]["kustomize"]["paths"] == [f"deploy/overlays/{PROFILES[profile]}"]


def test_each_profile_is_valid_for_its_version(chosen, schemas):
    validator = Draft7Validator(json.loads((schemas / "skaffold-v4beta13.json").read_text()))
    assert not [error.message for error in validator.iter_errors(chosen)]


def test_the_local_issuer_makes_its_keys_in_the_namespace_and_is_left_out_where_there_is_a_real_one(
    chosen, profile, namespace_of
):
    hooks = chosen["deploy"]["kubectl"].get("hooks")
    if profile in {"staging", "production"}:
        assert hooks is None
        return
    (command,) = (one["host"]["command"][-1] for one in hooks["before"])
    given = "langdesign" if "--namespace" not in command else command.split("--namespace ")[1].split()[0]
    assert given == namespace_of(PROFILES[profile])


def test_ports_are_forwarded_from_the_profiles_namespace(chosen, profile, namespace_of):
    forwarded = {one["namespace"] for one in chosen.get("portForward", ())}
    assert forwarded == ({namespace_of(PROFILES[profile])} if profile in {"cpu", "gpu"} else set())


def test_a_deployment_is_given_its_time_before_it_counts_as_failed(skaffold):
    assert skaffold["deploy"]["tolerateFailuresUntilDeadline"] is True


def test_verify_edits_in_the_profiles_namespace(chosen, profile, namespace_of, job):
    (case,) = chosen["verify"]
    where = case["executionMode"]["kubernetesCluster"]
    assert json.loads(where["overrides"])["metadata"]["namespace"] == namespace_of(PROFILES[profile])
    (container,) = job["spec"]["template"]["spec"]["containers"]
    # Another name, and skaffold takes nothing of the job's container over.
    assert (case["container"]["name"], case["container"]["image"]) == (container["name"], CLIENT)
    assert case["timeout"] <= job["spec"]["activeDeadlineSeconds"]


def test_verify_calls_the_command_by_options_that_it_has(skaffold, job, root):
    command, *options = skaffold["verify"][0]["container"]["args"]
    known = {name for one in typer.main.get_command(app).commands[command].params for name in one.opts}
    assert {option.partition("=")[0] for option in options} <= known
    variables = {
        one.envvar
        for one in typer.main.get_command(app).params
        if isinstance(getattr(one, "envvar", None), str)
    }
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert {one["name"] for one in container["env"]} <= variables
    (picture,) = (one.partition("=")[2] for one in options if one.startswith("--image="))
    assert f" {picture}\n" in (root / "clients/Dockerfile").read_text()


def test_the_job_of_verify_is_valid_and_may_run_and_call_where_it_has_to(job, manifests):
    kubernetes_validate.validate(job, "1.37", strict=True)
    # skaffold writes into them, and ends with a panic where there are none.
    assert job["metadata"]["labels"]
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    (address,) = (one["value"] for one in container["env"] if one["name"] == "LANGDESIGN_CLIENT_ADDR")
    ports = {
        f"{one['metadata']['name']}:{port['port']}": port
        for one in manifests
        if one["kind"] == "Service"
        for port in one["spec"]["ports"]
    }
    assert ports[address]["appProtocol"] == "kubernetes.io/h2c"
    labels = job["spec"]["template"]["metadata"]["labels"].items()
    chosen = [
        one["spec"]
        for one in manifests
        if one["kind"] == "NetworkPolicy"
        and one["spec"]["podSelector"]
        and one["spec"]["podSelector"]["matchLabels"].items() <= labels
        and one["spec"].get("egress")
    ]
    (policy,) = chosen
    assert policy["egress"][0]["to"][0]["podSelector"]["matchLabels"] == {
        "app.kubernetes.io/component": "gateway"
    }


def test_forwarded_ports_are_ports_of_services(skaffold, manifests):
    ports = {
        (one["metadata"]["name"], port["port"])
        for one in manifests
        if one["kind"] == "Service"
        for port in one["spec"]["ports"]
    }
    assert {(one["resourceName"], one["port"]) for one in skaffold["portForward"]} <= ports
