"""What a caller hears of an edit, and its form on a wire."""

import dataclasses
import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langdesign_diffusion.errors import DiffusionError
from langdesign_diffusion.state import EditResult


@dataclass(frozen=True)
class Timings:
    """Seconds that an edit spent in each phase."""

    queue: float
    encode: float
    denoise: float
    decode: float


@dataclass(frozen=True)
class Started:
    """The edit has a slot and its inputs are encoded."""

    steps: int


@dataclass(frozen=True)
class Preview:
    """A small picture `[h, w, 3]` of the estimate after `step` of `steps`."""

    step: int
    steps: int
    image: NDArray[np.uint8]


@dataclass(frozen=True)
class Finished:
    """The last event of an edit that succeeded."""

    steps: int
    result: EditResult
    timings: Timings


Event = Started | Preview | Finished

NO_IMAGE: NDArray[np.uint8] = np.zeros((0, 0, 0), np.uint8)


def event_message(event: Event) -> tuple[str, NDArray[np.uint8]]:
    """Return the JSON text and the picture `[h, w, c]` (empty where there is none) of an event."""
    match event:
        case Started(steps):
            return json.dumps({"kind": "started", "step": 0, "steps": steps}), NO_IMAGE
        case Preview(step, steps, image):
            return json.dumps({"kind": "preview", "step": step, "steps": steps}), image
        case Finished(steps, result, timings):
            fields = {"kind": "result", "step": steps, "steps": steps}
            report = dataclasses.asdict(result.report) if result.report else None
            seconds = dataclasses.asdict(timings)
            return json.dumps({**fields, "report": report, "timings": seconds}), result.image


def error_message(error: Exception) -> str:
    """Return the JSON text of a failure; of an error not of this library nothing inner is told."""
    reason, message = "INTERNAL", "the edit failed inside the engine"
    if isinstance(error, DiffusionError):
        reason, message = error.reason, str(error)
    return json.dumps({"kind": "error", "reason": reason, "message": message})
