"""The metrics of generalized referring segmentation (Liu, Ding and Jiang, GRES, CVPR 2023, section 3.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .grefcoco import Sample
from .predictor import Pixels, Predictor

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Scores:
    """All in 0..1; None where no sample bears on it."""

    giou: float  # mean over samples of the IoU; a no-target sample counts 1 where it was noticed, else 0
    ciou: float | None  # all intersections over all unions
    n_acc: float | None  # no-target samples that were noticed, of all of them
    t_acc: float | None  # samples with a target that were not taken for no-target ones, of all of them
    precision: Mapping[float, float | None]  # share of samples with a target whose IoU reaches a threshold
    samples: int


@dataclass
class Evaluation:
    """Gathers samples one by one, so that no mask is kept.

    A prediction of "no target" for a sample that has one counts as an empty mask: its intersection is 0, its
    union stays what the mask said, as in the published evaluation.
    """

    thresholds: tuple[float, ...] = (0.7, 0.8, 0.9)
    _ious: list[float] = field(default_factory=list)  # of samples with a target
    _noticed: list[bool] = field(default_factory=list)  # of samples without one
    _found: list[bool] = field(default_factory=list)  # of samples with one: not taken for a no-target sample
    _intersection: int = 0
    _union: int = 0

    def add(self, predicted: Mask, no_target: bool, truth: Mask, empty: bool) -> None:
        """Add one sample.

        Args:
            predicted: the mask that the network draws [H, W].
            no_target: whether it says that there is no target.
            truth: the mask of all that is meant [H, W].
            empty: whether there is in truth no target.

        """
        intersection = int(np.logical_and(predicted, truth).sum())
        union = int(np.logical_or(predicted, truth).sum())
        if empty:
            self._noticed.append(no_target)
            self._union += 0 if no_target else union
            return
        intersection = 0 if no_target else intersection
        self._found.append(not no_target)
        self._ious.append(intersection / union if union else 0.0)
        self._intersection += intersection
        self._union += union

    def scores(self) -> Scores:
        """Return the scores of all samples so far.

        Raises:
            ValueError: there is no sample yet.

        """
        samples = len(self._ious) + len(self._noticed)
        if samples == 0:
            raise ValueError("No sample was added; add some before asking for scores")
        return Scores(
            giou=(sum(self._ious) + sum(self._noticed)) / samples,
            ciou=self._intersection / self._union if self._union else None,
            n_acc=_mean(self._noticed),
            t_acc=_mean(self._found),
            precision={at: _mean([iou >= at for iou in self._ious]) for at in self.thresholds},
            samples=samples,
        )


def evaluate(
    predictor: Predictor,
    samples: Iterable[Sample],
    read_image: Callable[[str], Pixels],
    mask_threshold: float = 0.5,
    no_target_threshold: float = 0.5,
) -> Scores:
    """Run `predictor` over gRefCOCO samples, at the images' own size.

    Args:
        predictor: the network.
        samples: see `load_grefcoco`.
        read_image: returns RGB uint8 [H, W, 3] of a file name.
        mask_threshold: probability from which a pixel is inside; the published one is 0.5.
        no_target_threshold: probability from which there is no target; the published one is 0.5.

    """
    evaluation = Evaluation()
    for sample in samples:
        answer = predictor.predict(read_image(sample.file_name), [sample.sentence])
        none = bool(answer.no_target[0] >= no_target_threshold)
        evaluation.add(answer.masks(mask_threshold)[0], none, sample.mask(), sample.empty)
    return evaluation.scores()


def _mean(values: list[bool]) -> float | None:
    return sum(values) / len(values) if values else None
