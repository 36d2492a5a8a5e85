"""Whether what the probes found keeps a promise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from langdesign_command.promises.promise import Measure, Promise
from langdesign_command.promises.running import Found


class Result(StrEnum):
    """What is said of a promise."""

    MET = "met"
    MISSED = "missed"
    NEEDS_GPU = "needs a GPU"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Measured:
    """The worst value of a measure in this run."""

    measure: Measure
    value: float

    @property
    def held(self) -> bool:
        """Whether it is on the right side of the bar."""
        return self.measure.holds(self.value)


@dataclass(frozen=True)
class Verdict:
    """What is said of a promise, and on what ground."""

    promise: Promise
    result: Result
    measured: Sequence[Measured] = ()
    reasons: Sequence[str] = ()  # why it is not met
    figures: Sequence[str] = ()  # what tests say of themselves
    seconds: float = 0.0


def judge(promise: Promise, found: Found, *, long: bool, gpu: bool) -> Verdict:
    """Return the verdict on a promise: met where all its tests pass and all its measures hold."""
    measured = [
        Measured(measure, measure.of(found.values[measure.name]))
        for measure in promise.measures
        if measure.name in found.values
    ]
    beyond = [
        f"{one.measure.what} {one.measure.written(one.value)}, {one.measure.bar}"
        for one in measured
        if not one.held
    ]
    absent = [*found.broken]
    if not absent and not found.failed:
        absent += _unmeasured(promise, found, long=long, gpu=gpu)
    if found.failed or beyond:
        result = Result.MISSED
    elif promise.needs_gpu and not gpu:
        result, absent = Result.NEEDS_GPU, []
    else:
        result = Result.NOT_RUN if absent else Result.MET
    return Verdict(promise, result, measured, [*found.failed, *beyond, *absent], found.figures, found.seconds)


def _unmeasured(promise: Promise, found: Found, *, long: bool, gpu: bool) -> Iterator[str]:
    """Yield the measures that this form has to give, and did not."""
    apart = {
        name
        for bench in promise.benches
        if (bench.gpu and not gpu) or (bench.long and not long)
        for name in bench.reads
    }
    for measure in promise.measures:
        wanted = long or not measure.long
        if wanted and measure.name not in apart and measure.name not in found.values:
            yield f"no probe told: {measure.what}"
