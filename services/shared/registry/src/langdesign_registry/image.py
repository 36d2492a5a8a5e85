"""An artifact as an OCI image: what a Kubernetes image volume mounts, and any registry keeps.

The image is written as an OCI image layout. Equal artifacts of one version make equal bytes, and so one
digest: layers are plain tar archives (weights do not compress) whose entries have no time and no owner. A
layer holds the files of one folder, so that versions that share their autoencoder share its layer.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from .artifact import MANIFEST, SIGNATURE, read_manifest
from .errors import InvalidArtifact

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
_INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
_CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"

VERSION, DIGEST = "dev.langdesign.version", "dev.langdesign.digest"
"""Annotations of an image: the version's name, `MODEL@VERSION`, and the artifact's digest."""

_MAX_LAYERS = 100  # container runtimes stack 128 at most


@dataclass(frozen=True)
class Blob:
    """A part of an image."""

    digest: str  # "sha256:..."
    size: int  # bytes

    def descriptor(self, media_type: str) -> dict[str, Any]:
        """Return how a manifest names it."""
        return {"mediaType": media_type, "digest": self.digest, "size": self.size}


def write_image(artifact: Path, layout: Path, version: str) -> str:
    """Write an artifact as an OCI image layout, and return the image's digest, `sha256:...`.

    The artifact is taken as it is; verify it first.

    Args:
        artifact: the folder; its files lie at the image's root.
        layout: the new folder; a layout that is there already is replaced.
        version: `MODEL@VERSION`, which the image is annotated with.

    Raises:
        InvalidArtifact: it has no manifest, too many folders, or `layout` holds something else.

    """
    manifest = read_manifest(artifact)
    _check_replaceable(layout)
    unfinished = layout.with_name(f"{layout.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    (unfinished / "blobs" / "sha256").mkdir(parents=True)
    names = [*manifest.files, MANIFEST, *([SIGNATURE] if (artifact / SIGNATURE).is_file() else [])]
    layers = [_write_layer(unfinished, artifact, files) for files in _by_folder(names)]
    config = _write_json(unfinished, _config(layers))
    image = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": config.descriptor(_CONFIG_TYPE),
        "layers": [layer.descriptor(LAYER_TYPE) for layer in layers],
        "annotations": {VERSION: version, DIGEST: manifest.digest},
    }
    written = _write_json(unfinished, image)
    _write_index(unfinished, written)
    shutil.rmtree(layout, ignore_errors=True)
    unfinished.rename(layout)
    return written.digest


def blob_path(layout: Path, digest: str) -> Path:
    """Return where a layout keeps a blob."""
    return layout / "blobs" / digest.replace(":", "/")


def image_of(layout: Path) -> tuple[Blob, Mapping[str, Any]]:
    """Return the image of a layout: its manifest as a blob, and what that says.

    Raises:
        InvalidArtifact: this is no layout of one image.

    """
    try:
        (found,) = json.loads((layout / "index.json").read_bytes())["manifests"]
        blob = Blob(found["digest"], found["size"])
        return blob, json.loads(blob_path(layout, blob.digest).read_bytes())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidArtifact(f"{layout.name} is no OCI layout of one image; write it anew") from error


def _by_folder(names: Iterable[str]) -> list[list[str]]:
    """Return the files folder by folder, those of the root last: they change with every version."""
    folders: dict[str, list[str]] = {}
    for name in sorted(names):
        folders.setdefault(str(PurePosixPath(name).parent), []).append(name)
    if len(folders) > _MAX_LAYERS:
        raise InvalidArtifact(
            f"The artifact has {len(folders)} folders, and an image {_MAX_LAYERS} layers at most"
        )
    return [folders[folder] for folder in sorted(folders, key=lambda one: (one == ".", one))]


class _Hashing:
    """A file that is written and hashed at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.hash, self.size = file, hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        self.hash.update(content)
        self.size += len(content)
        return self._file.write(content)


def _write_layer(layout: Path, artifact: Path, names: Iterable[str]) -> Blob:
    unfinished = layout / "layer"
    with unfinished.open("wb") as file:
        hashing = _Hashing(file)
        with tarfile.open(
            fileobj=cast("IO[bytes]", hashing), mode="w|", format=tarfile.PAX_FORMAT
        ) as archive:
            folders = sorted({folder for name in names for folder in PurePosixPath(name).parents} - {_HERE})
            for folder in folders:
                archive.addfile(_entry(str(folder), tarfile.DIRTYPE, 0))
            for name in names:
                with (artifact / name).open("rb") as content:
                    archive.addfile(_entry(name, tarfile.REGTYPE, (artifact / name).stat().st_size), content)
    blob = Blob(f"sha256:{hashing.hash.hexdigest()}", hashing.size)
    unfinished.rename(blob_path(layout, blob.digest))
    return blob


_HERE = PurePosixPath()


def _entry(name: str, kind: bytes, size: int) -> tarfile.TarInfo:
    """Return an entry that anyone may read, without a time or an owner's name."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.size = kind, size
    entry.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    return entry


def _config(layers: Iterable[Blob]) -> dict[str, Any]:
    # Files alone, for any machine; runtimes want a platform to be named.
    diffs = [layer.digest for layer in layers]
    return {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": diffs},
    }


def _write_json(layout: Path, value: Mapping[str, Any]) -> Blob:
    content = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    blob = Blob(f"sha256:{hashlib.sha256(content).hexdigest()}", len(content))
    blob_path(layout, blob.digest).write_bytes(content)
    return blob


def _write_index(layout: Path, image: Blob) -> None:
    index = {"schemaVersion": 2, "mediaType": _INDEX_TYPE, "manifests": [image.descriptor(MANIFEST_TYPE)]}
    (layout / "index.json").write_text(json.dumps(index, sort_keys=True))
    (layout / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))


def _check_replaceable(layout: Path) -> None:
    if layout.exists() and not (layout / "oci-layout").is_file() and any(layout.iterdir()):
        raise InvalidArtifact(f"{layout.name} holds something else than an OCI layout; choose another folder")
