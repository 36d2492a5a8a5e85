"""What stages write into blocks: samples as made, and notes on them by those that judge."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langdesign_triples import Triple
from langdesign_triples.triple import from_fields

from ..samples import KEPT, Sample

_Part = bytes | None


@dataclass(frozen=True)
class Note:
    """What a stage says of one sample."""

    key: str
    scores: Mapping[str, float] = field(default_factory=dict)  # by gate; finite
    models: Mapping[str, str] = field(default_factory=dict)  # role -> "name@sha256:..."
    verdict: str = KEPT  # or the gate that drops it
    reason: str = ""  # a sentence, of a dropped one
    mask: bytes | None = None  # 1-bit PNG: where a change may lie


def noted(sample: Sample, notes: Iterable[Note]) -> Sample:
    """Return a sample with what stages say of it; the first that drops it decides."""
    for note in notes:
        sample = dataclasses.replace(
            sample,
            scores={**sample.scores, **note.scores},
            models={**sample.models, **note.models},
            mask=note.mask or sample.mask,
            verdict=sample.verdict if not sample.kept else note.verdict,
            reason=sample.reason if not sample.kept else note.reason,
        )
    return sample


def pack_samples(samples: Sequence[Sample]) -> bytes:
    """Return samples as the body of a block."""
    return _pack(
        [(_told(one, "before", "after", "mask"), (one.before, one.after, one.mask)) for one in samples]
    )


def unpack_samples(body: bytes) -> list[Sample]:
    """Return the samples of a block's body."""
    return [
        Sample(
            triple=from_fields(told.pop("triple")),
            before=before or b"",
            after=after or b"",
            mask=mask,
            **told,
        )
        for told, (before, after, mask) in _unpack(body)
    ]


def pack_notes(notes: Sequence[Note]) -> bytes:
    """Return notes as the body of a block."""
    return _pack([(_told(one, "mask"), (one.mask,)) for one in notes])


def unpack_notes(body: bytes) -> list[Note]:
    """Return the notes of a block's body."""
    return [Note(mask=mask, **told) for told, (mask,) in _unpack(body)]


def _told(one: Sample | Note, *left_out: str) -> dict[str, Any]:
    """Return an object's fields as JSON holds them, but for its pictures."""
    fields = {
        each.name: getattr(one, each.name) for each in dataclasses.fields(one) if each.name not in left_out
    }
    return {
        name: dataclasses.asdict(value)
        if isinstance(value, Triple)
        else dict(value)
        if isinstance(value, Mapping)
        else value
        for name, value in fields.items()
    }


def _pack(rows: Sequence[tuple[dict[str, Any], tuple[_Part, ...]]]) -> bytes:
    listed = [
        {"told": told, "sizes": [None if part is None else len(part) for part in parts]}
        for told, parts in rows
    ]
    head = json.dumps(listed, separators=(",", ":"), sort_keys=True).encode()
    return b"\n".join([head, b"".join(part for _, parts in rows for part in parts if part is not None)])


def _unpack(body: bytes) -> list[tuple[dict[str, Any], list[_Part]]]:
    head, _, data = body.partition(b"\n")
    rows, place = [], 0
    for row in json.loads(head):
        parts: list[_Part] = []
        for size in row["sizes"]:
            parts.append(None if size is None else data[place : place + size])
            place += size or 0
        rows.append((row["told"], parts))
    return rows
