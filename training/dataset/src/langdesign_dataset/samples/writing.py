"""Writing samples: the same samples give the same bytes, in whatever order they come."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import SampleSetError
from .layout import (
    END,
    FAILURES,
    FORMAT,
    INDEX,
    MANIFEST,
    SHARDS,
    digest_of,
    file_digest,
    pack,
    shard_name,
    write_json,
)
from .reading import SampleSet
from .rows import Names, Row, flat, member, row_of, schema
from .sample import KEPT, Sample, encode_mask, picture_format, picture_size

SHARD_BYTES = 256 * 2**20
_PARTIAL = ".partial"


@dataclass(frozen=True)
class _Entry:
    """A sample whose pictures wait in the spool."""

    row: Row
    offset: int  # in the spool
    sizes: tuple[int, int, int]  # bytes of before, after and mask


class SampleWriter:
    """Collects samples, and writes the set when it is closed.

    Pictures wait in a spool on disk until then, since shards are sorted by key. Used as a context manager it
    closes, or discards everything where an error ends it; what stood in the folder before stays until then.

    Args:
        folder: of the set, made if it is missing; a set there is replaced, other files stay.
        recipe: how the samples were made, JSON values; goes into the manifest.
        shard_bytes: a shard ends before it would grow larger.

    Raises:
        SampleSetError: the folder cannot be written.

    """

    def __init__(self, folder: Path, *, recipe: Mapping[str, Any], shard_bytes: int = SHARD_BYTES) -> None:
        self._folder, self._recipe, self._shard_bytes = folder, dict(recipe), shard_bytes
        self._entries: dict[str, _Entry] = {}
        self._pictures = ""  # how pictures are encoded
        self._partial = folder / _PARTIAL
        with _writing(folder):
            shutil.rmtree(self._partial, ignore_errors=True)
            self._partial.mkdir(parents=True)
            self._spool: BinaryIO = (self._partial / "spool").open("w+b")

    def add(self, sample: Sample) -> None:
        """Take a sample, kept or dropped.

        Raises:
            SampleError: its pictures are damaged, lossy or of different sizes.
            SampleSetError: its key was there already, it is encoded otherwise than those before it, or the
                disk is full.

        """
        pictures = picture_format(sample)
        if self._pictures not in {"", pictures}:
            raise SampleSetError(
                f"Sample {sample.key} holds {pictures} among {self._pictures} pictures; "
                "encode all of a set alike"
            )
        if sample.key in self._entries:
            raise SampleSetError(f"Two samples have the key {sample.key}; give each its own seed")
        parts = (sample.before, sample.after, sample.mask or _white(sample))
        with _writing(self._folder):
            offset = self._spool.tell()
            self._spool.writelines(parts)
        before, after, mask = map(len, parts)
        self._entries[sample.key] = _Entry(row_of(sample), offset, (before, after, mask))
        self._pictures = pictures

    def close(self) -> SampleSet:
        """Write the set and return it.

        Raises:
            SampleSetError: no sample was added, or the disk is full.

        """
        if not self._entries:
            self.discard()
            raise SampleSetError(f"No sample was made for {self._folder}; add some before the set is closed")
        names = Names.of(entry.row for entry in self._entries.values())
        with _writing(self._folder):
            dropped = self._write(self._partial / FAILURES, self._of(kept=False), names, None)
            self._write(self._partial, self._of(kept=True), names, dropped)
            self._publish()
        return SampleSet(self._folder)

    def discard(self) -> None:
        """Remove what was collected."""
        self._spool.close()
        shutil.rmtree(self._partial, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind:
            self.discard()
        elif not self._spool.closed:
            self.close()

    def _of(self, *, kept: bool) -> list[_Entry]:
        chosen = (entry for _, entry in sorted(self._entries.items()))
        return [entry for entry in chosen if (entry.row["verdict"] == KEPT) == kept]

    def _write(
        self, folder: Path, entries: Sequence[_Entry], names: Names, failures: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """Write one part of the set and return its manifest."""
        (folder / SHARDS).mkdir(parents=True)
        places = list(self._write_shards(folder, entries))
        rows = [flat(entry.row, names) | place for entry, place in zip(entries, places, strict=True)]
        table = pa.Table.from_pylist(rows, schema(names))
        pq.write_table(table, folder / INDEX, compression="zstd")
        manifest = {
            "format": FORMAT,
            "digest": digest_of((row["key"] for row in rows), (row["digest"] for row in rows)),
            "index": file_digest(folder / INDEX),
            "pictures": self._pictures,
            "count": len(rows),
            "counts": {name: dict(Counter(row[name] for row in rows)) for name in _COUNTED},
            "models": _models(entries),
            "recipe": self._recipe,
        }
        if failures is not None:
            manifest["failures"] = {name: failures[name] for name in ("count", "digest")}
        write_json(folder / MANIFEST, manifest)
        return manifest

    def _write_shards(self, folder: Path, entries: Sequence[_Entry]) -> Iterator[dict[str, Any]]:
        number, size = -1, 0
        file: BinaryIO | None = None
        try:
            for entry in entries:
                members = self._members(entry)
                piece = pack(entry.row["key"], members)
                if file is None or size + len(piece) > self._shard_bytes:
                    _end(file)
                    number, size = number + 1, 0
                    file = (folder / shard_name(number)).open("wb")
                file.write(piece)
                yield {
                    "shard": shard_name(number),
                    "offset": size,
                    "size": len(piece),
                    "digest": hashlib.sha256(piece).hexdigest(),
                    "before_digest": hashlib.sha256(members[f"before.{self._pictures}"]).hexdigest(),
                    "after_digest": hashlib.sha256(members[f"after.{self._pictures}"]).hexdigest(),
                }
                size += len(piece)
        finally:
            _end(file)

    def _members(self, entry: _Entry) -> dict[str, bytes]:
        self._spool.seek(entry.offset)
        before, after, mask = (self._spool.read(size) for size in entry.sizes)
        return {
            f"before.{self._pictures}": before,
            f"after.{self._pictures}": after,
            "mask.png": mask,
            "json": member(entry.row),
        }

    def _publish(self) -> None:
        """Put the new set in the place of the old one; the manifest comes last and makes it valid."""
        (self._folder / MANIFEST).unlink(missing_ok=True)
        for name in (SHARDS, FAILURES, INDEX, MANIFEST):
            place = self._folder / name
            if place.is_dir():
                shutil.rmtree(place)
            (self._partial / name).replace(place)
        self.discard()


_COUNTED = ("change", "source", "subject", "subject_kind", "verdict", "licence")


def _models(entries: Sequence[_Entry]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries:
        for role, model in entry.row["models"].items():
            found.setdefault(role, set()).add(model)
    return {role: sorted(models) for role, models in sorted(found.items())}


def _end(shard: BinaryIO | None) -> None:
    if shard is not None:
        with shard:
            shard.write(END)


def _white(sample: Sample) -> bytes:
    """Return a mask that says "anywhere"."""
    width, height = picture_size(sample)
    return encode_mask(np.ones((height, width), np.bool_))


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SampleSetError(
            f"{folder} cannot be written ({error}); make room there, and write again"
        ) from error


def write_samples(
    folder: Path, samples: Iterable[Sample], *, recipe: Mapping[str, Any], shard_bytes: int = SHARD_BYTES
) -> SampleSet:
    """Write samples, kept and dropped ones, and return the set of the kept; see `SampleWriter`.

    Raises:
        SampleError: a sample's pictures are damaged, lossy or of different sizes.
        SampleSetError: there is no sample, two have one key, or the disk is full.

    """
    with SampleWriter(folder, recipe=recipe, shard_bytes=shard_bytes) as writer:
        for sample in samples:
            writer.add(sample)
        return writer.close()
