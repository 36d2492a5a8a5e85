"""The manifests render offline and are valid for Kubernetes and for the operators that they use."""

import json

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft202012Validator

KUBERNETES = "1.37"
CUSTOM = {"ScaledObject", "PodMonitor", "PrometheusRule"}


def test_every_core_object_is_valid(manifests):
    core = [one for one in manifests if one["kind"] not in CUSTOM]
    for one in core:
        kubernetes_validate.validate(one, KUBERNETES, strict=True)
    assert len(core) > 20


def test_every_custom_object_is_valid(manifests, schemas):
    for one in (one for one in manifests if one["kind"] in CUSTOM):
        group, version = one["apiVersion"].split("/")
        schema = json.loads((schemas / "crds" / group / f"{one['kind'].lower()}_{version}.json").read_text())
        errors = [error.message for error in Draft202012Validator(schema).iter_errors(one)]
        assert not errors, f"{one['kind']} {one['metadata']['name']}: {errors}"


def test_a_wrong_field_is_noticed(manifests):
    deployment = json.loads(json.dumps(next(one for one in manifests if one["kind"] == "Deployment")))
    deployment["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, KUBERNETES, strict=True)


def test_every_component_is_used_by_an_overlay(root):
    used = set()
    # Of overlays, and of components that are made of others.
    for file in (root / "deploy").glob("*/*/kustomization.yaml"):
        for component in yaml.safe_load(file.read_text()).get("components", ()):
            used.add((file.parent / component).resolve().name)
    assert used == {path.name for path in (root / "deploy/components").iterdir()}


def test_every_service_has_a_workload_a_service_a_disruption_budget_and_an_account(manifests, services):
    named = {(one["kind"], one["metadata"]["name"]) for one in manifests}
    for service in (*services, "model-server", "gateway"):
        assert {("Deployment", service), ("StatefulSet", service)} & named, f"{service} has no workload"
        for kind in ("Service", "PodDisruptionBudget", "ServiceAccount"):
            assert (kind, service) in named, f"{service} has no {kind}"


def test_every_object_is_in_the_one_namespace(manifests):
    for one in manifests:
        namespace = one["metadata"]["name" if one["kind"] == "Namespace" else "namespace"]
        assert namespace == "langdesign", f"{one['kind']} {one['metadata']['name']}"


def test_a_change_of_settings_is_a_rollout(manifests):
    """Names of ConfigMaps carry a digest of their content, so that pods with old settings are replaced."""
    names = {one["metadata"]["name"] for one in manifests if one["kind"] == "ConfigMap"}
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
