"""Reading a written set: any sample by its place, checked as it is read."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import SampleSetError
from .layout import FAILURES, FORMAT, INDEX, MANIFEST, digest_of, file_digest, unpack
from .rows import PICTURES, sample_of
from .sample import Sample

_TOLD = {"digest", "index", "pictures", "count", "counts", "models", "recipe"}  # by every manifest
_AGAIN = "copy the set again, or build it again (finished stages are kept)"


class SampleSet:
    """The kept samples of a written set, by place; sorted by key.

    Args:
        folder: of the set.

    Raises:
        SampleSetError: there is none, it is of another format, its index is damaged, or a shard is missing or
            cut short.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.manifest = _manifest(self.folder)
        self.table = _index(self.folder, self.manifest)
        self._check_shards()

    @property
    def digest(self) -> str:
        """The digest of its samples, "sha256:...", however they are cut into shards."""
        return str(self.manifest["digest"])

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Keys of the samples, in order."""
        return tuple(self.table["key"].to_pylist())

    def picture_digests(self) -> list[tuple[str, str]]:
        """Return the hexadecimal SHA-256 of each sample's pictures, before and after, as they are encoded.

        Raises:
            SampleSetError: the index does not hold them, as older ones do not, and a shard is damaged.

        """
        if set(PICTURES) <= set(self.table.column_names):
            return list(zip(*(self.table[name].to_pylist() for name in PICTURES), strict=True))
        parts = ((one.before, one.after) for one in self)
        return [(hashlib.sha256(a).hexdigest(), hashlib.sha256(b).hexdigest()) for a, b in parts]

    def failures(self) -> SampleSet:
        """Return what gates dropped, each with its verdict and reason; it may be empty.

        Raises:
            SampleSetError: it is missing or damaged.

        """
        return SampleSet(self.folder / FAILURES)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[Sample]:
        return (self[place] for place in range(len(self)))

    def row(self, place: int) -> Mapping[str, Any]:
        """Return all of a sample but its pictures, by column of the index."""
        if not -len(self) <= place < len(self):
            raise IndexError(f"{self.folder} holds {len(self)} samples, none at {place}")
        row: Mapping[str, Any] = self.table.slice(place % len(self), 1).to_pylist()[0]
        return row

    def __getitem__(self, place: int) -> Sample:
        """Read a sample.

        Raises:
            IndexError: there is none at that place.
            SampleSetError: its shard is damaged.

        """
        row = self.row(place)
        members = self._members(row)
        pictures = self.manifest["pictures"]
        try:
            before, after = (members[f"{name}.{pictures}"] for name in ("before", "after"))
            return sample_of(row, before, after, members["mask.png"])
        except KeyError as error:
            raise _damaged(self.folder / row["shard"], f"sample {row['key']} has no {error}") from error

    def _members(self, row: Mapping[str, Any]) -> dict[str, bytes]:
        path = self.folder / row["shard"]
        try:
            with path.open("rb") as file:
                file.seek(row["offset"])
                piece = file.read(row["size"])
            if hashlib.sha256(piece).hexdigest() != row["digest"]:
                raise _damaged(path, f"sample {row['key']} at byte {row['offset']} is not what was written")
            return unpack(piece)
        except (OSError, tarfile.TarError) as error:
            raise _damaged(path, str(error)) from error

    def _check_shards(self) -> None:
        """Find shards that are missing or cut short before anyone has read half a set."""
        ends: dict[str, int] = {}
        columns = (self.table[name].to_pylist() for name in ("shard", "offset", "size"))
        for shard, offset, size in zip(*columns, strict=True):
            ends[shard] = max(ends.get(shard, 0), offset + size)
        for shard, end in ends.items():
            path = self.folder / shard
            if not path.is_file():
                raise SampleSetError(f"{path} is missing; {_AGAIN}")
            if path.stat().st_size < end:
                raise _damaged(path, f"it ends after {path.stat().st_size} bytes of at least {end}")


def _damaged(path: Path, why: str) -> SampleSetError:
    return SampleSetError(f"{path} is damaged ({why}); {_AGAIN}")


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SampleSetError(f"{folder} holds no data set; build one, or give its folder") from error
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error)) from error
    if not isinstance(manifest, dict):
        raise _damaged(path, "it holds no object")
    if manifest.get("format") != FORMAT:
        raise SampleSetError(
            f"{folder} is of format {manifest.get('format')!r}; this library reads {FORMAT!r}: "
            "build the set again"
        )
    missing = _TOLD - manifest.keys()
    if missing:
        raise _damaged(path, f"it lacks {', '.join(sorted(missing))}")
    return manifest


def _index(folder: Path, manifest: Mapping[str, Any]) -> pa.Table:
    path = folder / INDEX
    try:
        if file_digest(path) != manifest["index"]:
            raise _damaged(path, f"it is not the one that {MANIFEST} names")
        table = pq.read_table(path, partitioning=None)
    except FileNotFoundError as error:
        raise SampleSetError(f"{path} is missing; {_AGAIN}") from error
    except (OSError, pa.ArrowException) as error:
        raise _damaged(path, str(error)) from error
    told = (table[name].to_pylist() for name in ("key", "digest"))
    if table.num_rows != manifest["count"] or digest_of(*told) != manifest["digest"]:
        raise _damaged(folder / MANIFEST, f"it does not fit {INDEX}")
    return table
