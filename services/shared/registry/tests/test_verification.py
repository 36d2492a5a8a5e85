"""What passes for the artifact that was signed, and what does not."""

import base64
import json
import os
import shutil
import stat

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from langdesign_registry import (
    InvalidArtifact,
    InvalidKey,
    InvalidName,
    Provenance,
    Tampered,
    UnsafeFile,
    Unsigned,
    WrongDigest,
    WrongKey,
    create_keys,
    key_digest,
    read_manifest,
    sign,
    verify,
    verify_checkpoint,
    write_manifest,
)

from .conftest import changed, safetensors

OTHER = "sha256:" + "0" * 64


def test_what_was_signed_passes_and_says_who_signed_it(pack, keys):
    folder = pack()
    verified = verify(folder, public_key=keys.public, digest=read_manifest(folder).digest)
    assert verified.signed_by == key_digest(keys.public)
    assert verify(folder, public_key=None, digest=None).signed_by == ""


def _add(folder):
    (folder / "edit" / "extra.json").write_text("{}")


def _hide(folder):
    (folder / ".git").mkdir()
    (folder / ".git" / "config.txt").write_text("what the signing library passes over by itself")


def _remove(folder):
    (folder / "segment" / "thresholds.json").unlink()


def _rename(folder):
    (folder / "segment" / "thresholds.json").rename(folder / "segment" / "limits.json")


def _swap(folder):
    """Exchange two files of one size."""
    one, other = folder / "edit" / "model_index.json", folder / "segment" / "config.json"
    one.write_text("{}")
    other.write_text("[]")


def _grow(folder):
    with (folder / "segment" / "vocab.txt").open("a") as file:
        file.write("[UNK]\n")


@pytest.mark.parametrize("attack", [_add, _hide, _remove, _rename, _swap, _grow])
@pytest.mark.parametrize("asked", [True, False])
def test_a_folder_with_other_files_is_refused_with_and_without_a_key(pack, keys, attack, asked):
    folder = pack()
    attack(folder)
    with pytest.raises(Tampered, match="fetch the artifact anew") as refusal:
        verify(folder, public_key=keys.public if asked else None, digest=None)
    assert str(folder) not in str(refusal.value)


@pytest.mark.parametrize(
    "name",
    ["edit/unet/diffusion_pytorch_model.safetensors", "segment/vocab.txt", "evaluation.json", "README.md"],
)
def test_one_changed_bit_of_any_file_is_found_and_the_file_named(pack, keys, name):
    folder = pack()
    changed(folder / name)
    with pytest.raises(Tampered, match=name):
        verify(folder, public_key=keys.public, digest=None)


def test_a_manifest_written_anew_over_changed_files_needs_a_new_signature(pack, keys):
    folder = pack()
    signature = (folder / "model.sig").read_bytes()
    (folder / "edit/unet/diffusion_pytorch_model.safetensors").write_bytes(safetensors(b"evil"))
    write_manifest(folder, Provenance(model="interior"))
    verify(folder, public_key=None, digest=None)
    with pytest.raises(Unsigned):
        verify(folder, public_key=keys.public, digest=None)
    (folder / "model.sig").write_bytes(signature)
    with pytest.raises(Tampered, match="does not hold for these files"):
        verify(folder, public_key=keys.public, digest=None)


def test_another_artifacts_signature_does_not_hold(pack, keys):
    one, other = pack("one"), pack("other", weights=b"\7\7\7")
    shutil.copyfile(other / "model.sig", one / "model.sig")
    with pytest.raises(Tampered, match="does not hold"):
        verify(one, public_key=keys.public, digest=None)


def test_another_key_is_not_trusted_whatever_the_signature_says_of_itself(pack, keys, tmp_path):
    folder, stranger = pack(signed=False), create_keys(tmp_path / "stranger")
    sign(folder, stranger.private)
    with pytest.raises(WrongKey, match=key_digest(stranger.public)):
        verify(folder, public_key=keys.public, digest=None)
    bundle = json.loads((folder / "model.sig").read_text())
    bundle["verificationMaterial"]["publicKey"]["hint"] = key_digest(keys.public).removeprefix("sha256:")
    (folder / "model.sig").write_text(json.dumps(bundle))
    with pytest.raises(Tampered, match="does not hold"):
        verify(folder, public_key=keys.public, digest=None)


def test_a_changed_statement_does_not_hold(pack, keys):
    folder = pack()
    changed(folder / "segment" / "vocab.txt")
    write_manifest(folder, Provenance(model="interior"))
    manifest = read_manifest(folder)
    honest = pack("honest")
    bundle = json.loads((honest / "model.sig").read_text())
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    for resource in statement["predicate"]["resources"]:
        if resource["name"] in manifest.files:
            resource["digest"] = manifest.files[resource["name"]].sha256
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    (folder / "model.sig").write_text(json.dumps(bundle))
    with pytest.raises(Tampered, match="does not hold"):
        verify(folder, public_key=keys.public, digest=None)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"verificationMaterial": null}'])
def test_what_is_no_signature_does_not_hold(pack, keys, content):
    folder = pack(signed=False)
    (folder / "model.sig").write_bytes(content)
    with pytest.raises(Tampered, match=r"model\.sig"):
        verify(folder, public_key=keys.public, digest=None)


def test_an_unsigned_artifact_is_refused_where_a_key_is_asked_for(pack, keys):
    with pytest.raises(Unsigned, match=r"no model\.sig; sign it"):
        verify(pack(signed=False), public_key=keys.public, digest=None)


def test_another_digest_is_refused(pack):
    with pytest.raises(WrongDigest, match=OTHER):
        verify(pack(), public_key=None, digest=OTHER)


def test_a_link_in_place_of_a_file_is_refused_though_its_content_fits(pack, keys, tmp_path):
    folder = pack()
    for place in (folder / "segment" / "vocab.txt", folder / "edit"):
        outside = tmp_path / f"outside-{place.name}"
        place.rename(outside)
        place.symlink_to(outside)
        with pytest.raises(UnsafeFile, match="is a link"):
            verify(folder, public_key=keys.public, digest=None)
        place.unlink()
        outside.rename(place)


def test_a_pipe_in_place_of_a_file_is_refused_and_not_waited_for(pack, keys):
    folder = pack()
    (folder / "README.md").unlink()
    os.mkfifo(folder / "README.md")
    with pytest.raises(UnsafeFile, match="neither a file nor a folder"):
        verify(folder, public_key=keys.public, digest=None)


def test_a_signed_pickle_is_refused_all_the_same(pack, keys):
    folder = pack(signed=False)
    manifest = json.loads((folder / "manifest.json").read_text())
    weights = folder / "edit/unet/diffusion_pytorch_model.safetensors"
    manifest["files"]["edit/unet/model.bin"] = manifest["files"].pop(weights.relative_to(folder).as_posix())
    weights.rename(weights.with_name("model.bin"))
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    sign(folder, keys.private)
    with pytest.raises(UnsafeFile, match=r"model\.bin is a pickle"):
        verify(folder, public_key=keys.public, digest=None)


@pytest.mark.parametrize("name", ["../outside.json", "/etc/hosts.json", "a//b.json", "model.sig", "./a.json"])
def test_a_manifest_that_points_outside_is_refused(pack, name):
    folder = pack(signed=False)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = {"sha256": "0" * 64, "size": 1}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    with pytest.raises(InvalidArtifact, match="package the model anew"):
        verify(folder, public_key=None, digest=None)


def test_a_manifest_with_something_more_in_it_is_refused(pack):
    folder = pack(signed=False)
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace("{", '{\n "note": 1,', 1))
    with pytest.raises(Tampered, match="not as packaging wrote it"):
        verify(folder, public_key=None, digest=None)


def test_keys_are_made_once_and_only_their_owner_reads_the_private_one(tmp_path):
    keys = create_keys(tmp_path / "keys")
    private = keys.private.read_bytes()
    assert stat.S_IMODE(keys.private.stat().st_mode) == 0o600
    keys.public.unlink()
    assert create_keys(tmp_path / "keys") == keys
    assert keys.private.read_bytes() == private
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["private.pem", "public.pem"]


def test_a_key_of_another_kind_is_refused(pack, tmp_path):
    folder = pack(signed=False)
    key = rsa.generate_private_key(65537, 2048)
    (tmp_path / "rsa.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "noise.pem").write_text("noise")
    for name, told in {
        "rsa.pem": "no elliptic-curve key",
        "noise.pem": "plain PEM",
        "gone.pem": "plain PEM",
    }.items():
        with pytest.raises(InvalidKey, match=told):
            sign(folder, tmp_path / name)
    with pytest.raises(InvalidKey, match="give a PEM file"):
        verify(pack("signed"), public_key=tmp_path / "noise.pem", digest=None)
    assert not (folder / "model.sig").exists()


def test_a_server_loads_a_bare_folder_as_it_is_and_an_artifact_only_whole(parts, pack, keys):
    folder = pack()
    assert verify_checkpoint(parts / "edit", {}) == ""
    assert verify_checkpoint(folder / "edit", {}) == ""
    digest = read_manifest(folder).digest
    demanded = {"MODEL_PUBLIC_KEY": str(keys.public), "MODEL_DIGEST": digest, "MODEL_VERSION": "interior@3"}
    assert verify_checkpoint(folder / "segment", demanded) == "interior@3"
    changed(folder / "segment" / "vocab.txt")
    with pytest.raises(Tampered):
        verify_checkpoint(folder / "edit", {})


@pytest.mark.parametrize(
    ("demanded", "error"),
    [
        ({"MODEL_PUBLIC_KEY": "KEY"}, Unsigned),
        ({"MODEL_DIGEST": OTHER}, WrongDigest),
        ({"MODEL_VERSION": "wardrobe@3"}, InvalidArtifact),
    ],
)
def test_a_server_refuses_what_it_was_not_told_to_serve(parts, pack, keys, demanded, error):
    told = {name: str(keys.public) if value == "KEY" else value for name, value in demanded.items()}
    with pytest.raises(error):
        verify_checkpoint(pack(signed=False) / "edit", told)
    with pytest.raises(InvalidArtifact, match=r"no manifest\.json, and MODEL_.* or unset that"):
        verify_checkpoint(parts / "edit", told)


@pytest.mark.parametrize(
    ("version", "error", "told"),
    [
        (
            "wardrobe@3",
            InvalidArtifact,
            "set MODEL_VERSION to the version that is served, or serve wardrobe@3",
        ),
        ("interior@champion", InvalidName, "an alias; set it to the version fetched, MODEL@NUMBER"),
        ("interior", InvalidName, "MODEL_VERSION is 'interior', which is no version; set it to MODEL@NUMBER"),
    ],
)
def test_a_server_says_what_to_set_where_the_version_is_not_the_one_served(pack, version, error, told):
    with pytest.raises(error, match=told):
        verify_checkpoint(pack() / "edit", {"MODEL_VERSION": version})
    assert verify_checkpoint(pack() / "edit", {"MODEL_VERSION": "models:/interior/3"}) == "interior@3"


def test_a_server_refuses_an_artifact_without_the_part_that_it_serves(pack):
    with pytest.raises(InvalidArtifact, match="no generate/"):
        verify_checkpoint(pack() / "generate", {})
