"""Where an edit acts: the exact region, or what ReLA finds for the true expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from langdesign_rela import Predictor, Request

from .advice import THRESHOLDS, read_advice
from .cases import Case
from .metrics import Mask


@dataclass(frozen=True, eq=False)
class Found:
    """The region of one case."""

    mask: Mask | None = None  # bool [H, W]; None: the whole picture
    no_op: bool = False  # whether there is nothing to edit
    no_target: float | None = None  # probability that nothing is meant, 0..1; None: nobody looked


class Finder(Protocol):
    """Finds regions."""

    @property
    def source(self) -> Literal["truth", "found"]:
        """Whether the regions are the exact ones."""

    def __call__(self, cases: Sequence[Case]) -> list[Found]:
        """Return the region of each case."""


@dataclass(frozen=True)
class ExactRegions:
    """The truth, where it is known: what separates the editing from the finding."""

    source: Literal["truth"] = "truth"

    def __call__(self, cases: Sequence[Case]) -> list[Found]:
        """Return the exact regions; a no-op has none."""
        regions = [case.region() for case in cases]
        return [Found() if one is None else Found(one, no_op=not one.any()) for one in regions]


@dataclass(frozen=True)
class RelaRegions:
    """ReLA on the true expression, as the segmentation service would be asked.

    For an addition that gives the anchor itself, where editing by services opens room around it: the two act
    in different places. An edit without an expression acts on the whole picture.
    """

    predictor: Predictor
    mask_threshold: float = 0.5  # probability from which a pixel is inside
    no_target_threshold: float = 0.5  # probability from which nothing is meant
    source: Literal["found"] = "found"

    @classmethod
    def advised(cls, predictor: Predictor, folder: Path) -> RelaRegions:
        """Take the thresholds that the checkpoint's validation chose, as the services do.

        Raises:
            ModelError: its file of them cannot be read.

        """
        advice = read_advice(folder / THRESHOLDS)
        return cls(
            predictor,
            advice.get("mask_threshold", cls.mask_threshold),
            advice.get("no_target_threshold", cls.no_target_threshold),
        )

    def __call__(self, cases: Sequence[Case]) -> list[Found]:
        """Return the segmented regions."""
        places = [place for place, case in enumerate(cases) if case.edit.expression.strip()]
        found = [Found()] * len(cases)
        if places:
            requests = [Request(cases[place].before(), [cases[place].edit.expression]) for place in places]
            for place, answer in zip(places, self.predictor.predict_many(requests), strict=True):
                found[place] = self._judged(answer.masks(self.mask_threshold)[0], float(answer.no_target[0]))
        return found

    def _judged(self, mask: Mask, no_target: float) -> Found:
        none = no_target >= self.no_target_threshold or not mask.any()
        return Found(np.zeros_like(mask) if none else mask, none, no_target)
