"""Samples as rows of an index: one flat column for everything, with types that are written down.

Readers that infer types from the first rows (HF `datasets`) take an integer 0 there for the type of all
scores, and columns of pandas come as `large_string`, which does not concatenate with `string`. So every type
is stated here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
from langdesign_triples import Change, SubjectKind, Triple

from .sample import Sample, picture_size

Row = dict[str, Any]

TRIPLE = ("input", "edit", "output", "change", "subject", "subject_kind", "target_before", "target_after")
PICTURES = ("before_digest", "after_digest")  # sha256 of the pictures as they are encoded
_TOLD = ("verdict", "reason", "licence")
_GROUPS = {
    "models": "model_",
    "parameters": "parameter_",
    "scores": "score_",
}  # field -> prefix of its columns


@dataclass(frozen=True)
class Names:
    """Names that occur in a set, sorted; each becomes a column."""

    models: Sequence[str]
    parameters: Sequence[str]
    scores: Sequence[str]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Names:
        """Collect the names of rows."""
        found: dict[str, set[str]] = {group: set() for group in _GROUPS}
        for row in rows:
            for group in _GROUPS:
                found[group].update(row[group])
        return cls(**{group: sorted(names) for group, names in found.items()})


def row_of(sample: Sample) -> Row:
    """Return all of a sample but its pictures; models, parameters and scores are mappings still."""
    width, height = picture_size(sample)
    return {
        "key": sample.key,
        **{name: str(value) for name, value in asdict(sample.triple).items()},
        "source": sample.source,
        "seed": sample.seed,
        "width": width,
        "height": height,
        "has_mask": sample.mask is not None,
        **{name: getattr(sample, name) for name in _TOLD},
        **{group: dict(getattr(sample, group)) for group in _GROUPS},
    }


def schema(names: Names) -> pa.Schema:
    """Return the types of an index."""
    text, whole, real = pa.string(), pa.int64(), pa.float64()
    kinds = {"models": text, "parameters": real, "scores": real}
    return pa.schema(
        [
            ("key", text),
            *((name, text) for name in TRIPLE),
            ("source", text),
            ("seed", whole),
            ("width", whole),
            ("height", whole),
            ("has_mask", pa.bool_()),
            *((name, text) for name in _TOLD),
            *(
                (prefix + name, kinds[group])
                for group, prefix in _GROUPS.items()
                for name in getattr(names, group)
            ),
            ("shard", text),
            ("offset", whole),  # of its first tar header
            ("size", whole),  # of its members, headers and padding included
            ("digest", text),  # sha256 of those bytes
            *((name, text) for name in PICTURES),
        ]
    )


def flat(row: Row, names: Names) -> Row:
    """Return a row with a column for each name; None where the sample has none."""
    columns = {
        prefix + name: row[group].get(name)
        for group, prefix in _GROUPS.items()
        for name in getattr(names, group)
    }
    return {name: value for name, value in row.items() if name not in _GROUPS} | columns


def member(row: Row) -> bytes:
    """Return a row as the JSON of a shard; mappings, whose names vary between samples, are text in it."""
    told = {name: _stable(value) if name in _GROUPS else value for name, value in row.items()}
    return _stable(told).encode()


def _stable(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def sample_of(columns: Mapping[str, Any], before: bytes, after: bytes, mask: bytes | None) -> Sample:
    """Return the sample of a row of an index."""
    groups: dict[str, dict[str, Any]] = {
        group: {
            name.removeprefix(prefix): value
            for name, value in columns.items()
            if name.startswith(prefix) and value is not None
        }
        for group, prefix in _GROUPS.items()
    }
    verdict, reason, licence = (columns[name] for name in _TOLD)
    return Sample(
        key=columns["key"],
        triple=triple_of(columns),
        before=before,
        after=after,
        mask=mask if columns["has_mask"] else None,
        source=columns["source"],
        seed=columns["seed"],
        **groups,
        verdict=verdict,
        reason=reason,
        licence=licence,
    )


def triple_of(columns: Mapping[str, Any]) -> Triple:
    """Return the triple of a row of an index."""
    fields = {name: columns[name] for name in TRIPLE}
    fields["change"] = Change(fields["change"])
    fields["subject_kind"] = SubjectKind(fields["subject_kind"])
    return Triple(**fields)
