"""The manifest that a run becomes: valid for KubeRay, restricted, and safe whatever a caller sends."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
from jsonschema import Draft202012Validator
from langdesign_training.launching import LaunchRefused
from langdesign_training.launching.rayjob import rayjob
from langdesign_training.settings import KubernetesSettings

SCHEMA = Path(__file__).resolve().parents[4] / "deploy/schemas/ray.io/rayjob_v1.json"
PLAIN = KubernetesSettings()
WHOLE = KubernetesSettings(
    queue="training", workers=3, gpus=1, owner="other", cpu="2500m", memory="64Gi", secret="runs", keys="keys"
)


@pytest.fixture(scope="module")
def validator():
    return Draft202012Validator(closed(json.loads(SCHEMA.read_text())))


def closed(schema):
    """The schema with every object closed: an API server drops unknown fields without a word."""
    if isinstance(schema, dict):
        if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            metadata = {"metadata": {}} if "kind" in schema["properties"] else {}
            schema = schema | {"additionalProperties": False, "properties": schema["properties"] | metadata}
        return {key: closed(value) for key, value in schema.items()}
    return [closed(value) for value in schema] if isinstance(schema, list) else schema


@pytest.fixture
def manifest(make_run):
    def make(settings=WHOLE, **values):
        run = make_run(**values)
        program, options = ("python", "-m", "langdesign_specialise"), ("--models", "/models")
        return rayjob(run, settings, program, "/runs", options, "https://mlflow.example.com")

    return make


@pytest.mark.parametrize("settings", [PLAIN, WHOLE])
def test_it_is_valid_for_kuberay(manifest, validator, settings):
    made = manifest(settings, overrides={"tune.steps": "100"})
    assert not [f"{error.json_path}: {error.message}" for error in validator.iter_errors(made)]
    assert json.loads(json.dumps(made)) == made


def test_a_wrong_field_is_noticed(manifest, validator):
    made = manifest()
    made["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["container"] = []
    assert list(validator.iter_errors(made))


def templates(made):
    cluster = made["spec"]["rayClusterSpec"]
    groups = [cluster["headGroupSpec"], *cluster.get("workerGroupSpecs", [])]
    return [*(group["template"] for group in groups), made["spec"]["submitterPodTemplate"]]


@pytest.mark.parametrize("settings", [PLAIN, WHOLE])
def test_its_pods_are_valid_restricted_and_without_a_token(manifest, settings):
    for template in templates(manifest(settings)):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", **template["metadata"]}}
        kubernetes_validate.validate(pod | {"spec": template["spec"]}, "1.37", strict=True)
        spec = template["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in spec["containers"]:
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert {"cpu", "memory"} <= container["resources"]["limits"].keys()
        assert template["metadata"]["labels"]["app.kubernetes.io/component"] == "run"


def test_what_a_caller_sends_stays_one_word_through_the_shells_of_submitter_and_job(manifest):
    value = "1e-4,a/b:c=d@e%f+g"
    entrypoint = manifest(overrides={"note": value})["spec"]["entrypoint"]
    # The submitter's shell splits it, Ray joins it as for Windows, and the job's shell splits it again.
    words = shlex.split(subprocess.list2cmdline(shlex.split(entrypoint)))
    assert words[:7] == ["python", "-m", "langdesign_specialise", "run", "dataset", "--recipe", "mini"]
    assert words[7:9] == ["--set", f"note={value}"]
    assert words[-3:] == ["--json", "--models", "/models"]


def test_its_program_hears_whose_run_it_is_and_where_its_tenants_runs_share_what_they_have_done(manifest):
    def said(option, **run):
        words = manifest(**run)["spec"]["entrypoint"].split()
        return words[words.index(option) + 1]

    assert said("--run", id="a" * 32) == f"runs/{'a' * 32}"
    assert said("--out", id="a" * 32) == f"/runs/{'a' * 32}/out"
    own, other = said("--stages", tenant="acme"), said("--stages", tenant="../b c")
    assert own == said("--stages", tenant="acme", id="b" * 32) != other
    assert all(re.fullmatch("/runs/tenants/[0-9a-f]{32}", folder) for folder in (own, other))


@pytest.mark.parametrize(
    "value", ["$(id)", "a;id", "`id`", "a b", "a&&id", "a\nid", "'", '"', "a|id", "*", "\\"]
)
def test_what_a_shell_would_not_take_as_it_is_is_refused(manifest, value):
    with pytest.raises(LaunchRefused, match="use letters, digits and"):
        manifest(overrides={"note": value})
    with pytest.raises(LaunchRefused):
        manifest(overrides={f"n{value}": "1"})


def test_it_ends_and_is_removed_by_itself_and_never_retried_by_the_cluster(manifest):
    spec = manifest(KubernetesSettings(lifetime=600, keep=60))["spec"]
    assert (spec["activeDeadlineSeconds"], spec["ttlSecondsAfterFinished"]) == (600, 60)
    assert spec["shutdownAfterJobFinishes"] is True
    assert spec["backoffLimit"] == spec["submitterConfig"]["backoffLimit"] == 0


def test_each_start_of_a_run_has_its_own_name_within_kuberays_limit(manifest):
    names = [manifest(id="f" * 32, interruptions=("x",) * n)["metadata"]["name"] for n in (0, 1, 12)]
    assert len(set(names)) == 3
    assert all(len(name) <= 47 for name in names)


def test_workers_gpus_and_queue_are_as_set(manifest):
    made = manifest(WHOLE)
    (workers,) = made["spec"]["rayClusterSpec"]["workerGroupSpecs"]
    assert (workers["replicas"], workers["minReplicas"], workers["maxReplicas"]) == (3, 3, 3)
    assert workers["template"]["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert made["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "training"
    assert "workerGroupSpecs" not in manifest(PLAIN)["spec"]["rayClusterSpec"]


def ray_container(made):
    (container,) = made["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"]
    return container


@pytest.mark.parametrize(("settings", "cores", "machines"), [(PLAIN, "4", "1"), (WHOLE, "2", "4")])
def test_the_program_hears_where_the_registry_is_and_how_much_there_is_to_work_with(
    manifest, settings, cores, machines
):
    said = {one["name"]: one["value"] for one in ray_container(manifest(settings))["env"]}
    assert said == {
        "LANGDESIGN_REGISTRY": "https://mlflow.example.com",
        "SPECIALISE_WORKERS": cores,
        "SPECIALISE_MACHINES": machines,
        "OMP_NUM_THREADS": cores,
    }


def test_secrets_are_given_to_rays_pods_alone_and_only_as_set(manifest):
    made = manifest(WHOLE)
    assert ray_container(made)["envFrom"] == [{"secretRef": {"name": "runs", "optional": True}}]
    mounts = {one["name"]: one for one in ray_container(made)["volumeMounts"]}
    assert mounts["keys"] == {"name": "keys", "mountPath": "/etc/langdesign/keys", "readOnly": True}
    assert '"secret' not in json.dumps(made["spec"]["submitterPodTemplate"])
    assert '"secret' not in json.dumps(manifest(PLAIN))


def test_kuberay_hears_rays_version_so_that_it_needs_no_tool_in_the_image_to_probe_it(manifest):
    assert manifest(PLAIN)["spec"]["rayClusterSpec"]["rayVersion"] == PLAIN.ray
