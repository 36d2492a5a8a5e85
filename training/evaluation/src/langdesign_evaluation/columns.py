"""What cases say of an editor, a column of numbers a figure.

Edits are kept in a folder, so that what was cut short goes on.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from langdesign_instruct_pix2pix.editor import Editor

from .bootstrap import Numbers
from .cases import TrueCase, chunks
from .editors import EngineEditor, Outcome, Sampling
from .evidence import WAYS, Evidence, Way, cases_of
from .metrics import Pixels
from .stored import Stored

Told = Callable[[float], None]
Columns = defaultdict[str, list[float]]
"""A number a case, by name; NaN where the case has nothing to say."""

_TOGETHER = 8  # edits of one call, and outcomes measured at a time


class Telling:
    """Counts cases that are judged, and tells their share, 0..1."""

    def __init__(self, progress: Told | None, total: int) -> None:
        self._progress, self._total, self._done = progress, max(total, 1), 0

    def __call__(self, count: int) -> None:
        """Add so many cases."""
        self._done += count
        if self._progress:
            self._progress(self._done / self._total)


def judged(
    editor: Editor,
    made: str,
    sampling: Sampling,
    cases: Sequence[TrueCase],
    judge: Evidence,
    out: Path,
    telling: Telling,
    ways: Sequence[Way] = WAYS,
) -> dict[str, Numbers]:
    """Edit cases, or read the edits that are stored, and return a column of numbers a figure.

    NaN stands where a case has nothing to say on it.

    Args:
        editor: that edits.
        made: all that the edits depend on, but for way and case; names where they are stored.
        sampling: of the edits.
        cases: that it is judged on.
        judge: CLIP and DINOv2.
        out: folder of the outcomes.
        telling: hears of each chunk.
        ways: how it edits; each figure belongs to one.

    """
    columns: Columns = defaultdict(list)
    for way in ways:
        engine = EngineEditor(way.name, editor, way.level, way.finder, sampling, _TOGETHER)
        store = Stored(out / "outcomes" / digest_of(f"{made} {way.name}")[:16])
        for chunk in chunks(cases_of(cases, way), _TOGETHER):
            _add(columns, judge.rows(way.name, chunk, _edited(engine, store, chunk)))
            telling(len(chunk))
    return _arrays(columns)


def _edited(engine: EngineEditor, store: Stored, chunk: Sequence[TrueCase]) -> list[Outcome]:
    """Edit a chunk, or read it where all of it is stored: edits in other company differ in the last bit."""
    found = [outcome for case in chunk if (outcome := store.read(case)) is not None]
    if len(found) == len(chunk):
        return found
    found = list(engine.edit(chunk))
    for case, outcome in zip(chunk, found, strict=True):
        store.write(case, outcome)
    return found


def baseline(
    cases: Sequence[TrueCase], judge: Evidence, picture: Callable[[TrueCase], Pixels]
) -> dict[str, Numbers]:
    """Return the columns of what takes the place of an edit, such as the picture before."""
    columns: Columns = defaultdict(list)
    for way in WAYS:
        for chunk in chunks(cases_of(cases, way), _TOGETHER):
            _add(columns, judge.rows(way.name, chunk, [Outcome(picture(case)) for case in chunk]))
    return _arrays(columns)


def _add(columns: Columns, rows: Iterable[Mapping[str, float]]) -> None:
    for row in rows:
        for key, value in row.items():
            columns[key].append(value)


def _arrays(columns: Columns) -> dict[str, Numbers]:
    return {key: np.array(values) for key, values in columns.items()}


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
