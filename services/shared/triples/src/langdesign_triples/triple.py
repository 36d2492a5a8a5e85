"""A triple, and files of triples: one JSON object a line."""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from .errors import InvalidTriples

LONGEST_CAPTION = 400  # characters
LONGEST_INSTRUCTION = 200


class Change(StrEnum):
    """The feature that an instruction changes."""

    ALTER = "alter"  # colour, material or pattern of something present
    ADD = "add"  # something absent
    REMOVE = "remove"  # something present
    REPLACE = "replace"  # something present, by another thing
    NONE = "none"  # nothing: the instruction names something absent


class SubjectKind(StrEnum):
    """What a triple's pictures show."""

    OBJECT = "object"  # one thing on a plain background
    ROOM = "room"  # a room, or another scene of several things


@dataclass(frozen=True, slots=True)
class Triple:
    """A caption, an instruction, and the caption of the edited picture."""

    input: str  # caption before, 1..400 characters
    edit: str  # instruction, 1..200 characters
    output: str  # caption after, 1..400 characters
    change: Change  # the one feature that changes
    subject: str  # for which it was written, such as "bedroom"
    subject_kind: SubjectKind
    target_before: str  # expression of what changes, in the picture before; of a no-op, the absent thing
    target_after: str  # expression of the same in the picture after; "" for a removal and a no-op


def read_triples(path: Path) -> Iterator[Triple]:
    """Yield the triples of a file, one a line.

    Raises:
        InvalidTriples: the file cannot be read, or a line is no triple.

    """
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _read(line, f"{path}, line {number}")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidTriples(f"{path} cannot be read ({error}); write it again with write_triples") from error


def write_triples(path: Path, triples: Iterable[Triple]) -> int:
    """Write triples, one a line, and return how many; the file is whole or not there.

    Raises:
        InvalidTriples: the file cannot be written; what was there before is left.

    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as lines:
            count = _write_lines(lines, triples)
        Path(temporary).replace(path)
    except OSError as error:
        raise InvalidTriples(f"{path} cannot be written ({error}); make room, or choose another") from error
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
    return count


def _write_lines(lines: Any, triples: Iterable[Triple]) -> int:
    count = 0
    for triple in triples:
        lines.write(as_json(triple) + "\n")
        count += 1
    lines.flush()
    os.fsync(lines.fileno())
    return count


def as_json(triple: Triple) -> str:
    """Return a triple as one line of JSON, always the same for the same triple."""
    return json.dumps(dataclasses.asdict(triple), ensure_ascii=False)


def from_fields(fields: Any) -> Triple:
    """Return a triple from its fields as JSON has them.

    Raises:
        ValueError: a field is missing, unknown, no text, or not a word that it may be.

    """
    names = {field.name for field in dataclasses.fields(Triple)}
    if not isinstance(fields, dict) or fields.keys() != names:
        raise ValueError(f"a triple has the fields {', '.join(sorted(names))}")
    if wrong := sorted(name for name, value in fields.items() if not isinstance(value, str)):
        raise ValueError(f"{', '.join(wrong)} must be text")
    kinds = {"change": Change(fields["change"]), "subject_kind": SubjectKind(fields["subject_kind"])}
    return Triple(**{**fields, **kinds})


def _read(line: str, where: str) -> Triple:
    try:
        return from_fields(json.loads(line))
    except ValueError as error:
        raise InvalidTriples(f"{where} is no triple: {error}; remove the line, or write it anew") from error
