"""A checkpoint is known by its content."""

import shutil

from langdesign_diffusion.checkpoint import load_checkpoint
from langdesign_diffusion.fingerprint import fingerprint
from langdesign_diffusion.random_weights import main


def test_equal_files_have_equal_digests_and_a_changed_byte_another(tmp_path):
    main(["--size", "tiny", str(tmp_path / "room")])
    shutil.copytree(tmp_path / "room", tmp_path / "copy")
    name, digest = fingerprint(tmp_path / "room").split("@")
    assert name == "room"
    assert load_checkpoint(tmp_path / "copy").identity == f"copy@{digest}"
    assert load_checkpoint(tmp_path / "copy", name="room@3").identity == f"room@3@{digest}"
    weights = tmp_path / "copy" / "unet" / "diffusion_pytorch_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert fingerprint(tmp_path / "copy").split("@")[1] != digest
