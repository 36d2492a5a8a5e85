"""What one case says of an editor, for a comparison of two: the ways to edit, and what each is asked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from . import metrics
from .cases import NO_OP, Case, TrueCase
from .editors import Level, Outcome, Sampling
from .features import Clip, Dino
from .finders import ExactRegions, Finder, Found
from .measures import outside_dino, seam_around
from .metrics import Mask, Pixels


class WholePicture:
    """A region that holds everything: what an edit of a no-op changes there, it changes by mistake."""

    source: Literal["truth"] = "truth"

    def __call__(self, cases: Sequence[Case]) -> list[Found]:
        """Return a region of every pixel for each case."""
        return [Found(np.ones(case.before().shape[:2], bool)) for case in cases]


class Way(NamedTuple):
    """One way that both models edit."""

    name: str
    level: Level
    finder: Finder | None
    no_ops: bool  # of the no-ops, or of the real edits


WAYS = (
    Way("plain", "plain", None, no_ops=False),
    Way("strict", "strict", ExactRegions(), no_ops=False),
    Way("plain-no-op", "plain", None, no_ops=True),
    Way("no-op", "strict", WholePicture(), no_ops=True),
)
"""Without a region, as published; in the exact one; and where nothing should change, without a region and
with one that holds everything. That gives back what the autoencoder alone would lose, so that what is left is
the edit's doing."""


_NO_OPS = {"no-op": "", "plain-no-op": "plain_"}
"""How the figures of each way to edit no-ops begin."""


def cases_of(cases: Sequence[TrueCase], way: Way) -> list[TrueCase]:
    """Return the cases that are edited in a way."""
    return [case for case in cases if (case.split == NO_OP) == way.no_ops]


class Evidence:
    """Measures what one case says of each figure."""

    def __init__(self, clip: Clip, dino: Dino) -> None:
        self.clip, self.dino = clip, dino

    def rows(
        self, way: str, cases: Sequence[TrueCase], outcomes: Sequence[Outcome]
    ) -> Iterator[dict[str, float]]:
        """Yield the numbers of each case by name; NaN where it has nothing to say."""
        before, after = [case.before() for case in cases], [outcome.picture for outcome in outcomes]
        if way not in _NO_OPS:
            self.clip.images([*before, *after])  # in one batch; below they are kept already
            self.dino.images([*before, *after])
        for place, case in enumerate(cases):
            if way in _NO_OPS:
                yield _unwanted(_NO_OPS[way], before[place], after[place])
                continue
            found = self._likeness(way, case, before[place], after[place])
            found |= _inside(way, case, before[place], after[place])
            found |= self._outside(way, case, before[place], outcomes[place])
            if way == "strict":
                found["seam"] = _number(
                    seam_around(before[place], after[place], case.region(), Sampling.feather)
                )
            yield found

    def _likeness(self, way: str, case: TrueCase, before: Pixels, after: Pixels) -> dict[str, float]:
        images, texts = (
            self.clip.images([before, after]),
            self.clip.texts([case.edit.caption_before, case.edit.caption_after]),
        )
        along = metrics.clip_dir(images[0], images[1], texts[0], texts[1])
        if way == "strict":
            return {"strict_clip_dir": _number(along)}
        classes = self.dino.images([before, after])
        first, second = self.dino.patches([before, after])
        return {
            "clip_im": metrics.clip_im(images[0], images[1]),
            "clip_dir": _number(along),
            "clip_out": metrics.clip_out(images[1], texts[1]),
            "dino": metrics.dino(classes[0], classes[1]),
            "structure": metrics.structure(first, second),
        }

    def _outside(self, way: str, case: TrueCase, before: Pixels, outcome: Outcome) -> dict[str, float]:
        """Measure what changed outside, before compositing hid it."""
        made = outcome.picture if outcome.uncomposited is None else outcome.uncomposited
        outside = ~metrics.grown(case.region(), Sampling.feather)
        if way == "plain":
            return {"plain_outside_mse": _number(metrics.mse(made, before, outside))}
        return {
            "outside_mse": _number(metrics.mse(made, before, outside)),
            "outside_visible": _number(metrics.changed_share(made, before, outside, metrics.VISIBLE)),
            "outside_dino": _number(outside_dino(self.dino, before, made, outside)),
        }


def _inside(way: str, case: TrueCase, before: Pixels, after: Pixels) -> dict[str, float]:
    truth, region = case.truth(), case.region()
    return {
        f"{way}_l1": _number(metrics.l1(after, truth, region)),
        f"{way}_copy_l1": _number(metrics.l1(before, truth, region)),
    }


def _unwanted(prefix: str, before: Pixels, after: Pixels) -> dict[str, float]:
    whole: Mask = np.ones(before.shape[:2], bool)
    visible = metrics.changed_share(after, before, whole, metrics.VISIBLE) or 0.0
    return {
        f"{prefix}no_op_changed": visible,
        f"{prefix}false_edit_rate": float(visible > metrics.VISIBLE_SHARE),
        f"{prefix}any_change_rate": float(bool((before != after).any())),
    }


def _number(value: float | None) -> float:
    return math.nan if value is None else value
