"""A submitted edit, seen by the engine."""

import threading
from enum import Enum
from time import monotonic
from typing import Generic

from langdesign_engine.errors import Cancelled, DeadlineExceeded, EngineError
from langdesign_engine.event_log import EventLog
from langdesign_engine.events import Timings
from langdesign_engine.stepper import RequestT


class Phase(Enum):
    """Where an edit is."""

    QUEUE = "queue"
    ENCODE = "encode"
    DENOISE = "denoise"
    DECODE = "decode"
    ENDED = "ended"


class Job(Generic[RequestT]):
    """A request on its way through the phases."""

    def __init__(self, request: RequestT, deadline: float | None) -> None:
        """Begin to wait; the deadline is on the clock of `time.monotonic`."""
        self.request = request
        self.deadline = deadline
        self.log = EventLog()
        self.phase = Phase.QUEUE
        self.steps_done = 0
        self.cancelled = threading.Event()
        self._entered = monotonic()
        self._seconds = dict.fromkeys(Phase, 0.0)

    def enter(self, phase: Phase) -> float:
        """Go to a phase, and return the seconds spent in the one before."""
        now = monotonic()
        spent = now - self._entered
        self._seconds[self.phase] += spent
        self.phase, self._entered = phase, now
        return spent

    def reason_to_stop(self) -> EngineError | None:
        """Return the error to end with, where the caller cancelled or the deadline passed."""
        if self.cancelled.is_set():
            return Cancelled(f"the edit was cancelled after {self.steps_done} steps")
        if self.deadline is not None and monotonic() >= self.deadline:
            return DeadlineExceeded(f"the deadline passed in phase {self.phase.value}; allow more time")
        return None

    def timings(self) -> Timings:
        """Return the seconds spent in each phase that was left."""
        return Timings(**{phase.value: self._seconds[phase] for phase in Phase if phase is not Phase.ENDED})
