"""Counts and times of the engine."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Literal, NamedTuple

Ending = Literal["completed", "cancelled", "deadline_exceeded", "failed", "rejected"]
ENDINGS: tuple[Ending, ...] = ("completed", "cancelled", "deadline_exceeded", "failed", "rejected")


MetricKind = Literal["counter", "gauge"]
Labels = tuple[tuple[str, str], ...]


class Sample(NamedTuple):
    """One figure in the form that metric systems take."""

    name: str
    kind: MetricKind
    description: str
    labels: Labels
    value: float


@dataclass(frozen=True)
class EngineMetrics:
    """A snapshot; counts and seconds are totals since the engine started."""

    slots: int = 0
    slots_used: int = 0
    queue_limit: int = 0
    queue_length: int = 0
    steps: int = 0  # calls of the network
    edit_steps: int = 0  # steps of edits; edit_steps / steps is the mean batch
    padded_rows: int = 0  # idle rows that filled batches up to a bucket
    step_seconds: float = 0.0
    queue_seconds: float = 0.0
    encode_seconds: float = 0.0
    decode_seconds: float = 0.0
    outcomes: tuple[tuple[Ending, int], ...] = ()

    def count(self, ending: Ending) -> int:
        """Return how many edits ended this way."""
        return dict(self.outcomes).get(ending, 0)

    def samples(self) -> list[Sample]:
        """Return every figure, named `langdesign_engine_*`."""
        figures = [Sample(*_NAMES[field], (), float(getattr(self, field))) for field in _NAMES]
        name, description = "langdesign_engine_edits_total", "Edits that ended, by outcome"
        ended = [
            Sample(name, "counter", description, (("outcome", ending),), float(self.count(ending)))
            for ending in ENDINGS
        ]
        return figures + ended


_NAMES: dict[str, tuple[str, MetricKind, str]] = {
    "slots": ("langdesign_engine_slots", "gauge", "Slots in all"),
    "slots_used": ("langdesign_engine_slots_used", "gauge", "Slots that hold an edit"),
    "queue_limit": ("langdesign_engine_queue_limit", "gauge", "Edits that may wait"),
    "queue_length": ("langdesign_engine_queue_length", "gauge", "Edits that wait for a slot"),
    "steps": ("langdesign_engine_steps_total", "counter", "Calls of the network"),
    "edit_steps": ("langdesign_engine_edit_steps_total", "counter", "Denoising steps of edits"),
    "padded_rows": ("langdesign_engine_padded_rows_total", "counter", "Idle rows in calls of the network"),
    "step_seconds": ("langdesign_engine_step_seconds_total", "counter", "Time in calls of the network"),
    "queue_seconds": ("langdesign_engine_queue_seconds_total", "counter", "Time that edits waited"),
    "encode_seconds": ("langdesign_engine_encode_seconds_total", "counter", "Time in encoding"),
    "decode_seconds": ("langdesign_engine_decode_seconds_total", "counter", "Time in decoding"),
}


class Meter:
    """Adds up what happens; safe for threads."""

    def __init__(self, slots: int, queue_limit: int) -> None:
        self._lock = threading.Lock()
        self._figures = EngineMetrics(slots=slots, queue_limit=queue_limit)
        self._outcomes: Counter[Ending] = Counter()

    def add(self, **amounts: float) -> None:
        """Increase the named figures of `EngineMetrics`."""
        with self._lock:
            grown = {name: getattr(self._figures, name) + amount for name, amount in amounts.items()}
            self._figures = replace(self._figures, **grown)

    def ended(self, ending: Ending) -> None:
        """Count an edit that left the engine."""
        with self._lock:
            self._outcomes[ending] += 1

    @contextmanager
    def timed(self, figure: str) -> Iterator[None]:
        """Add the seconds inside the block to a figure, also where the block raises."""
        began = perf_counter()
        try:
            yield
        finally:
            self.add(**{figure: perf_counter() - began})

    def snapshot(self, slots_used: int, queue_length: int) -> EngineMetrics:
        """Return the figures of now."""
        with self._lock:
            return replace(
                self._figures,
                slots_used=slots_used,
                queue_length=queue_length,
                outcomes=tuple((ending, self._outcomes[ending]) for ending in ENDINGS),
            )
