"""The worst, the median and the best edits of each editor and operation, as pictures."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from .cases import NO_OP, OPERATIONS, Case
from .folders import file_name
from .measures import Measures
from .metrics import Mask, Pixels, gain, grown
from .run import Judged
from .services import read_mask, read_picture

_TINT, _TINT_SHARE = np.array([14, 148, 136]), 0.5
_LINE = np.array([217, 38, 38])


@dataclass(frozen=True, eq=False)
class Example:
    """One case as an editor left it."""

    rank: str  # "worst", "median", "best", or "only"
    case: Case
    note: str  # its figure in words
    picture: Path
    mask: Path | None

    @cached_property
    def strip(self) -> list[tuple[str, str]]:
        """Captions and data URIs of the pictures: before, where it acted, after, truth."""
        before = self.case.before()
        mask = None if self.mask is None else read_mask(self.mask.read_bytes())
        pictures = {
            "before": before,
            "region": marked(before, self.case.region(), mask),
            "after": read_picture(self.picture.read_bytes()),
            "truth": self.case.truth(),
        }
        return [(caption, data_uri(one)) for caption, one in pictures.items() if one is not None]


def examples(cases: Sequence[Case], judged: Sequence[Judged]) -> dict[str, dict[str, list[Example]]]:
    """Return examples by editor, then by operation ("no-op" last); baselines have none."""
    copies = judged[0].measures
    found: dict[str, dict[str, list[Example]]] = {}
    for one in (one for one in judged if not one.baseline):
        of_editor = {name: _of(one, copies, _members(cases, name)) for name in (*OPERATIONS, NO_OP)}
        found[one.editor.name] = {name: kept for name, kept in of_editor.items() if kept}
    return found


def _members(cases: Sequence[Case], name: str) -> list[Case]:
    if name == NO_OP:
        return [case for case in cases if case.split == NO_OP]
    return [case for case in cases if case.split != NO_OP and case.operation == name]


def _of(one: Judged, copies: Sequence[Measures], members: Sequence[Case]) -> list[Example]:
    scored = [(_score(one.measures[case.id], copies[case.id]), case.id, case) for case in members]
    ranked = sorted((row for row in scored if row[0] is not None), key=lambda row: row[:2])
    if not ranked:
        return []
    last = len(ranked) - 1
    places = {0: "worst", last // 2: "median", last: "best"} if last > 1 else {last: "best", 0: "worst"}
    ranks = {0: "only"} if last == 0 else dict(sorted(places.items()))
    return [_example(one, rank, ranked[place][2], ranked[place][0]) for place, rank in ranks.items()]


def _score(measures: Measures, copy: Measures) -> float | None:
    """Return the gain of an edit, or of a no-op the share that it left alone: more is better."""
    if measures.inside_l1 is None or copy.inside_l1 is None:
        return 1.0 - measures.visible
    return gain(measures.inside_l1, copy.inside_l1)


def _example(one: Judged, rank: str, case: Case, score: float | None) -> Example:
    picture = one.folder / file_name(case)
    mask = picture.with_suffix(".mask.png")
    value = 0.0 if score is None else score
    unknown = one.measures[case.id].inside_l1 is None
    note = f"{1 - value:.1%} visibly changed" if unknown else f"gain {value:.0%}"
    return Example(rank, case, note, picture, mask if mask.is_file() else None)


def marked(picture: Pixels, exact: Mask | None, own: Mask | None) -> Pixels:
    """Return the picture paled, the editor's region tinted, and the exact one, if known, outlined."""
    shown = picture.astype(np.float64) * 0.6 + 255 * 0.4
    if own is not None:
        shown[own] = shown[own] * (1 - _TINT_SHARE) + _TINT * _TINT_SHARE
    if exact is not None:
        shown[grown(exact, 1) & ~exact] = _LINE
    return shown.round().astype(np.uint8)


def data_uri(picture: Pixels) -> str:
    """Return a picture as WebP in a data URI."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "WEBP", quality=90, method=4)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
