"""The manifests render offline and are valid for Kubernetes and for the operators that they use."""

import copy
import functools
import json
from collections import Counter
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft202012Validator
from kubernetes_validate import utils

KUBERNETES = "1.37"
CUSTOM = Path(__file__).resolve().parents[2] / "deploy/schemas"
NEEDS = {
    "autoscaling": ("monitoring",),
    "mlflow": ("kuberay",),
    "vllm": ("language-model",),
    "minio": ("object-store",),
}
"""Components that are of use beside others alone."""
COMPONENTS = sorted(path.name for path in (CUSTOM.parent / "components").iterdir())
BY_SYSTEM = {"kube-root-ca.crt", "default"}
MADE_BY_HAND = {
    "local-issuer",
    "model-signing",
}  # ConfigMaps that overlays' comments, or a script, tell to make


@pytest.fixture(autouse=True, scope="module")
def read_once():
    """The validator reads its schemas, megabytes of them, for each object."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utils, "schema_contents", functools.cache(utils.schema_contents))
        yield


@functools.cache
def schema_of(kind, version):
    """The schema of a custom kind, closed to fields that it does not name; None where there is none."""
    group, _, number = version.rpartition("/")
    file = CUSTOM / group / f"{kind.lower()}_{number}.json"
    return closed(json.loads(file.read_text())) if file.is_file() else None


def closed(schema):
    """A copy of a schema that refuses unknown fields: an API server would drop them without a word."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    copied = {name: closed(one) for name, one in schema.items()}
    named = isinstance(copied.get("properties"), dict) and copied.get("type") == "object"
    if (
        named
        and "additionalProperties" not in copied
        and not schema.get("x-kubernetes-preserve-unknown-fields")
    ):
        # What every object has is of Kubernetes' own schema.
        free = "metadata" in copied["properties"] and copied["properties"]["metadata"] == {"type": "object"}
        copied["additionalProperties"] = False
        if free:
            copied["properties"]["metadata"] = {}
    return copied


def problems(one):
    """What is wrong with an object, by the schema of its kind. There has to be one."""
    custom = schema_of(one["kind"], one["apiVersion"])
    if custom is not None:
        return [error.message for error in Draft202012Validator(custom).iter_errors(one)]
    try:
        kubernetes_validate.validate(one, KUBERNETES, strict=True)
    except kubernetes_validate.SchemaNotFoundError:
        return [
            f"nothing knows the kind {one['kind']} of {one['apiVersion']}: add its schema to deploy/schemas"
        ]
    except kubernetes_validate.ValidationError as error:
        return [error.message]
    return []


def test_every_object_is_valid_by_the_schema_of_its_kind(manifests):
    found = {f"{one['kind']} {one['metadata']['name']}": problems(one) for one in manifests}
    assert not {name: wrong for name, wrong in found.items() if wrong}


@pytest.mark.parametrize("component", COMPONENTS)
def test_every_component_renders_upon_the_base_and_is_valid(component, combine):
    parts = [f"components/{one}" for one in (*NEEDS.get(component, ()), component)]
    before = combine("base", *parts[:-1])
    changed = [one for one in combine("base", *parts) if one not in before]
    assert changed, "it changes nothing"
    assert not {one["metadata"]["name"]: wrong for one in changed if (wrong := problems(one))}


@pytest.mark.parametrize(
    "kind",
    ["Deployment", "ScaledObject", "PodMonitor", "PrometheusRule", "Certificate", "Gateway", "GRPCRoute"],
)
def test_a_wrong_field_is_noticed_in_every_kind(kind, combine):
    objects = combine("overlays/production")
    one = copy.deepcopy(next(one for one in objects if one["kind"] == kind))
    assert not problems(one)
    one["spec"]["replicaz"] = 1
    assert problems(one)


def test_a_kind_without_a_schema_is_noticed():
    assert problems({"apiVersion": "example.com/v1", "kind": "Unheard", "metadata": {"name": "x"}})


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
