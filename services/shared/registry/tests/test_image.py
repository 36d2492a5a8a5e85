"""An artifact as an OCI image: the same bytes each time, and the artifact's own files."""

import hashlib
import json
import tarfile

import pytest
from langdesign_registry import InvalidArtifact, read_manifest, verify
from langdesign_registry.image import blob_path, image_of, write_image


def test_the_image_is_that_of_the_artifact_and_unpacks_to_it(pack, keys, tmp_path):
    artifact, layout = pack(), tmp_path / "layout"
    digest = write_image(artifact, layout, "interior@3")
    blob, image = image_of(layout)
    assert blob.digest == digest
    assert image["annotations"] == {
        "dev.langdesign.version": "interior@3",
        "dev.langdesign.digest": read_manifest(artifact).digest,
    }
    for layer in image["layers"]:
        with tarfile.open(blob_path(layout, layer["digest"])) as archive:
            archive.extractall(tmp_path / "root", filter="data")
    assert verify(tmp_path / "root", public_key=keys.public, digest=read_manifest(artifact).digest).signed_by


def test_every_blob_is_what_its_name_says_and_the_layers_are_those_of_the_configuration(pack, tmp_path):
    layout = tmp_path / "layout"
    write_image(pack(), layout, "interior@1")
    for path in (layout / "blobs/sha256").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    _, image = image_of(layout)
    config = json.loads(blob_path(layout, image["config"]["digest"]).read_bytes())
    assert config["rootfs"]["diff_ids"] == [layer["digest"] for layer in image["layers"]]
    held = {image["config"]["digest"], *config["rootfs"]["diff_ids"], image_of(layout)[0].digest}
    assert {f"sha256:{path.name}" for path in (layout / "blobs/sha256").iterdir()} == held


def test_one_version_makes_one_digest_whenever_and_wherever_it_is_written(pack, tmp_path):
    artifact = pack()
    first = write_image(artifact, tmp_path / "one", "interior@1")
    for path in artifact.rglob("*"):
        path.chmod(0o700)
        path.touch()
    (artifact / "edit").rename(artifact / "moved")  # another order of the folder's entries
    (artifact / "moved").rename(artifact / "edit")
    assert write_image(artifact, tmp_path / "two", "interior@1") == first
    assert write_image(artifact, tmp_path / "two", "interior@1") == first
    assert write_image(artifact, tmp_path / "three", "interior@2") != first


def test_versions_share_the_layers_of_what_they_share(pack, tmp_path):
    layers = []
    for number, weights in enumerate((b"\1\2\3", b"\4\5\6")):
        layout = tmp_path / str(number)
        write_image(pack(f"a{number}", weights=weights), layout, f"interior@{number + 1}")
        layers.append([layer["digest"] for layer in image_of(layout)[1]["layers"]])
    assert len(layers[0]) == 4  # edit, edit/unet, segment, and the root
    assert [one == other for one, other in zip(*layers, strict=True)] == [True, False, True, False]


def test_entries_have_no_owner_and_no_time_and_anyone_may_read_them(pack, tmp_path):
    write_image(pack(), tmp_path / "layout", "interior@1")
    for layer in image_of(tmp_path / "layout")[1]["layers"]:
        with tarfile.open(blob_path(tmp_path / "layout", layer["digest"])) as archive:
            for entry in archive:
                assert (entry.uid, entry.gid, entry.uname, entry.gname, entry.mtime) == (0, 0, "", "", 0)
                assert entry.mode == (0o755 if entry.isdir() else 0o644)


def test_a_folder_with_something_else_is_left_alone(pack, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("keep")
    with pytest.raises(InvalidArtifact, match="something else"):
        write_image(pack(), tmp_path / "mine", "interior@1")
    with pytest.raises(InvalidArtifact, match="no OCI layout"):
        image_of(tmp_path / "mine")
    assert (tmp_path / "mine/notes.txt").read_text() == "keep"
