"""skaffold.yaml is valid, and builds and deploys what there is."""

import json

import pytest
import yaml
from jsonschema import Draft7Validator
from langdesign_training.settings import KubernetesSettings


@pytest.fixture(scope="module")
def skaffold(root):
    return yaml.safe_load((root / "skaffold.yaml").read_text())


def test_it_is_valid_for_its_version(skaffold, schemas):
    validator = Draft7Validator(json.loads((schemas / "skaffold-v4beta13.json").read_text()))
    assert not [error.message for error in validator.iter_errors(skaffold)]
    assert list(validator.iter_errors(skaffold | {"profilez": []})), "the schema accepts anything"


def test_every_service_is_an_artifact_of_the_one_recipe(skaffold, services, root):
    artifacts = {one["image"]: one for one in skaffold["build"]["artifacts"]}
    assert artifacts.keys() == {f"langdesign/{stem}" for stem in (*services, "model-server", "gateway")}
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
    assert deployed == {one["image"] for one in skaffold["build"]["artifacts"]}


def test_each_profile_deploys_its_overlay(skaffold):
    default = skaffold["manifests"]
    paths = {
        profile["name"]: profile.get("manifests", default)["kustomize"]["paths"]
        for profile in skaffold["profiles"]
    }
    assert paths == {
        "cpu": ["deploy/overlays/local"],
        "gpu": ["deploy/overlays/local-gpu"],
        "staging": ["deploy/overlays/staging"],
        "production": ["deploy/overlays/production"],
    }


def test_the_local_issuer_is_left_out_where_there_is_a_real_one(skaffold):
    patches = {profile["name"]: profile.get("patches", []) for profile in skaffold["profiles"]}
    for name in ("staging", "production"):
        assert {"op": "remove", "path": "/deploy/kubectl/hooks"} in patches[name]


def test_forwarded_ports_are_ports_of_services(skaffold, manifests):
    ports = {
        (one["metadata"]["name"], port["port"])
        for one in manifests
        if one["kind"] == "Service"
        for port in one["spec"]["ports"]
    }
    assert {(one["resourceName"], one["port"]) for one in skaffold["portForward"]} <= ports
