"""Where an edit acts: the exact region, or what ReLA finds for the true expression."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from langdesign_edits import Verdict, coverage
from langdesign_edits.edges import outlined, shown
from langdesign_edits.heads import names_unknown
from langdesign_edits.verdicts import Thresholds
from langdesign_rela import Predictor, Request, Segmentation

from .advice import THRESHOLDS, read_advice
from .cases import Case
from .errors import ModelError
from .metrics import Mask, Pixels


@dataclass(frozen=True, eq=False)
class Found:
    """The region of one case."""

    mask: Mask | None = None  # bool [H, W]; None: the whole picture
    no_op: bool = False  # whether there is nothing to edit
    no_target: float | None = None  # probability that nothing is meant, 0..1; None: nobody looked
    verdict: Verdict | None = None  # on the expression; None: nobody gave one


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
    thresholds: Thresholds = field(default_factory=Thresholds)
    source: Literal["found"] = "found"

    @classmethod
    def advised(cls, predictor: Predictor, folder: Path) -> RelaRegions:
        """Take the thresholds that the checkpoint's validation chose, as the services do.

        Raises:
            ModelError: its file of them cannot be read.

        """
        path = folder / THRESHOLDS
        try:
            return cls(predictor, Thresholds.of(read_advice(path)))
        except ValueError as error:
            raise ModelError(f"{path}: {error}; export the family anew, or remove the file") from error

    def __call__(self, cases: Sequence[Case]) -> list[Found]:
        """Return the segmented regions."""
        places = [place for place, case in enumerate(cases) if case.edit.expression.strip()]
        found = [Found()] * len(cases)
        if places:
            asked = [(cases[place].before(), cases[place].edit.expression) for place in places]
            for place, one, answer in zip(places, asked, answers(self.predictor, asked), strict=True):
                found[place] = judged(one[1], answer, self.thresholds)
        return found


def answers(predictor: Predictor, asked: Sequence[tuple[Pixels, str]]) -> Iterator[Segmentation]:
    """Yield what a network says of expressions on pictures, its masks along their edges, as services do."""
    size = predictor.working
    requests = [Request(shown(picture, size), [expression]) for picture, expression in asked]
    for (picture, _), answer in zip(asked, predictor.predict_many(requests), strict=True):
        probability = outlined(answer.probability[0], picture, size)
        yield dataclasses.replace(answer, probability=probability[None])


@dataclass(frozen=True, eq=False)
class Judged(Found):
    """A region that was looked for."""

    mask: Mask = field(kw_only=True)
    verdict: Verdict = field(kw_only=True)


def judged(expression: str, answer: Segmentation, thresholds: Thresholds) -> Judged:
    """Return the region that the segmentation service would find, and its verdict.

    Args:
        expression: the one that was asked.
        answer: of `answers`.
        thresholds: of the network.

    """
    mask, no_target = answer.masks(thresholds.mask_threshold)[0], float(answer.no_target[0])
    verdict = thresholds.verdict(no_target, coverage(mask))
    if names_unknown(expression, answer.unknown[0]):
        verdict = Verdict.UNKNOWN_WORD
    no_op = verdict is not Verdict.FOUND
    kept = np.zeros_like(mask) if no_op else mask
    return Judged(no_op=no_op, no_target=no_target, mask=kept, verdict=verdict)
