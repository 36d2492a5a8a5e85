"""The manifests render offline and are valid for Kubernetes and for the operators that they use."""

import copy
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

CUSTOM = Path(__file__).resolve().parents[2] / "deploy/schemas"
NEEDS = {
    "autoscaling": ("monitoring",),
    "mlflow": ("kuberay",),
    "vllm": ("language-model",),
    "minio": ("object-store",),
}
"""Components that are of use beside others alone."""
COMPONENTS = sorted(path.name for path in (CUSTOM.parent / "components").iterdir())
MADE_BY_HAND = {
    "local-issuer",
    "model-signing",
}  # ConfigMaps that overlays' comments, or a script, tell to make


def test_every_object_is_valid_by_the_schema_of_its_kind_and_by_its_values(validate, manifests):
    found = {f"{one['kind']} {one['metadata']['name']}": validate.problems(one) for one in manifests}
    assert not {name: wrong for name, wrong in found.items() if wrong}


@pytest.mark.parametrize("component", COMPONENTS)
def test_every_component_renders_upon_the_base_and_is_valid(validate, component, combine):
    parts = [f"components/{one}" for one in (*NEEDS.get(component, ()), component)]
    before = combine("base", *parts[:-1])
    changed = [one for one in combine("base", *parts) if one not in before]
    assert changed, "it changes nothing"
    assert not {one["metadata"]["name"]: wrong for one in changed if (wrong := validate.problems(one))}


@pytest.mark.parametrize(
    "kind",
    ["Deployment", "ScaledObject", "PodMonitor", "PrometheusRule", "Certificate", "Gateway", "GRPCRoute"],
)
def test_a_wrong_field_is_noticed_in_every_kind(validate, kind, combine):
    objects = combine("overlays/production")
    one = copy.deepcopy(next(one for one in objects if one["kind"] == kind))
    assert not validate.problems(one)
    one["spec"]["replicaz"] = 1
    assert validate.problems(one)


def test_a_kind_without_a_schema_is_noticed(validate):
    unheard = {"apiVersion": "example.com/v1", "kind": "Unheard", "metadata": {"name": "x"}}
    assert "add its schema to deploy/schemas" in validate.problems(unheard)[0]


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("{apiVersion: v1, kind: Namespace, metadata: {name: here}}", 0, "valid: "),
        ("{apiVersion: v1, kind: Namespace, metadata: {name: here}, spek: {}}", 1, "Namespace here: "),
        ("{apiVersion: v1, kind: Namespace, metadata: {name: Not_Here}}", 1, "metadata.name: Not_Here"),
        ("", 1, "it is no list of manifests"),
        ("[1, 2]", 1, "it is no list of manifests"),
        ("a: [", 1, "while parsing a flow"),
        (None, 1, "No such file"),
    ],
)
def test_the_program_says_which_object_of_which_file_is_wrong(validate, tmp_path, text, code, told):
    file = tmp_path / "one.yaml"
    if text is not None:
        file.write_text(text)
    command = [sys.executable, validate.__file__, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert told in done.stdout + done.stderr
    assert str(file) in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_no_schema_lies_about(combine):
    used = {
        f"{one['apiVersion'].rpartition('/')[0]}/{one['kind'].lower()}_{one['apiVersion'].rpartition('/')[2]}.json"
        for overlay in ("production", "staging")
        for one in combine(f"overlays/{overlay}")
    }
    kept = {str(file.relative_to(CUSTOM)) for file in CUSTOM.glob("*/*.json")}
    assert kept - used == {"ray.io/rayjob_v1.json"}, (
        "RayJobs are made at run time, and validated by that service's tests"
    )


def test_every_component_is_used_by_an_overlay_or_tested_with_one(root):
    # Of overlays, and of components that are made of others.
    used = {
        (file.parent / component).resolve().name
        for file in (root / "deploy").glob("*/*/kustomization.yaml")
        for component in yaml.safe_load(file.read_text()).get("components", ())
    }
    assert set(COMPONENTS) - used == {"mig", "pull-secret", "time-slicing"}


def test_every_service_has_a_workload_a_service_a_disruption_budget_and_an_account(
    manifests, workloads, services
):
    named = {(one["kind"], one["metadata"]["name"]) for one in manifests}
    assert workloads.keys() >= {*services, "model-server", "gateway"}
    for workload in workloads:
        for kind in ("Service", "PodDisruptionBudget", "ServiceAccount"):
            assert (kind, workload) in named, f"{workload} has no {kind}"


def test_every_object_is_in_the_one_namespace_of_its_place(manifests, namespace):
    for one in manifests:
        found = one["metadata"]["name" if one["kind"] == "Namespace" else "namespace"]
        assert found == namespace, f"{one['kind']} {one['metadata']['name']}"


def test_places_have_namespaces_of_their_own(combine):
    places = ("local", "local-gpu", "staging", "production")
    names = [
        one["metadata"]["name"]
        for place in places
        for one in combine(f"overlays/{place}")
        if one["kind"] == "Namespace"
    ]
    assert len(set(names)) == len(places)


def test_no_two_objects_are_one(manifests):
    counted = Counter((one["apiVersion"], one["kind"], one["metadata"]["name"]) for one in manifests)
    assert max(counted.values()) == 1


def test_a_change_of_settings_is_a_rollout(manifests):
    """Names of ConfigMaps carry a digest of their content, so that pods with old settings are replaced."""
    names = {
        one["metadata"]["name"]
        for one in manifests
        if one["kind"] == "ConfigMap" and "grafana_dashboard" not in one["metadata"].get("labels", {})
    }
    used = {
        source["configMapRef"]["name"]
        for one in manifests
        if one["kind"] in {"Deployment", "StatefulSet"}
        for container in one["spec"]["template"]["spec"]["containers"]
        for source in container.get("envFrom", ())
        if "configMapRef" in source
    }
    assert used == names
    assert all(len(name.rpartition("-")[2]) == 10 for name in names)


def test_selectors_meet_the_pods_that_they_mean(manifests, workloads):
    labels = {name: one["spec"]["template"]["metadata"]["labels"] for name, one in workloads.items()}
    for one in manifests:
        if one["kind"] in {"Service", "PodDisruptionBudget", "Deployment", "StatefulSet"}:
            selector = one["spec"]["selector"]
            selector = selector.get("matchLabels", selector)
            met = [name for name, pod in labels.items() if selector.items() <= pod.items()]
            assert met == [one["metadata"]["name"]], f"{one['kind']} {one['metadata']['name']} meets {met}"
