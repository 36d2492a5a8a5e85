"""Interleaved timing: contestants take turns, so that what else the machine does slows all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Seconds:
    """How long one turn took."""

    wall: float
    processor: float  # of all threads: other programs on the machine hardly change it


def turns(contestants: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[Seconds]]:
    """Let contestants take turns, after a round that warms up; their order changes from round to round."""
    timed: dict[str, list[Seconds]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        names = list(contestants)[:: 1 if number % 2 else -1]
        for name in names:
            taken = _timed(contestants[name])
            if number:
                timed[name].append(taken)
    return timed


def ratio(timed: Mapping[str, list[Seconds]], slow: str, fast: str) -> tuple[float, float]:
    """Return how many times longer one takes than the other: medians over rounds, by wall and processor."""
    rounds = list(zip(timed[slow], timed[fast], strict=True))
    return (
        statistics.median(one.wall / other.wall for one, other in rounds),
        statistics.median(one.processor / other.processor for one, other in rounds),
    )


def median_wall(timed: Mapping[str, list[Seconds]], name: str) -> float:
    """Return a contestant's median seconds of wall time."""
    return statistics.median(one.wall for one in timed[name])


def _timed(call: Callable[[], object]) -> Seconds:
    wall, processor = time.perf_counter(), time.process_time()
    call()  # results lie on the CPU, so an accelerator has ended too
    return Seconds(time.perf_counter() - wall, time.process_time() - processor)
