"""Weights on a cluster: one digest for all who use them, another one is a rollout."""

import os

import kubernetes_validate
import pytest
import yaml
from langdesign_registry.overlay import component, write_component

REPOSITORY = "registry.example.com/langdesign/models"
USERS = {"model-server", "editing", "segmentation"}


@pytest.fixture(params=["staging", "production"])
def deployed(request, root, render, tmp_path):
    """Return a function that renders the overlay with a version's component, as pods by workload."""

    def pods(number, *before):
        folder = tmp_path / f"overlay-{number}-{len(before)}"
        digits = str(number) * 64
        text = component(REPOSITORY, f"sha256:{digits}", f"interior@{number}", f"sha256:{digits[::-1]}")
        write_component(folder / "weights", text)
        overlay = os.path.relpath(root / "deploy/overlays" / request.param, folder)
        components = [*(os.path.relpath(root / one, folder) for one in before), "weights"]
        (folder / "kustomization.yaml").write_text(
            yaml.safe_dump({"resources": [overlay], "components": components})
        )
        manifests = render(folder)
        for one in manifests:
            if one["kind"] in {"Deployment", "StatefulSet", "NetworkPolicy"}:
                kubernetes_validate.validate(one, "1.37", strict=True)
        return {
            one["metadata"]["name"]: one["spec"]["template"]
            for one in manifests
            if one["kind"] in {"Deployment", "StatefulSet"}
        }

    return pods


def volume(pod, name):
    (found,) = [one for one in pod["spec"]["volumes"] if one["name"] == name]
    return found


def test_all_who_use_the_weights_have_the_one_image_by_its_digest(deployed):
    pods = deployed(3)
    named = f"{REPOSITORY}@sha256:{'3' * 64}"
    having = {
        name
        for name, pod in pods.items()
        if any(one.get("image", {}).get("reference") == named for one in pod["spec"]["volumes"])
    }
    assert having == USERS
    told = {one["name"]: one.get("value") for one in pods["model-server"]["spec"]["containers"][0]["env"]}
    assert (told["MODEL_VERSION"], told["MODEL_DIGEST"]) == ("interior@3", f"sha256:{'3' * 64}")
    assert told["MODEL_PUBLIC_KEY"]


def test_another_version_rolls_those_out_and_nobody_else_and_the_one_before_is_the_way_back(deployed):
    first, second = deployed(3), deployed(4)
    assert {name for name in first if first[name] != second[name]} == USERS
    assert deployed(3) == first


def test_without_image_volumes_the_same_digest_is_pulled_and_verified_by_an_init_container(deployed):
    pods = deployed(3, "deploy/weights/fetched")
    for name in USERS:
        pod = pods[name]
        assert volume(pod, "models").keys() == {"name", "emptyDir"}
        (init,) = [one for one in pod["spec"]["initContainers"] if one["name"] == "models"]
        assert init["command"][-3:] == ["pull", "$(MODELS)", "/models"]
        field = next(
            one["valueFrom"]["fieldRef"]["fieldPath"] for one in init["env"] if one["name"] == "MODELS"
        )
        annotation = field.removeprefix("metadata.annotations['").removesuffix("']")
        assert pod["metadata"]["annotations"][annotation] == f"{REPOSITORY}@sha256:{'3' * 64}"
        mounted = {one["name"] for one in init["volumeMounts"]}
        assert mounted <= {one["name"] for one in pod["spec"]["volumes"]}
        assert init["image"].partition(":")[0] == "langdesign/training"
        security = init["securityContext"]
        assert security["readOnlyRootFilesystem"]
        assert not security["allowPrivilegeEscalation"]
        assert security["capabilities"]["drop"] == ["ALL"]
