"""A version goes to the model server as an image, the next one takes its place, and the first comes back."""

import asyncio
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import yaml
from langdesign_chassis.testing import serving
from langdesign_client import AsyncClient, Box, Connection, EditOptions
from langdesign_client.edits import Preview
from langdesign_command.local.testing import free_ports, start_triton
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_editing.settings import EditingSettings
from langdesign_editing.wiring import SERVICE, register
from langdesign_registry import Provenance, Registry, create_keys, package, sign, verify
from langdesign_registry.testing import Distribution
from PIL import Image

MODELS = Path(__file__).parents[2] / "services/model_server/model_repository"
STEPS = {1: 2, 2: 3}
"""What each version's `sampling.json` advises."""


@pytest.fixture
def keys(tmp_path):
    return create_keys(tmp_path / "data/keys")


@pytest.fixture
def registry(tmp_path, empty_registry, keys):
    """A registry with two signed versions of random weights, each with advice of its own."""
    shutil.copytree(empty_registry, tmp_path / "data/registry")
    registry = Registry(f"sqlite:///{tmp_path / 'data/registry/mlflow.db'}")
    for number, steps in STEPS.items():
        edit, made = tmp_path / f"edit-{number}", tmp_path / f"artifact-{number}"
        random_checkpoint("tiny", seed=number).save(edit)
        (edit / "sampling.json").write_text(json.dumps({"steps": steps}))
        package(edit, None, None, "# interior\n", Provenance(model="interior"), made)
        sign(made, keys.private)
        registry.register(made, "interior")
    return registry


@pytest.fixture
def command(registry):
    """Return a function that runs the registry's program and returns what it prints."""

    def run(*arguments):
        program = [sys.executable, "-m", "langdesign_registry", *map(str, arguments)]
        environment = {**os.environ, "LANGDESIGN_REGISTRY": registry.uri}
        done = subprocess.run(program, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def unpacked_by_skopeo(image, folder):
    """Return a folder with an image's files as another program unpacks them, as a node does for a volume."""
    assert shutil.which("skopeo"), "skopeo is not installed (Debian: apt-get install skopeo)"
    layout = folder.with_name(f"{folder.name}-layout")
    copy = ["skopeo", "copy", "--quiet", "--preserve-digests", "--src-tls-verify=false"]
    subprocess.run([*copy, f"docker://{image}", f"oci:{layout}"], check=True)
    (found,) = json.loads((layout / "index.json").read_bytes())["manifests"]
    assert found["digest"] == image.partition("@")[2]
    manifest = json.loads((layout / "blobs" / found["digest"].replace(":", "/")).read_bytes())
    for layer in manifest["layers"]:
        with tarfile.open(layout / "blobs" / layer["digest"].replace(":", "/")) as archive:
            archive.extractall(folder, filter="data")
    return folder


def files(folder):
    """Return the content of every file below a folder."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def what_a_pod_gets(component):
    """Return the image and the model server's variables that a written component deploys."""
    told = yaml.safe_load((component / "kustomization.yaml").read_text())
    (image,) = told["images"]
    added = yaml.safe_load(told["patches"][0]["patch"])
    return f"{image['newName']}@{image['digest']}", {
        one["value"]["name"]: one["value"]["value"] for one in added
    }


@asynccontextmanager
async def deployed(tmp_path, component, key):
    """A client of editing and a model server, both on the artifact that the component's image holds."""
    image, variables = what_a_pod_gets(component)
    files = tmp_path / image.rpartition(":")[2]
    if not files.exists():
        unpacked_by_skopeo(image, files)
    environment = {**variables, "EDIT_MODEL_DIR": str(files / "edit"), "MODEL_PUBLIC_KEY": str(key)}
    folder = tmp_path / f"triton-{len(list(tmp_path.glob('triton-*')))}"
    server = start_triton(folder, [MODELS / "edit"], environment, ports=free_ports())
    try:
        await asyncio.to_thread(server.wait_until_ready)
        settings = EditingSettings(
            triton_addr=server.address, sampling=str(files / "edit/sampling.json"), decoders=1
        )

        async def add(grpc_server, runtime):
            await register(grpc_server, runtime, settings)

        async with (
            serving(add, SERVICE) as served,
            AsyncClient(Connection(addresses={"editing": served.address})) as caller,
        ):
            yield caller
    finally:
        server.close()


async def edited(caller):
    """Return the checkpoint that an edit names, and the steps that it took."""
    picture = io.BytesIO()
    Image.fromarray(np.full((32, 32, 3), 120, np.uint8)).save(picture, "PNG")
    asked = {"region": Box(4, 4, 20, 20), "options": EditOptions(preview_every=1), "timeout": 60}
    events = [event async for event in caller.edit(picture.getvalue(), "make it red", **asked)]
    (steps,) = {event.steps for event in events if isinstance(event, Preview)}
    return events[-1].checkpoint.rpartition("@")[0], steps


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_rollout_and_the_way_back_with_a_real_registry_of_images(command, keys, tmp_path, figure):
    (tmp_path / "images").mkdir()
    component, seen = tmp_path / "overlay/weights", []
    with Distribution(tmp_path / "images").serving() as images:
        committed = {}
        for number in STEPS:
            version, repository = f"models/interior@{number}", f"{images.address}/langdesign/models"
            image = command("push", version, repository, "--plain-http", "--component", component).strip()
            committed[number] = (component / "kustomization.yaml").read_text()
            command("pull", image, tmp_path / f"pulled-{number}", "--public-key", keys.public, "--plain-http")
            by_skopeo = unpacked_by_skopeo(image, tmp_path / image.rpartition(":")[2])
            assert verify(by_skopeo, public_key=keys.public, digest=None).signed_by
            for one in (tmp_path / f"artifact-{number}", tmp_path / f"pulled-{number}"):
                assert files(one) == files(by_skopeo)
        for number in (1, 2, 1):
            (component / "kustomization.yaml").write_text(committed[number])
            async with deployed(tmp_path, component, keys.public) as caller:
                seen.append(await edited(caller))
    figure(f"weights as images: rolled out, on and back: {', '.join(name for name, _ in seen)}")
    assert seen == [("interior@1", 2), ("interior@2", 3), ("interior@1", 2)]
