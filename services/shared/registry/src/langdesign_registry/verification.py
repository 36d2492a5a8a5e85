"""Whether an artifact is what it claims to be, before anything of it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .artifact import MANIFEST, SIGNATURE, Manifest, read_manifest
from .errors import Tampered, Unsigned, WrongDigest
from .files import check_kind, list_files, sha256
from .signing import check_signature, key_digest


@dataclass(frozen=True)
class Verified:
    """An artifact that is whole."""

    manifest: Manifest
    digest: str  # "sha256:..." of the artifact
    signed_by: str  # "sha256:..." of the public key whose signature holds; "" where none was asked for


def verify(folder: Path, *, public_key: Path | None, digest: str | None) -> Verified:
    """Check every file of an artifact.

    Args:
        folder: the artifact.
        public_key: PEM file of the key whose signature it must carry; None asks for no signature.
        digest: the digest that it must have, `sha256:...`; None takes any.

    Raises:
        InvalidArtifact: it has no manifest that can be read.
        UnsafeFile: it holds a link, a pickle, or a file that is not what its name says.
        Tampered: a file was changed, added or removed, or the signature covers others.
        WrongDigest: it is another artifact.
        Unsigned, WrongKey, InvalidKey: the signature is missing, is another's, or the key cannot be read.

    """
    names = list_files(folder)
    manifest = read_manifest(folder)
    _check_listed(names, manifest)
    if digest is not None and manifest.digest != digest:
        raise WrongDigest(f"The artifact is {manifest.digest}, not {digest}; fetch the one that is meant")
    if public_key is not None and SIGNATURE not in names:
        raise Unsigned(f"The artifact has no {SIGNATURE}; sign it, or fetch the signed one")
    for name, file in manifest.files.items():
        path = folder / name
        if path.stat().st_size != file.size or sha256(path) != file.sha256:
            raise Tampered(f"{name} is not the file that the manifest lists; fetch the artifact anew")
        check_kind(folder, name)
    if public_key is None:
        return Verified(manifest, manifest.digest, "")
    check_signature(folder, manifest, public_key)
    return Verified(manifest, manifest.digest, key_digest(public_key))


def _check_listed(names: tuple[str, ...], manifest: Manifest) -> None:
    held = set(names) - {MANIFEST, SIGNATURE}
    for name in sorted(held - manifest.files.keys()):
        raise Tampered(f"{name} is not in the manifest; remove it, or fetch the artifact anew")
    for name in sorted(manifest.files.keys() - held):
        raise Tampered(f"{name} is missing; fetch the artifact anew")
