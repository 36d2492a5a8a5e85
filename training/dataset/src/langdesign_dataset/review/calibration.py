"""Thresholds of gates by what people say of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import LabelError
from ..samples import SampleSet
from .labels import Labels

Better = Literal["higher", "lower"]

LOWER = ("leak", "seam", "no_target_before", "no_target_after")  # scores of which a low one is good


@dataclass(frozen=True)
class Trial:
    """What a threshold would do to the labelled samples."""

    threshold: float  # a sample passes at this score or a better one
    passed: int
    precision: float  # of what passes, the share that people keep
    recall: float  # of what people keep, the share that passes

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class Calibration:
    """The threshold of a gate that agrees best with people."""

    gate: str
    better: Better
    threshold: float
    kept: int  # labelled "keep" among the samples with this score
    dropped: int  # labelled "drop"
    trials: tuple[Trial, ...]  # every threshold that makes a difference, from the loosest

    @property
    def chosen(self) -> Trial:
        """The trial of the threshold."""
        return next(one for one in self.trials if one.threshold == self.threshold)


def calibrate(
    samples: SampleSet,
    labels: Labels,
    gate: str,
    *,
    better: Better | None = None,
    precision: float | None = None,
) -> Calibration:
    """Return the threshold of a gate's score that agrees best with labels.

    Args:
        samples: the set; its failures count too, where they have the score.
        labels: of both kinds.
        gate: name of the score, such as "clip_direction".
        better: whether a higher or a lower score is the better one; None goes by the gate.
        precision: in 0..1; chooses the loosest threshold that reaches it. Without it the best F1 decides.

    Raises:
        LabelError: no labelled sample has the score, all labels are of one kind, or the precision is out of
            reach.

    """
    better = better or ("lower" if gate in LOWER else "higher")
    scores, keeps = _judged(samples, labels, gate)
    if keeps.all() or not keeps.any():
        raise LabelError(
            f"All {len(keeps)} labels with a score {gate!r} say {'keep' if keeps.all() else 'drop'}; "
            "a threshold needs both kinds: review kept pairs and failures"
        )
    trials = _trials(scores, keeps, better)
    if precision is None:
        best = max(trials, key=lambda one: one.f1)
    else:
        reaching = [one for one in trials if one.precision >= precision]
        if not reaching:
            highest = max(one.precision for one in trials)
            raise LabelError(
                f"No threshold of {gate!r} reaches a precision of {precision}; {highest:.2f} is most"
            )
        best = max(reaching, key=lambda one: one.recall)
    return Calibration(gate, better, best.threshold, int(keeps.sum()), int((~keeps).sum()), tuple(trials))


def _judged(samples: SampleSet, labels: Labels, gate: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return scores, float64 [N], and whether people keep each, bool [N]."""
    found: list[tuple[float, bool]] = []
    named: set[str] = set()
    for part in (samples, samples.failures()):
        columns = part.table.column_names
        named.update(name.removeprefix("score_") for name in columns if name.startswith("score_"))
        if f"score_{gate}" in columns:
            rows = zip(part.keys, part.table[f"score_{gate}"].to_pylist(), strict=True)
            found += [
                (score, labels.labels[key] == "keep")
                for key, score in rows
                if key in labels.labels and score is not None
            ]
    if not found:
        raise LabelError(
            f"No labelled sample has a score {gate!r}; "
            f"the scores of {samples.folder} are {', '.join(sorted(named)) or 'none'}"
        )
    scores, keeps = zip(*found, strict=True)
    return np.array(scores, np.float64), np.array(keeps, np.bool_)


def _trials(scores: NDArray[np.float64], keeps: NDArray[np.bool_], better: Better) -> Sequence[Trial]:
    sign = 1.0 if better == "higher" else -1.0
    trials = []
    for threshold in sorted(set(scores.tolist()), key=lambda one: sign * one):
        passes = sign * scores >= sign * threshold
        right = int((passes & keeps).sum())
        trials.append(
            Trial(threshold, int(passes.sum()), right / int(passes.sum()), right / int(keeps.sum()))
        )
    return trials
