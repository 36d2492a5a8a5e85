"""Small artifacts of the true layout, keys, and a registry whose tables are made once."""

import json
import shutil
import struct
from pathlib import Path

import pytest
from langdesign_registry import Provenance, Registry, create_keys, package, sign

SET = "sha256:" + "5" * 64
BASE = "edit@sha256:" + "b" * 64


def safetensors(values: bytes) -> bytes:
    """Return a file of one tensor."""
    header = json.dumps(
        {"w": {"dtype": "U8", "shape": [len(values)], "data_offsets": [0, len(values)]}}
    ).encode()
    return struct.pack("<Q", len(header)) + header + values


def interval(mean, half=0.01):
    return {"mean": mean, "low": mean - half, "high": mean + half}


def evaluation(
    clip_dir=0.2,
    outside_psnr=40.0,
    false_edit_rate=0.1,
    *,
    base=BASE,
    tuned="t",
    cases=SET,
    half=0.01,
    counts=(208, 120),
):
    """Return an evaluation against a base of 0.1 / 40 / 0.1, whose intervals are `half` wide to each side.

    `counts` are the numbers of edits and of no-ops.
    """
    values = {"clip_dir": (0.1, clip_dir, "higher"), "outside_psnr": (40.0, outside_psnr, "higher")}
    values["false_edit_rate"] = (0.1, false_edit_rate, "lower")
    metrics = {
        name: {
            "better": better,
            "identity": interval(0.0, 0.0),
            "base": interval(before, 2 * half),
            "tuned": interval(after, 2 * half),
            "difference": interval(after - before, half),
        }
        for name, (before, after, better) in values.items()
    }
    models = {"identity": "", "base": base, "tuned": f"model@sha256:{tuned * 64}"}
    counted = {"digest": cases, "cases": counts[0], "no_ops": counts[1]}
    return {"format": "langdesign-evaluation/1", "set": counted, "models": models, "metrics": metrics}


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    return create_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def parts(tmp_path):
    """Folders `edit` and `segment`, as training leaves them."""
    for name, files in {
        "edit": {"model_index.json": b"{}", "sampling.json": b'{"steps": 20}', "unet/config.json": b"{}"},
        "segment": {"config.json": b"{}", "thresholds.json": b'{"no_target": 0.5}', "vocab.txt": b"[PAD]\n"},
    }.items():
        for file, content in files.items():
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_bytes(content)
    (tmp_path / "edit" / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(safetensors(b"\1\2\3"))
    (tmp_path / "segment" / "model.safetensors").write_bytes(safetensors(b"\4\5"))
    return tmp_path


@pytest.fixture
def pack(parts, keys):
    """Return a function that makes a signed artifact; equal arguments make equal ones."""

    def make(name="artifact", *, weights=b"\1\2\3", judged=None, signed=True, model="interior"):
        (parts / "edit/unet/diffusion_pytorch_model.safetensors").write_bytes(safetensors(weights))
        path = parts / "evaluation.json"
        path.write_text(json.dumps(judged or evaluation()))
        out = parts / "made" / name
        provenance = Provenance(
            model=model, dataset_digest=SET, recipe="interior-mini@sha256:1", code_version="1.0", base=BASE
        )
        package(parts / "edit", parts / "segment", path, f"# {model}: edits rooms\n", provenance, out)
        if signed:
            sign(out, keys.private)
        return out

    return make


@pytest.fixture
def registry(tmp_path, empty_registry, keys):
    shutil.copytree(empty_registry, tmp_path / "data" / "registry")
    return Registry(f"sqlite:///{tmp_path / 'data/registry/mlflow.db'}", keys.public)


def changed(path: Path) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
