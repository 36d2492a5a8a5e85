"""What a caller hears of an edit."""

from dataclasses import dataclass

from langdesign_edits import Pixels

from langdesign_engine.stepper import Output


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
    image: Pixels


@dataclass(frozen=True)
class Finished:
    """The last event of an edit that succeeded."""

    steps: int
    result: Output
    timings: Timings


Event = Started | Previewed | Finished
