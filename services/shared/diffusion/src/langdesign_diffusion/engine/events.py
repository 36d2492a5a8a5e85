"""What a caller hears of an edit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
class Previewed:
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


Event = Started | Previewed | Finished
