"""Images of artifacts, pushed to and pulled from a registry by its distribution API."""

import json
import socket

import pytest
from langdesign_registry import (
    InvalidArtifact,
    InvalidName,
    NotFound,
    RegistryUnavailable,
    Tampered,
    WrongKey,
)
from langdesign_registry.image import image_of, write_image
from langdesign_registry.image_registry import ImageRegistry
from langdesign_registry.testing import PASSWORD, Distribution, KeptImages

from .conftest import create_keys


@pytest.fixture(params=["here", pytest.param("distribution", marks=pytest.mark.long)])
def store(request, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    (tmp_path / "store").mkdir()
    with (KeptImages() if request.param == "here" else Distribution(tmp_path / "store")).serving() as serving:
        yield serving


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    with KeptImages().serving() as serving:
        yield serving


def images(store):
    return ImageRegistry(f"{store.address}/langdesign/models", plain_http=True)


def pushed(store, pack, tmp_path, number=1, **options):
    layout = tmp_path / f"layout{number}"
    write_image(pack(f"a{number}", **options), layout, f"interior@{number}")
    return layout, images(store).push(layout, f"interior-{number}")


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_pushed_comes_back_byte_for_byte_and_signed(store, pack, keys, tmp_path):
    layout, digest = pushed(store, pack, tmp_path)
    assert digest == image_of(layout)[0].digest
    pulled = images(store).pull(digest, tmp_path / "pulled", keys.public)
    assert pulled.version == "interior@1"
    assert pulled.verified.signed_by
    assert files(tmp_path / "pulled") == files(tmp_path / "made/a1")


def test_a_damaged_layer_is_refused_and_nothing_of_it_stays(store, pack, keys, tmp_path):
    layout, digest = pushed(store, pack, tmp_path)
    store.damage(image_of(layout)[1]["layers"][1]["digest"])
    with pytest.raises(Tampered, match="is not what the registry says"):
        images(store).pull(digest, tmp_path / "pulled", keys.public)
    assert not list((tmp_path / "pulled").iterdir())


def test_another_image_under_the_same_name_is_refused(here, pack, tmp_path):
    _, digest = pushed(here, pack, tmp_path)
    _, other = pushed(here, pack, tmp_path, 2, weights=b"\7")
    here.manifests[digest] = here.manifests[other]
    with pytest.raises(Tampered, match="is not sha256:"):
        images(here).pull(digest, tmp_path / "pulled")


def test_an_image_that_somebody_else_signed_is_refused(store, pack, tmp_path):
    _, digest = pushed(store, pack, tmp_path)
    with pytest.raises(WrongKey):
        images(store).pull(digest, tmp_path / "pulled", create_keys(tmp_path / "others").public)
    assert not list((tmp_path / "pulled").iterdir())


def test_a_pull_that_was_killed_is_begun_anew_and_another_version_takes_its_place(
    store, pack, keys, tmp_path
):
    _, first = pushed(store, pack, tmp_path)
    _, second = pushed(store, pack, tmp_path, 2, weights=b"\7")
    to = tmp_path / "volume"
    for left in (to / ".unfinished/edit", to / "segment"):
        left.mkdir(parents=True)
        (left / "config.json").write_text("half of it")
    for digest, made in ((first, "a1"), (second, "a2"), (first, "a1")):
        images(store).pull(digest, to, keys.public)
        assert files(to) == files(tmp_path / "made" / made)


def test_what_the_registry_has_already_is_not_uploaded_again(here, pack, tmp_path):
    layout, digest = pushed(here, pack, tmp_path)
    before = here.uploads
    assert images(here).push(layout, "interior-1") == digest
    assert here.uploads == before
    pushed(here, pack, tmp_path, 2, weights=b"\7")
    assert here.uploads == before + 3  # the configuration, the weights, and the manifest with its signature


def test_who_is_logged_in_is_let_in_and_who_is_not_is_told(here, pack, keys, tmp_path):
    here.closed = True
    with pytest.raises(RegistryUnavailable, match="docker login"):
        pushed(here, pack, tmp_path)
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/config.json").write_text(json.dumps({"auths": {here.address: {"auth": PASSWORD}}}))
    _, digest = pushed(here, pack, tmp_path)
    assert images(here).pull(digest, tmp_path / "pulled", keys.public).version == "interior@1"


def test_a_registry_that_is_not_there_is_told_at_once(pack, tmp_path):
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        here = f"127.0.0.1:{unheard.getsockname()[1]}/models"
        write_image(pack(), tmp_path / "layout", "interior@1")
        with pytest.raises(RegistryUnavailable, match="cannot be reached"):
            ImageRegistry(here, plain_http=True).push(tmp_path / "layout", "interior-1")


def test_wrong_names_folders_and_digests_are_told(here, tmp_path):
    for name in (
        "models",
        "registry.example.com",
        "registry.example.com/models:1",
        "a.example/models@sha256:1",
    ):
        with pytest.raises(InvalidName, match="no repository of images"):
            ImageRegistry(name)
    with pytest.raises(NotFound, match="has no image"):
        images(here).pull("sha256:" + "0" * 64, tmp_path / "pulled")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("keep")
    with pytest.raises(InvalidArtifact, match="something else"):
        images(here).pull("sha256:" + "0" * 64, tmp_path / "mine")
    assert (tmp_path / "mine/notes.txt").read_text() == "keep"
