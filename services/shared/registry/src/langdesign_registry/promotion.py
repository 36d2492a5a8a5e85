"""The gate of a promotion: better where a version should be, and no worse where it must not be.

Two versions are compared by the evaluations that they carry. Each holds the means of a tuned model and of its
base on one set of cases, and the paired difference, with 95% intervals. What the difference between two
versions is follows from these in one of three ways, the sharpest that applies:

1. The candidate was tuned from the version before: its own paired difference says it.
2. Both were judged on the same cases and tuned from the same base: the difference of their paired
   differences. The base's own spread cancels, and so the interval is much narrower than that of the means.
3. Both were judged on the same cases: the difference of the tuned models' means.

Intervals of 2 and 3 are those of a difference of two estimates taken for independent (Zou and Donner 2008,
doi:10.1002/sim.3095); on the same cases they agree, so that the true interval is narrower: the gate errs
towards refusing. Evaluations on different cases, or on other choices of one set's cases, say nothing about
each other, and nothing is promoted by them; `Registry.set_alias` moves an alias without a gate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from .evaluation import Evaluation, Interval

Demand = Literal["better", "no worse"]

GATE: Mapping[str, Demand] = MappingProxyType(
    {"clip_dir": "better", "outside_psnr": "no worse", "false_edit_rate": "no worse"}
)
"""What a promotion demands, by metric: an edit goes further where it should, and nowhere else."""


@dataclass(frozen=True)
class Check:
    """A condition of a promotion. Figures are 0 where the evaluations do not tell them."""

    metric: str
    condition: str  # what is asked, in words; where it does not hold, why
    held: bool
    before: float = 0.0  # mean of the version before, or of the base where there is none
    after: float = 0.0  # mean of the candidate
    difference_low: float = 0.0  # lower end of the 95% interval of after - before
    difference_high: float = 0.0


@dataclass(frozen=True)
class Promotion:
    """What became of a promotion."""

    promoted: bool  # whether the alias points at the version now
    checks: tuple[Check, ...]
    version: str  # name of the version that asked, "models/interior@3"
    before: str = ""  # name of the version that the alias pointed at; "" where at none

    @property
    def why_not(self) -> tuple[str, ...]:
        """The conditions that did not hold, in words."""
        return tuple(f"{check.metric}: {check.condition}" for check in self.checks if not check.held)


def judge(candidate: Evaluation, before: Evaluation | None) -> tuple[Check, ...]:
    """Return whether each condition of the gate holds.

    Args:
        candidate: of the version that asks.
        before: of the version that it would replace; None where there is none: then its base is.

    """
    return tuple(_check(metric, demand, candidate, before) for metric, demand in GATE.items())


def _check(metric: str, demand: Demand, candidate: Evaluation, before: Evaluation | None) -> Check:
    for evaluation, whose in ((candidate, "this version"), (before, "the version before")):
        if evaluation is not None and metric not in evaluation.metrics:
            return Check(
                metric, f"the evaluation of {whose} does not tell it; evaluate it on a set that does", False
            )
    if before is not None and not (_same_cases(candidate, before) or _tuned_from(candidate, before)):
        return Check(metric, "the versions were judged on different cases; evaluate both on one set", False)
    difference = _difference(metric, candidate, before)
    own = candidate.metrics[metric]
    replaced = own.base if before is None or _tuned_from(candidate, before) else before.metrics[metric].tuned
    return Check(
        metric,
        _words(demand, own.better, difference),
        _holds(demand, own.better, difference),
        before=replaced.mean,
        after=own.tuned.mean,
        difference_low=difference.low,
        difference_high=difference.high,
    )


def _difference(metric: str, candidate: Evaluation, before: Evaluation | None) -> Interval:
    """Return candidate - before with its interval, in the sharpest way that the evaluations allow."""
    after = candidate.metrics[metric]
    if before is None or _tuned_from(candidate, before):
        return after.difference
    replaced = before.metrics[metric]
    if _same(candidate.base, before.base):
        return _minus(after.difference, replaced.difference)
    return _minus(after.tuned, replaced.tuned)


def _minus(first: Interval, second: Interval) -> Interval:
    mean = first.mean - second.mean
    below = math.hypot(first.mean - first.low, second.high - second.mean)
    above = math.hypot(first.high - first.mean, second.mean - second.low)
    return Interval(mean, mean - below, mean + above)


def _holds(demand: Demand, better: str, difference: Interval) -> bool:
    worst, best = difference.low, difference.high
    if better == "lower":
        worst, best = -difference.high, -difference.low
    return worst > 0 if demand == "better" else best >= 0


def _words(demand: Demand, better: str, difference: Interval) -> str:
    signed = f"{difference.mean:+.4g} ({difference.low:+.4g} to {difference.high:+.4g})"
    if demand == "better":
        side = "above" if better == "higher" else "below"
        return f"the whole interval of the difference has to lie {side} 0; it is {signed}"
    side = "below" if better == "higher" else "above"
    return f"the interval of the difference must not lie wholly {side} 0; it is {signed}"


def _same_cases(candidate: Evaluation, before: Evaluation) -> bool:
    """Compare the sets, and which of their cases were chosen where both evaluations tell it."""
    chosen = {one.choice_digest for one in (candidate, before) if one.choice_digest}
    return candidate.set_digest == before.set_digest and len(chosen) < 2


def _tuned_from(candidate: Evaluation, before: Evaluation) -> bool:
    return _same(candidate.base, before.tuned)


def _same(one: str, other: str) -> bool:
    """Compare identities by their digests: a folder's name says nothing."""
    first, second = (identity.rpartition("@")[2] for identity in (one, other))
    return first.startswith("sha256:") and first == second
