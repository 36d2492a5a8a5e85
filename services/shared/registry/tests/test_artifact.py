"""What is packaged, and what is refused."""

import json
import pickle

import pytest
from langdesign_registry import (
    InvalidArtifact,
    InvalidMetrics,
    Provenance,
    UnsafeFile,
    package,
    read_manifest,
    verify,
    write_manifest,
)

from .conftest import SET, evaluation, safetensors


def test_an_artifact_tells_what_it_holds_where_it_comes_from_and_how_good_it_is(pack):
    folder = pack()
    manifest = read_manifest(folder)
    assert {name.split("/")[0] for name in manifest.files} == {
        "edit",
        "segment",
        "evaluation.json",
        "README.md",
    }
    assert "edit/sampling.json" in manifest.files
    assert "segment/thresholds.json" in manifest.files
    assert manifest.provenance.dataset_digest == SET
    assert manifest.provenance.metrics == {"clip_dir": 0.2, "false_edit_rate": 0.1, "outside_psnr": 40.0}
    assert json.loads((folder / "manifest.json").read_text())["format"] == "langdesign-artifact/1"


def test_equal_work_has_an_equal_digest_and_other_weights_another(pack):
    one, same, other = pack("one"), pack("same"), pack("other", weights=b"\1\2\4")
    digests = [read_manifest(folder).digest for folder in (one, same, other)]
    assert digests[0] == digests[1] != digests[2]
    assert digests[0].startswith("sha256:")
    assert (one / "model.sig").read_bytes() != (same / "model.sig").read_bytes(), "signatures have a salt"


def test_packaging_copies_what_a_link_points_at(parts, pack):
    weights = parts / "segment" / "model.safetensors"
    weights.rename(parts / "cached")
    weights.symlink_to(parts / "cached")
    copied = pack() / "segment" / "model.safetensors"
    assert not copied.is_symlink()
    assert copied.read_bytes() == (parts / "cached").read_bytes()


def test_a_link_to_nothing_is_named(parts, pack):
    (parts / "segment" / "vocab.txt").unlink()
    (parts / "segment" / "vocab.txt").symlink_to(parts / "gone")
    with pytest.raises(InvalidArtifact, match=r"segment/vocab\.txt cannot be copied"):
        pack()
    assert not (parts / "made" / "artifact").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pytorch_model.bin", pickle.dumps({})),
        ("model.ckpt", b"PK\3\4"),
        ("weights.pt", b""),
        ("model.safetensors", pickle.dumps({"w": 1})),
        ("model.safetensors", b"PK\3\4" + bytes(60)),
        ("model.safetensors", safetensors(b"\1")[:20]),
        ("config.json", pickle.dumps({"w": 1})),
        ("config.json", b"{"),
        ("words.txt", b"\x80\4K\1."),
        ("example.png", b"\xff\xd8\xff\xe0"),
        ("example.jpg", pickle.dumps(1)),
        ("modeling.py", b"import os"),
        ("no-suffix", b"x"),
    ],
)
def test_a_file_that_could_run_code_or_is_not_what_its_name_says_is_refused_by_name(
    parts, pack, name, content
):
    (parts / "edit" / "unet" / name).write_bytes(content)
    with pytest.raises(UnsafeFile, match=rf"edit/unet/{name}.*;") as refusal:
        pack()
    assert str(parts) not in str(refusal.value)


def test_a_metric_that_is_no_finite_number_is_refused_before_anything_is_written(parts, pack):
    judged = evaluation()
    judged["metrics"]["clip_dir"]["tuned"]["high"] = float("inf")
    with pytest.raises(InvalidMetrics, match=r"clip_dir \(tuned, high\) is inf"):
        pack(judged=judged)
    with pytest.raises(InvalidMetrics, match="gain is nan"):
        write_manifest(parts / "edit", Provenance(model="x", metrics={"gain": float("nan")}))


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"format": "other/1"}', b"\xff", b'{"metrics": {}}'])
def test_an_evaluation_that_cannot_be_read_is_refused(parts, content):
    (parts / "evaluation.json").write_bytes(content)
    with pytest.raises(InvalidMetrics, match=r"evaluate the model anew|this version reads"):
        package(parts / "edit", None, parts / "evaluation.json", "", Provenance(model="x"), parts / "out")


def test_packaging_again_replaces_an_artifact_and_nothing_else(parts, pack):
    digest = read_manifest(pack(weights=b"\1")).digest
    folder = pack(weights=b"\2")
    assert read_manifest(folder).digest != digest
    (parts / "made" / "home").mkdir()
    (parts / "made" / "home" / "letters.txt").write_text("dear")
    with pytest.raises(InvalidArtifact, match="home holds something else"):
        pack("home")
    assert (parts / "made" / "home" / "letters.txt").read_text() == "dear"


def test_what_an_interrupted_packaging_left_is_no_artifact_and_in_nobodys_way(parts, pack):
    (parts / "made" / "artifact.unfinished" / "edit").mkdir(parents=True)
    (parts / "made" / "artifact.unfinished" / "edit" / "half.bin").write_bytes(b"\x80")
    assert verify(pack(), public_key=None, digest=None).manifest.files
    assert sorted(path.name for path in (parts / "made").iterdir()) == ["artifact"]


def test_an_editor_alone_makes_an_artifact_too(parts):
    manifest = package(parts / "edit", None, None, "# A\n", Provenance(model="a"), parts / "out")
    assert not any(name.startswith("segment/") for name in manifest.files)
    with pytest.raises(InvalidArtifact, match="no folder nowhere"):
        package(parts / "nowhere", None, None, "# A\n", Provenance(model="a"), parts / "out")
