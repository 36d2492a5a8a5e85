"""What thresholds a family of models needs, by what rendered pairs score, whose truth is known.

A gate is to let a generated pair pass that the networks take for no worse than the worst tenth of true pairs.
How well that tells true from false is measured on mismatched pairs: pictures and captions of two edits.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from langdesign_evaluation import Clip
from langdesign_rela import Predictor
from langdesign_triples import Change
from rich.table import Table

from .recipes import Gates
from .samples import Sample
from .stages import likeness, preservation

_LEAST = ("clip_image", "clip_text_before", "clip_text_after", "clip_direction", "backward", "inside")
_MOST = ("no_target_before", "no_target_after", "seam", "leak")


@dataclass(frozen=True)
class Distribution:
    """What true and mismatched pairs score."""

    score: str
    higher: bool  # whether more is better
    bound: float  # that the quantile of true pairs suggests
    median: float  # of true pairs
    mismatched: float | None  # median of mismatched pairs; None where a mismatch does not change the score
    let_through: float | None  # share of mismatched pairs within the bound


def distributions(
    samples: Sequence[Sample], clip: Clip, predictor: Predictor, gates: Gates, quantile: float = 0.1
) -> list[Distribution]:
    """Return each score's distribution over rendered pairs that change something.

    Args:
        samples: rendered ones.
        clip: whose thresholds are looked for.
        predictor: ReLA, likewise.
        gates: mask and margin are heeded, bounds are not.
        quantile: share of true pairs that a bound may cost, 0..1.

    """
    pairs = [one for one in samples if one.triple.change is not Change.NONE]
    true = _scores(pairs, clip, predictor, gates)
    false = _scores(_mismatched(pairs), clip, None, gates)
    return [
        found
        for score in (*_LEAST, *_MOST)
        if (found := _distribution(score, true, false, quantile)) is not None
    ]


def table(found: Sequence[Distribution]) -> Table:
    """Return distributions as a table for the terminal."""
    result = Table("score", "bound", "median true", "median mismatched", "mismatched let through")
    for one in found:
        mismatched = "" if one.mismatched is None else f"{one.mismatched:.3f}"
        through = "" if one.let_through is None else f"{one.let_through:.0%}"
        sign = ">=" if one.higher else "<="
        result.add_row(one.score, f"{sign} {one.bound:.3f}", f"{one.median:.3f}", mismatched, through)
    return result


def _scores(
    samples: Sequence[Sample], clip: Clip, predictor: Predictor | None, gates: Gates
) -> list[Mapping[str, float]]:
    generated = [dataclasses.replace(one, source="prompt-to-prompt") for one in samples]
    liked = likeness.judge(generated, clip, gates)
    if predictor is None:
        return [one.scores for one in liked]
    kept = preservation.judge(generated, predictor, gates, (), "")
    return [{**first.scores, **second.scores} for first, second in zip(liked, kept, strict=True)]


def _mismatched(samples: Sequence[Sample]) -> list[Sample]:
    """Return the pictures of each pair with the triple of one half a set away."""
    half = len(samples) // 2
    others = [*samples[half:], *samples[:half]]
    return [dataclasses.replace(one, triple=other.triple) for one, other in zip(samples, others, strict=True)]


def _distribution(
    score: str, true: Sequence[Mapping[str, float]], false: Sequence[Mapping[str, float]], quantile: float
) -> Distribution | None:
    own = [one[score] for one in true if score in one]
    others = [one[score] for one in false if score in one] if score != "clip_image" else []
    if not own:
        return None
    higher = score in _LEAST
    bound = float(np.quantile(own, quantile if higher else 1.0 - quantile))
    through = [one >= bound if higher else one <= bound for one in others]
    return Distribution(
        score,
        higher,
        bound,
        float(np.median(own)),
        float(np.median(others)) if others else None,
        float(np.mean(through)) if others else None,
    )
