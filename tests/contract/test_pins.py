"""The base images are pinned by digest: all of them, or none where a registry does not answer."""

import hashlib
import re
import shutil
import subprocess
import sys

import pytest

RECIPES = (
    "services/Dockerfile",
    "services/model_server/Dockerfile",
    "deploy/gateway/Dockerfile",
    "training/Dockerfile",
    "clients/Dockerfile",
)


def test_every_base_is_pinned_by_the_digest_of_its_tag_and_the_same_in_every_recipe(root, tool, tmp_path):
    pin = tool("pin")
    assert set(pin.DOCKERFILES) == set(RECIPES)
    for name in RECIPES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, tmp_path / name)

    def digest(image):
        return f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"

    tags = pin.bases(root)
    assert {image.rpartition("/")[2].partition(":")[0] for image in tags} == {
        "python", "tritonserver", "node", "envoy",
    }  # fmt: skip
    pin.pin(tmp_path, digest)
    for name in RECIPES:
        bases = re.findall(r"^ARG \w+_IMAGE=(.+)$", (tmp_path / name).read_text(), re.MULTILINE)
        assert bases == [f"{one.partition('@')[0]}@{digest(one.partition('@')[0])}" for one in bases]
    assert pin.pin(tmp_path, digest) == []
    newer = pin.pin(tmp_path, lambda image: digest(f"{image} of tomorrow"))
    assert len(newer) == sum((root / name).read_text().count("_IMAGE=") for name in RECIPES)
    assert pin.bases(tmp_path) == tags
    with pytest.raises(pin.PinError, match="is no digest"):
        pin.pin(tmp_path, lambda _: "latest")


@pytest.fixture
def pin_images(root, tmp_path):
    """Runs the program that pins, over copies of the recipes and a skopeo; returns what came, and they."""
    checkout, folder = tmp_path / "checkout", tmp_path / "bin"
    folder.mkdir()
    shutil.copytree(root / "deploy/images", checkout / "deploy/images")
    for name in RECIPES:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, checkout / name)

    def run(skopeo):
        if skopeo is not None:
            (folder / "skopeo").write_text(f"#!/bin/sh\n{skopeo}\n")
            (folder / "skopeo").chmod(0o755)
        done = subprocess.run(
            [sys.executable, checkout / "deploy/images/pin.py"],
            env={"PATH": f"{folder}:/bin"} if skopeo is not None else {"PATH": str(folder)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done, {name: (checkout / name).read_text() for name in RECIPES}

    return run


ANSWERS = "echo sha256:" + "ab" * 32
NO_ANSWER = "echo 'time=now level=info' >&2; echo 'pinging container registry: no such host' >&2; exit 1"


@pytest.mark.parametrize(
    ("skopeo", "told"),
    [
        (NO_ANSWER, "nvcr.io/nvidia/tritonserver:25.12-py3: pinging container registry: no such host"),
        # All but one registry can be reached.
        (
            f'case "$*" in *nvcr.io*) {NO_ANSWER} ;; esac; {ANSWERS}',
            "nvcr.io/nvidia/tritonserver:25.12-py3: pinging",
        ),
        ("echo latest", "'latest' is no digest"),
        ("exit 3", "skopeo ended with 3"),
        (None, "skopeo is not installed"),
    ],
)
def test_no_recipe_changes_where_a_registry_does_not_answer(pin_images, root, skopeo, told):
    done, recipes = pin_images(skopeo)
    assert done.returncode == 1
    assert "no file was changed; run it where docker.io, nvcr.io can be reached" in done.stderr
    assert told in done.stderr
    assert recipes == {name: (root / name).read_text() for name in RECIPES}


def test_every_recipe_is_pinned_where_the_registries_answer(pin_images):
    done, recipes = pin_images(ANSWERS)
    assert done.returncode == 0, done.stderr
    for text in recipes.values():
        pins = re.findall(r"^ARG \w+_IMAGE=\S+@(\S+)$", text, re.MULTILINE)
        assert pins
        assert set(pins) == {"sha256:" + "ab" * 32}
        assert len(pins) == text.count("_IMAGE=")
