"""Where a written set keeps what.

    SET/dataset.json           format, digest, counts, recipe, models, licences
    SET/index.parquet          a row a sample: everything but its pictures, and where those lie; the truth
    SET/shards/000000.tar      WebDataset: KEY.{after,before}.png, KEY.json, KEY.mask.png; sorted by key
    SET/failures/              the same layout for what gates dropped, with their reasons

Every sample has the same members, and KEY.json the same names with the same types, since readers go by the
first samples of a shard; a mask that is unknown is white, and `has_mask` false.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

FORMAT = "langdesign-dataset/1"
MANIFEST = "dataset.json"
INDEX = "index.parquet"
SHARDS = "shards"
FAILURES = "failures"


def shard_name(number: int) -> str:
    """Return the path of a shard in its set."""
    return f"{SHARDS}/{number:06d}.tar"


def pack(key: str, members: Mapping[str, bytes]) -> bytes:
    """Return files of one sample as a piece of a tar archive; equal files give equal bytes.

    Args:
        key: of the sample.
        members: bytes by extension, such as "before.png".

    """
    stream = io.BytesIO()
    for extension, data in sorted(members.items()):
        head = tarfile.TarInfo(f"{key}.{extension}")  # its time and owner are 0 and nobody
        head.size = len(data)
        stream.write(head.tobuf(tarfile.USTAR_FORMAT))
        stream.write(data)
        stream.write(bytes(-len(data) % tarfile.BLOCKSIZE))
    return stream.getvalue()


def unpack(piece: bytes) -> dict[str, bytes]:
    """Return the files that `pack` packed, by extension.

    Raises:
        tarfile.TarError: the piece is no part of an archive.

    """
    with tarfile.open(fileobj=io.BytesIO(piece), mode="r:") as archive:
        members = {info.name.partition(".")[2]: archive.extractfile(info) for info in archive}
        return {extension: file.read() for extension, file in members.items() if file}


END = bytes(2 * tarfile.BLOCKSIZE)  # closes an archive


def digest_of(keys: Iterable[str], digests: Iterable[str]) -> str:
    """Return the digest of a set: that of its samples, however they are cut into shards."""
    told = hashlib.sha256(FORMAT.encode())
    for key, digest in zip(keys, digests, strict=True):
        told.update(f"\n{key} {digest}".encode())
    return f"sha256:{told.hexdigest()}"


def file_digest(path: Path) -> str:
    """Return the digest of a file, "sha256:...".

    Raises:
        OSError: it cannot be read.

    """
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Write JSON for people: indented, sorted, the same for equal values."""
    path.write_text(json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n", "utf-8")
