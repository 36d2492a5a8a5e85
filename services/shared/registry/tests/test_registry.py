"""Versions and aliases in a real MLflow store."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from langdesign_registry import (
    InUse,
    InvalidArtifact,
    NotFound,
    NothingBefore,
    Provenance,
    Registry,
    RegistryUnavailable,
    Tampered,
    Unsigned,
    WrongKey,
    create_keys,
    key_digest,
    read_manifest,
    sign,
    verify,
    write_manifest,
)
from langdesign_registry.storage import LocalStorage

from .conftest import SET, changed, evaluation


@pytest.fixture
def versions(registry, pack):
    """Return a function that registers versions of rising quality."""

    def make(count):
        made = []
        for number in range(count):
            weights, judged = bytes([number]), evaluation(0.2 + 0.1 * number, tuned=str(number))
            folder = pack(f"artifact-{number}", weights=weights, judged=judged)
            made.append(registry.register(folder, "interior"))
        return made

    return make


def test_a_version_tells_where_it_comes_from_and_how_good_it_is(registry, pack, keys):
    folder = pack()
    version = registry.register(folder, "interior", "runs/7")
    assert version.name == "models/interior@1"
    assert version.digest == read_manifest(folder).digest
    assert (version.dataset_digest, version.recipe, version.run) == (SET, "interior-mini@sha256:1", "runs/7")
    assert version.signed_by == key_digest(keys.public)
    assert version.metrics == {"clip_dir": 0.2, "outside_psnr": 40.0, "false_edit_rate": 0.1}
    assert registry.get("models/interior@1") == registry.get("models:/interior/1") == version
    (model,) = registry.list_models()
    assert (model.name, model.description, model.latest_version) == ("interior", "interior: edits rooms", 1)


def test_equal_artifacts_are_one_version_and_an_interrupted_registration_goes_on(registry, pack, monkeypatch):
    made = registry.register(pack("one"), "interior")
    assert registry.register(pack("same"), "interior") == made

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(registry._store.client), "create_model_version", killed)
        with pytest.raises(KeyboardInterrupt):
            registry.register(pack("two", weights=b"\2"), "interior")
    again = registry.register(pack("two again", weights=b"\2"), "interior")
    assert registry.register(pack("two", weights=b"\2"), "interior") == again
    assert [one.version for one in registry.list_versions("interior")] == [2, 1]
    assert again.metrics == made.metrics
    kept = sorted((registry._folder / "artifacts").iterdir())
    assert len(kept) == 2, "equal files are kept once"


def test_versions_are_listed_newest_first_with_the_aliases_that_point_at_them(registry, versions):
    first, second, _ = versions(3)
    registry.set_alias(first.name, "champion")
    registry.set_alias(first.name, "oldest")
    registry.set_alias(second.name, "champion")
    listed = {one.version: one.aliases for one in registry.list_versions("interior")}
    assert list(listed) == [3, 2, 1]
    assert listed == {3: (), 2: ("champion",), 1: ("oldest",)}
    assert registry.get("models/interior@champion") == registry.get(second.name)


def test_what_is_fetched_is_what_was_registered_and_is_verified_again_the_next_time(
    registry, pack, keys, tmp_path
):
    registry.register(pack(), "interior")
    registry.set_alias("models/interior@1", "champion")
    folder = registry.fetch("models:/interior@champion", tmp_path / "served")
    assert folder == tmp_path / "served" / "interior@1"
    verify(folder, public_key=keys.public, digest=registry.get("models/interior@1").digest)
    changed(folder / "README.md")
    with pytest.raises(Tampered):
        registry.fetch("models/interior@1", tmp_path / "served")
    assert list((tmp_path / "served").iterdir()) == [], "what does not hold is not left to be served"
    assert registry.fetch("models/interior@1", tmp_path / "served") == folder


def test_of_processes_that_fetch_at_once_the_later_takes_what_is_there(registry, pack, tmp_path, monkeypatch):
    version, first = registry.register(pack(), "interior"), Registry(registry.uri, registry.public_key)
    get = LocalStorage.get

    def overtaken(self, source, digest, to):
        monkeypatch.undo()
        assert first.fetch(version.name, tmp_path / "served").is_dir()
        get(self, source, digest, to)

    monkeypatch.setattr(LocalStorage, "get", overtaken)
    folder = registry.fetch(version.name, tmp_path / "served")
    assert list((tmp_path / "served").iterdir()) == [folder]


def test_what_was_changed_in_the_registry_arrives_nowhere(registry, pack, tmp_path):
    version = registry.register(pack(), "interior")
    kept = registry._folder / "artifacts" / version.digest.removeprefix("sha256:")
    changed(kept / "segment" / "vocab.txt")
    said = (
        r"keeps of models/interior@1 is damaged \(segment/vocab\.txt .*\); register the intact artifact again"
    )
    with pytest.raises(Tampered, match=said):
        registry.fetch(version.name, tmp_path / "served")
    assert list((tmp_path / "served").iterdir()) == []
    shutil.rmtree(kept)
    with pytest.raises(NotFound, match=r"files of sha256:.* are gone"):
        registry.fetch(version.name, tmp_path / "served")
    assert registry.register(pack("again"), "interior") == version
    assert registry.fetch(version.name, tmp_path / "served").is_dir()


@pytest.mark.parametrize("part", ["segment/vocab.txt", "manifest.json", "model.sig"])
def test_an_intact_artifact_repairs_what_is_kept_of_it(registry, pack, tmp_path, part):
    version = registry.register(pack(), "interior")
    kept = registry._folder / "artifacts" / version.digest.removeprefix("sha256:")
    changed(kept / part)
    assert registry.register(pack("again"), "interior") == version
    fetched = registry.fetch(version.name, tmp_path / "served")
    verify(fetched, public_key=registry.public_key, digest=version.digest)
    assert list(kept.parent.iterdir()) == [kept], "what was damaged is gone"


def test_a_signature_that_comes_later_is_kept_with_its_version(registry, pack, keys, tmp_path):
    bare = registry.register(pack("bare", signed=False), "interior")
    signed = registry.register(pack("signed"), "interior")
    assert (signed.name, bare.signed_by, signed.signed_by) == (bare.name, "", key_digest(keys.public))
    assert registry.get(bare.name) == signed
    assert registry.fetch(bare.name, tmp_path / "served").is_dir()


def test_an_artifact_is_registered_as_the_model_that_it_was_packaged_as(registry, pack):
    with pytest.raises(
        InvalidArtifact, match="packaged as 'interior', not 'wardrobe'; register it as 'interior'"
    ):
        registry.register(pack(), "wardrobe")
    assert registry.list_models() == ()
    assert registry.register(pack(), "models/interior").model == "interior"


def test_what_strangers_signed_is_not_registered_and_what_nobody_signed_is_not_fetched(
    registry, pack, tmp_path
):
    folder = pack("strange", signed=False)
    sign(folder, create_keys(tmp_path / "stranger").private)
    with pytest.raises(WrongKey):
        registry.register(folder, "interior")
    unsigned = registry.register(pack("unsigned", signed=False), "interior")
    assert unsigned.signed_by == ""
    with pytest.raises(Unsigned):
        registry.fetch(unsigned.name, tmp_path / "served")


def test_the_key_beside_a_local_registry_is_the_one_that_counts(registry, keys, tmp_path):
    plain = Registry(registry.uri)
    assert plain.public_key is None
    shutil.copytree(keys.public.parent, tmp_path / "data" / "keys")
    assert plain.public_key == tmp_path / "data" / "keys" / "public.pem"
    assert Registry("http://127.0.0.1:9").public_key is None


@pytest.mark.parametrize("name", ["models/interior@9", "models/interior@gone", "models/nowhere@1"])
def test_what_is_not_there_is_named(registry, versions, name):
    versions(1)
    with pytest.raises(NotFound, match=name):
        registry.get(name)
    with pytest.raises(NotFound):
        registry.list_versions("nowhere")


def test_a_version_that_an_alias_points_at_is_not_deleted(registry, versions):
    first, second = versions(2)
    registry.set_alias(first.name, "champion")
    with pytest.raises(InUse, match="models/interior@1 is champion; point that elsewhere"):
        registry.delete_version(first.name)
    registry.delete_version(second.name)
    assert [one.version for one in registry.list_versions("interior")] == [1]
    registry.delete_alias("models/interior@champion")
    registry.delete_version(first.name)
    assert registry.list_versions("interior") == ()
    assert registry.list_models()[0].latest_version == 0


def test_a_promotion_moves_the_alias_only_where_the_gate_holds(registry, versions, pack):
    first, second = versions(2)
    assert registry.promote(first.name, "champion").promoted
    promotion = registry.promote(second.name, "champion")
    assert (promotion.promoted, promotion.before) == (True, first.name)
    worse = registry.register(
        pack("worse", weights=b"w", judged=evaluation(0.5, 39.0, tuned="8")), "interior"
    )
    refused = registry.promote(worse.name, "champion")
    assert not refused.promoted
    assert [check.metric for check in refused.checks if not check.held] == ["outside_psnr"]
    assert refused.why_not[0].startswith(
        "outside_psnr: the whole interval of the difference has to lie above -0.5 dB"
    )
    assert registry.get("models/interior@champion").version == second.version
    again = registry.promote(second.name, "champion")
    assert (again.promoted, again.before, again.checks) == (True, first.name, promotion.checks)


def test_a_version_that_was_never_judged_is_not_promoted(registry, pack, keys):
    folder = pack()
    (folder / "evaluation.json").unlink()
    write_manifest(folder, Provenance(model="interior"))
    sign(folder, keys.private)
    refused = registry.promote(registry.register(folder, "interior").name, "champion")
    assert not refused.promoted
    assert len(refused.why_not) == 3
    with pytest.raises(NotFound):
        registry.get("models/interior@champion")


def test_an_alias_goes_back_move_by_move_and_forward_again(registry, versions):
    for one in versions(3):
        registry.promote(one.name, "champion")
    assert registry.roll_back("interior", "champion").version == 2
    assert registry.roll_back("models/interior", "champion").version == 1
    with pytest.raises(NothingBefore, match="champion of interior pointed at no other version before"):
        registry.roll_back("interior", "champion")
    assert registry.promote("models/interior@3", "champion").promoted
    assert registry.roll_back("interior", "champion").version == 1
    with pytest.raises(NotFound, match="models/interior@nobody"):
        registry.roll_back("interior", "nobody")


def test_going_back_passes_over_versions_that_are_gone_and_heeds_moves_made_elsewhere(registry, versions):
    for one in versions(4):
        registry.set_alias(one.name, "champion")
    registry.delete_version("models/interior@3")
    assert registry.roll_back("interior", "champion").version == 2
    registry._store.client.set_registered_model_alias("interior", "champion", "4")
    assert registry.roll_back("interior", "champion").version == 2


@pytest.mark.parametrize("step", ["set_registered_model_tag", "set_registered_model_alias"])
@pytest.mark.parametrize("move", ["promote", "roll back"])
def test_a_move_that_is_cut_in_two_has_not_happened_or_has(registry, versions, monkeypatch, step, move):
    first, second, third = versions(3)
    registry.set_alias(first.name, "champion")
    registry.set_alias(second.name, "champion")

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(registry._store.client), step, killed)
        with pytest.raises(KeyboardInterrupt):
            registry.promote(third.name, "champion") if move == "promote" else registry.roll_back(
                "interior", "champion"
            )
    now = registry.get("models/interior@champion").version
    assert now == (1 if (move, step) == ("roll back", "set_registered_model_tag") else 2)
    registry.set_alias(third.name, "champion")
    assert registry.roll_back("interior", "champion").version == now


def test_what_cannot_be_opened_is_told_in_a_line(tmp_path):
    (tmp_path / "mlflow.db").write_bytes(b"no database" * 100)
    with pytest.raises(RegistryUnavailable, match="it is whole and writable"):
        Registry(f"sqlite:///{tmp_path / 'mlflow.db'}").list_models()
    with pytest.raises(RegistryUnavailable, match="write sqlite:///FILE, or http"):
        Registry("mlruns").list_models()
    (tmp_path / "file").touch()
    with pytest.raises(RegistryUnavailable, match="folder cannot be written"):
        Registry(f"sqlite:///{tmp_path / 'file' / 'below' / 'mlflow.db'}").list_models()
    (tmp_path / "occupied" / "registry.lock").mkdir(parents=True)
    with pytest.raises(RegistryUnavailable, match="folder cannot be written"):
        Registry(f"sqlite:///{tmp_path / 'occupied' / 'mlflow.db'}").list_models()


def test_a_server_that_is_not_there_is_told_in_a_line(monkeypatch, unused_tcp_port):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(RegistryUnavailable, match=r"cannot be reached \(ConnectionError\)"):
        Registry(f"http://127.0.0.1:{unused_tcp_port}").list_models()


def test_the_patience_of_a_registry_is_not_that_of_the_process(registry, versions, monkeypatch):
    names = ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "MLFLOW_HTTP_REQUEST_TIMEOUT")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    versions(1)
    told, ask = [], type(registry._store.client).search_registered_models

    def asked(*arguments, **options):
        told.append([os.environ.get(name) for name in names])
        return ask(*arguments, **options)

    monkeypatch.setattr(type(registry._store.client), "search_registered_models", asked)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: registry.list_models(), range(8)))
    assert len(told) >= 8
    assert all(one == ["3", "30"] for one in told)
    assert not any(name in os.environ for name in names)


def test_verifying_needs_no_mlflow():
    program = (
        "import sys, langdesign_registry; sys.exit('mlflow' in sys.modules or 'sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.long
def test_processes_that_register_at_once_make_one_version(registry, pack):
    folder = pack()
    program = (
        "import sys; from pathlib import Path; from langdesign_registry import Registry; "
        "print(Registry(sys.argv[1]).register(Path(sys.argv[2]), 'interior').name)"
    )
    command = [sys.executable, "-c", program, registry.uri, str(folder)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [one.communicate()[0].strip() for one in both] == ["models/interior@1"] * 2
    assert len(registry.list_versions("interior")) == 1


def test_what_is_not_there_is_told_with_what_is(registry, pack):
    with pytest.raises(NotFound, match="there is no model: register interior first"):
        registry.get("interior@1")
    for number in (1, 2):
        registry.register(pack(f"a{number}", weights=bytes([number])), "interior")
    registry.set_alias("models/interior@1", "beta")
    for name in ("interior@champion", "interior@7"):
        with pytest.raises(NotFound, match=rf"{name}; there is @2, @1, @beta; a promotion points"):
            registry.get(name)
    with pytest.raises(NotFound, match="there is interior: register gardens first"):
        registry.get("gardens@champion")
