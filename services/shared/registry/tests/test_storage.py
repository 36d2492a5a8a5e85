"""A tracking server's artifact store, by MLflow's own client; here its store is a folder."""

import pytest
from langdesign_registry import NotFound, read_manifest, verify
from langdesign_registry.storage import TrackingStorage

from .conftest import changed


@pytest.fixture
def kept(registry, pack, tmp_path):
    """An artifact in the artifact store of an MLflow run: storage, address, digest."""
    client = registry._store.client
    storage = TrackingStorage(client, registry.uri)
    experiment = client.create_experiment("models/interior", artifact_location=(tmp_path / "runs").as_uri())
    folder = pack()
    digest = read_manifest(folder).digest
    return storage, storage.put(folder, digest, client.create_run(experiment).info.run_id), digest


def test_what_is_uploaded_comes_back_whole(kept, keys, tmp_path):
    storage, source, digest = kept
    storage.get(source, digest, tmp_path / "interior@1")
    verify(tmp_path / "interior@1", public_key=keys.public, digest=digest)
    assert not list(tmp_path.glob(".unfinished*"))


def test_what_is_damaged_is_not_held_and_is_put_anew(kept, pack, keys, tmp_path):
    storage, source, digest = kept
    assert storage.holds(source, digest, keys.public)
    assert not storage.holds(source, "sha256:" + "0" * 64, keys.public)
    assert not storage.holds(f"{source}/elsewhere", digest, keys.public)
    (weights,) = (tmp_path / "runs").rglob("diffusion_pytorch_model.safetensors")
    changed(weights)
    assert not storage.holds(source, digest, keys.public)
    run = weights.relative_to(tmp_path / "runs").parts[0]
    assert storage.put(pack("again"), digest, run) == source
    assert storage.holds(source, digest, keys.public)


def test_one_file_is_read_without_the_others(kept, tmp_path):
    storage, source, digest = kept
    assert b"langdesign-evaluation/1" in storage.read(source, digest, "evaluation.json")
    assert storage.read(source, digest, "nothing.json") is None


def test_files_that_are_gone_are_named_so(kept, tmp_path):
    storage, source, digest = kept
    with pytest.raises(NotFound, match="are gone from the tracking server"):
        storage.get(f"{source}/elsewhere", digest, tmp_path / "interior@1")
    assert not (tmp_path / "interior@1").exists()
