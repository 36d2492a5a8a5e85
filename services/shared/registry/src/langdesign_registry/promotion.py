"""The gate of a promotion: better where a version should be, and not worse by more than a margin elsewhere.

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

"No worse" is a test of non-inferiority (Piaggio et al. 2012, doi:10.1001/jama.2012.87802): the worse end of
the interval has to lie within a margin. That the interval reaches 0 would say little: that of a few cases
always does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from .evaluation import Evaluation, Interval

Counted = Literal["edits", "no_ops"]


@dataclass(frozen=True, kw_only=True)
class Gate:
    """How much worse a promoted version may be, and how many cases it takes to tell.

    Half a decibel is 12% more squared error outside the region; 0.05 is one edited no-op more in twenty.

    The least counts guard against intervals that a bootstrap draws too narrow. Of a mean of 50 cases it is
    3% narrower than Student's, of 12 cases 15% (Hesterberg 2015, doi:10.1080/00031305.2015.1089789). Of a
    share it has no width where the versions differ in no case; then 72 is the least number whose exact upper
    bound, 1 - 0.025^(1/n), is the margin of 0.05. More are needed to promote what is as good: where the
    versions differ in 4% of the no-ops, 120 of them do so in 78 of 100 trials, 60 in 50.
    """

    psnr_margin: float = 0.5  # dB that the PSNR outside the region may fall
    false_edit_margin: float = 0.05  # that the share of edited no-ops, 0..1, may rise
    least_edits: int = 50  # edits that an evaluation has to judge
    least_no_ops: int = 72  # no-ops that it has to judge

    @property
    def demands(self) -> tuple[_Demand, ...]:
        """What is asked, by metric."""
        return (
            _Demand("clip_dir", "edits", self.least_edits),
            _Demand("outside_psnr", "edits", self.least_edits, self.psnr_margin, " dB"),
            _Demand("false_edit_rate", "no_ops", self.least_no_ops, self.false_edit_margin),
        )


@dataclass(frozen=True)
class _Demand:
    """The worse end of the difference's interval lies within the margin; "better" is a margin of 0."""

    metric: str
    counted: Counted  # which cases tell it
    least: int  # number of them
    margin: float = 0.0  # in the metric's unit, 0 or more
    unit: str = ""


GATE = Gate()
"""The gate of every promotion, but for one that its registry was given."""


@dataclass(frozen=True)
class Check:
    """A condition of a promotion. Figures are None where the evaluations do not tell them."""

    metric: str
    condition: str  # what is asked, in words; where it does not hold, why
    held: bool
    before: float | None = None  # mean of the version before, or of the base where there is none
    after: float | None = None  # mean of the candidate
    difference_low: float | None = None  # lower end of the 95% interval of after - before
    difference_high: float | None = None


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


def judge(candidate: Evaluation, before: Evaluation | None, gate: Gate = GATE) -> tuple[Check, ...]:
    """Return whether each condition of the gate holds.

    Args:
        candidate: of the version that asks.
        before: of the version that it would replace; None where there is none: then its base is.
        gate: margins, and least numbers of cases.

    """
    return tuple(_check(demand, candidate, before) for demand in gate.demands)


def _check(demand: _Demand, candidate: Evaluation, before: Evaluation | None) -> Check:
    metric = demand.metric
    for evaluation, whose in ((candidate, "this version"), (before, "the version before")):
        if evaluation is not None and metric not in evaluation.metrics:
            return Check(
                metric, f"the evaluation of {whose} does not tell it; evaluate it on a set that does", False
            )
    if before is not None and not (_same_cases(candidate, before) or _tuned_from(candidate, before)):
        return Check(metric, "the versions were judged on different cases; evaluate both on one set", False)
    own = candidate.metrics[metric]
    alone = before is None or _tuned_from(candidate, before)
    judged = [candidate] if before is None or alone else [candidate, before]
    replaced = own.base if before is None or alone else before.metrics[metric].tuned
    difference = _difference(metric, candidate, before)
    count = min(getattr(one, demand.counted) for one in judged)
    return Check(
        metric,
        _words(demand, own.better, difference) if count >= demand.least else _too_few(demand, count),
        count >= demand.least and _holds(demand, own.better, difference),
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


def _holds(demand: _Demand, better: str, difference: Interval) -> bool:
    worst = difference.low if better == "higher" else -difference.high
    return worst > -demand.margin


def _words(demand: _Demand, better: str, difference: Interval) -> str:
    side, sign = ("above", "-") if better == "higher" else ("below", "+")
    bound = f"{sign}{demand.margin:g}{demand.unit}" if demand.margin else "0"
    signed = f"{difference.mean:+.4g} ({difference.low:+.4g} to {difference.high:+.4g})"
    told = f"the whole interval of the difference has to lie {side} {bound}; it is {signed}"
    mean_holds = _holds(demand, better, Interval(difference.mean, difference.mean, difference.mean))
    if mean_holds and not _holds(demand, better, difference):
        return f"{told}. A larger bench would narrow it"
    return told


def _too_few(demand: _Demand, count: int) -> str:
    cases = demand.counted.replace("_", "-")
    return f"{count} {cases} were judged, and it takes {demand.least} to tell; judge on a larger bench"


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
