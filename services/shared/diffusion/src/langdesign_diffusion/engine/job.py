"""A submitted edit, seen by the engine."""

import threading
from dataclasses import dataclass
from enum import Enum
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from langdesign_diffusion.engine.event_log import EventLog
from langdesign_diffusion.engine.events import Timings
from langdesign_diffusion.errors import Cancelled, DeadlineExceeded, EngineError
from langdesign_diffusion.parameters import EditParameters


class Phase(Enum):
    """Where an edit is."""

    QUEUE = "queue"
    ENCODE = "encode"
    DENOISE = "denoise"
    DECODE = "decode"
    ENDED = "ended"


@dataclass(frozen=True)
class Submission:
    """What the caller handed in."""

    image: NDArray[np.uint8]
    masks: NDArray[np.uint8] | None
    parameters: EditParameters
    deadline: float | None  # on the clock of `time.monotonic`


class Job:
    """A request on its way through the phases."""

    def __init__(self, request: Submission) -> None:
        self.request = request
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
        deadline = self.request.deadline
        if deadline is not None and monotonic() >= deadline:
            return DeadlineExceeded(f"the deadline passed in phase {self.phase.value}; allow more time")
        return None

    def timings(self) -> Timings:
        """Return the seconds spent in each phase that was left."""
        return Timings(**{phase.value: self._seconds[phase] for phase in Phase if phase is not Phase.ENDED})
