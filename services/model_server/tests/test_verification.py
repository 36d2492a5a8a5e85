"""Promise 15: what is not the artifact that was signed never becomes ready, in a real Triton."""

import hashlib
import pickle
import shutil
import time

import pytest
from langdesign_command.local.testing import start_triton
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_registry import Manifest, Provenance, create_keys, package, read_manifest, sign
from langdesign_registry.artifact import File

from .conftest import REPOSITORY

START_TIMEOUT = 150.0  # s
WEIGHTS = "edit/unet/diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return create_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def artifact(tmp_path_factory, keys):
    """A signed artifact with tiny random weights."""
    folder = tmp_path_factory.mktemp("artifact")
    random_checkpoint("tiny").save(folder / "edit")
    package(folder / "edit", None, None, "# interior\n", Provenance(model="interior"), folder / "artifact")
    sign(folder / "artifact", keys.private)
    return folder / "artifact"


def _tamper(folder, _keys):
    content = bytearray((folder / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (folder / WEIGHTS).write_bytes(content)


def _unsign(folder, _keys):
    (folder / "model.sig").unlink()


def _pickle(folder, keys):
    """Put a pickle in place of the weights, list it, and sign all that with the trusted key."""
    content = pickle.dumps({"weights": [1.0]})
    (folder / WEIGHTS).write_bytes(content)
    manifest = read_manifest(folder)
    listed = File(hashlib.sha256(content).hexdigest(), len(content))
    anew = Manifest({**manifest.files, WEIGHTS: listed}, manifest.provenance)
    (folder / "manifest.json").write_bytes(anew.content)
    sign(folder, keys.private)


def _sign_as_stranger(folder, _keys):
    sign(folder, create_keys(folder.parent / "stranger").private)


ATTACKS = {
    "tampered": (_tamper, f"{WEIGHTS} is not the file that the manifest lists"),
    "unsigned": (_unsign, "The artifact has no model.sig"),
    "pickled": (_pickle, f"{WEIGHTS} is not what its name says"),
    "signed by a stranger": (_sign_as_stranger, "model.sig is of the key sha256:"),
}


@pytest.fixture(autouse=True)
def _models_in_their_configurations(monkeypatch):
    monkeypatch.delenv("EDIT_MODEL_DIR", raising=False)


def _start(folder, models, variables):
    """Start Triton on artifacts by model; return its exit code, whether it ever was ready, and its log."""
    for name, artifact in models.items():
        shutil.copytree(REPOSITORY / "edit", folder / name)
        config = folder / name / "config.pbtxt"
        config.write_text(config.read_text().replace("/models/edit", str(artifact / "edit")))
    server = start_triton(folder / "triton", [folder / name for name in models], variables)
    ready, end = False, time.monotonic() + START_TIMEOUT
    try:
        while server.guard.poll() is None and not ready and time.monotonic() < end:
            ready = server.ready()
            time.sleep(0.05)
        server.terminate()
        code = server.guard.wait(30)
    finally:
        server.close()
    return code, ready, server.log.read_text()


@pytest.mark.parametrize(
    "names", [("tampered", "unsigned", "pickled"), pytest.param(tuple(ATTACKS), marks=pytest.mark.long)]
)
def test_what_is_not_the_artifact_that_was_signed_never_becomes_ready(
    tmp_path, artifact, keys, figure, names
):
    for name in names:
        shutil.copytree(artifact, tmp_path / name)
        ATTACKS[name][0](tmp_path / name, keys)
    models = {f"edit_{number}": tmp_path / name for number, name in enumerate(names)}
    code, ready, log = _start(tmp_path / "triton", models, {"MODEL_PUBLIC_KEY": str(keys.public)})
    refused = [name for name in names if ATTACKS[name][1] in log]
    figure(
        f"promise 15: {len(refused)} of {len(names)} checkpoints never became ready: {', '.join(names)}",
        served=len(names) if ready else len(names) - len(refused),
    )
    assert refused == list(names), log[-4000:]
    assert not ready
    assert code != 0


@pytest.mark.long
def test_another_artifact_than_the_one_asked_for_never_becomes_ready(tmp_path, artifact):
    asked = "sha256:" + "0" * 64
    code, ready, log = _start(tmp_path / "triton", {"edit": artifact}, {"MODEL_DIGEST": asked})
    assert f"not {asked}; fetch the one that is meant" in log, log[-4000:]
    assert not ready
    assert code != 0
