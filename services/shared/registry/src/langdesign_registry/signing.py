"""Signatures in OpenSSF's model-signing format, by an elliptic-curve key (P-256)."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .artifact import MANIFEST, SIGNATURE, Manifest, read_manifest
from .errors import InvalidKey, Tampered, Unsigned, WrongKey
from .files import sha256

PRIVATE_KEY, PUBLIC_KEY = "private.pem", "public.pem"


@dataclass(frozen=True)
class Keys:
    """PEM files of a pair of keys."""

    private: Path
    public: Path


def create_keys(folder: Path) -> Keys:
    """Return the pair of keys in a folder for local work, and make one where there is none.

    Only its owner may read the private key, which is not encrypted; production signs where its keys are kept.

    Raises:
        InvalidKey: the private key that is there cannot be read.

    """
    keys = Keys(folder / PRIVATE_KEY, folder / PUBLIC_KEY)
    folder.mkdir(parents=True, exist_ok=True)
    if not keys.private.exists():
        with tempfile.TemporaryDirectory(dir=folder) as private:  # only its owner may look into it
            new = Path(private) / PRIVATE_KEY
            new.touch(0o600)
            new.write_bytes(_new_private_key())
            with suppress(FileExistsError):  # another process was first: its key counts
                os.link(new, keys.private)
    if not keys.public.exists():
        _write(keys.public, _public_pem(_read_private(keys.private).public_key()))
    return keys


def sign(folder: Path, private_key: Path) -> None:
    """Sign an artifact: its manifest and every file that it lists; the signature is checked right after.

    Args:
        folder: the artifact; `model.sig` is written into it.
        private_key: PEM file of an elliptic-curve key, not encrypted.

    Raises:
        ArtifactError: the artifact is not whole, or the key cannot be read.

    """
    from model_signing import signing  # noqa: PLC0415 - slow to import

    manifest = read_manifest(folder)
    public = _public_pem(_read_private(private_key).public_key())
    with tempfile.TemporaryDirectory(dir=folder.parent) as beside:
        new, key = Path(beside) / SIGNATURE, Path(beside) / PUBLIC_KEY
        key.write_bytes(public)
        config = signing.Config()  # type: ignore[no-untyped-call] # the library leaves it open
        config.use_elliptic_key_signer(private_key=private_key).set_hashing_config(_hashing())
        config.sign(folder, new)
        check_signature(folder, manifest, key, signature=new)
        new.replace(folder / SIGNATURE)


def check_signature(
    folder: Path, manifest: Manifest, public_key: Path, *, signature: Path | None = None
) -> None:
    """Check that a key signed exactly an artifact's manifest and the files that it lists, as they are now.

    Args:
        folder: the artifact.
        manifest: of the artifact.
        public_key: PEM file.
        signature: its file; None means the artifact's own.

    Raises:
        InvalidKey: the key cannot be read.
        Unsigned: there is no signature.
        WrongKey: it is another key's.
        Tampered: it is none, or covers other files.

    """
    from model_signing import verifying  # noqa: PLC0415 - slow to import

    signature = signature or folder / SIGNATURE
    wanted = key_digest(public_key)
    signer, covered = _read_signature(signature)
    if signer != wanted:
        raise WrongKey(f"{SIGNATURE} is of the key {signer}, not {wanted}; sign it with that one")
    config = verifying.Config()  # type: ignore[no-untyped-call] # the library leaves it open
    config.use_elliptic_key_verifier(public_key=public_key).set_hashing_config(_hashing())
    try:
        config.verify(folder, signature)
    except Exception as error:  # of many kinds; whatever it was, nothing holds
        raise Tampered(f"{SIGNATURE} does not hold for these files; fetch the artifact anew") from error
    listed = {name: file.sha256 for name, file in manifest.files.items()}
    if covered != listed | {MANIFEST: sha256(folder / MANIFEST)}:
        raise Tampered(f"{SIGNATURE} covers other files than the manifest lists; sign the artifact anew")


def key_digest(public_key: Path) -> str:
    """Return the digest of a public key, `sha256:...` of its PEM (SubjectPublicKeyInfo).

    Raises:
        InvalidKey: the key cannot be read, or is on no curve that signatures use.

    """
    return f"sha256:{hashlib.sha256(_public_pem(_read_public(public_key))).hexdigest()}"


def _hashing() -> Any:
    """Return what is hashed: everything but the signature; the library would pass over .git by itself."""
    from model_signing import hashing  # noqa: PLC0415 - slow to import

    config = hashing.Config()  # type: ignore[no-untyped-call] # the library leaves it open
    return config.set_ignored_paths(paths=[SIGNATURE], ignore_git_paths=False)


def _read_signature(path: Path) -> tuple[str, dict[str, str]]:
    """Return the signer's digest and the SHA-256 by file that a signature claims to cover."""
    try:
        bundle: Any = json.loads(path.read_bytes())
        signer = bundle["verificationMaterial"]["publicKey"]["hint"]
        statement: Any = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"], validate=True))
        resources = statement["predicate"]["resources"]
        covered = {one["name"]: one["digest"] for one in resources if one["algorithm"] == "sha256"}
    except FileNotFoundError as error:
        raise Unsigned(f"The artifact has no {SIGNATURE}; sign it, or fetch the signed one") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Tampered(f"{SIGNATURE} is no signature by a key; sign the artifact anew") from error
    if not isinstance(signer, str) or len(covered) != len(resources):
        raise Tampered(f"{SIGNATURE} lists a file twice, or by another hash; sign the artifact anew")
    return f"sha256:{signer}", covered


def _new_private_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _read_private(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise InvalidKey(f"{path.name} is no private key that can be read; give a plain PEM file") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise InvalidKey(
            f"{path.name} is no elliptic-curve key; `python -m langdesign_registry keys` makes one"
        )
    return key


def _read_public(path: Path) -> ec.EllipticCurvePublicKey:
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InvalidKey(f"{path.name} is no public key that can be read; give a PEM file") from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise InvalidKey(f"{path.name} is no elliptic-curve key; give the signer's public key")
    return key


def _public_pem(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
