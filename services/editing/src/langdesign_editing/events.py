"""What happens in an edit, in this service's own words; `event_messages` puts it into the contract's."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property

import numpy as np
from langdesign_edits import ChangeReport, Mask
from langdesign_edits.focus import Focus

from langdesign_editing.plans import InstructionPlan


class State(IntEnum):
    """State of an operation; the numbers are those of the stored ones."""

    RUNNING = 1
    SUCCEEDED = 2
    FAILED = 3
    CANCELLED = 4


class NoOpReason(StrEnum):
    """Why nothing is to change."""

    NO_TARGET = "no target"
    EMPTY_MASK = "empty mask"
    UNREADABLE_INSTRUCTION = "unreadable instruction"


@dataclass(frozen=True, eq=False)
class Grounding:
    """Where an edit acts.

    Attributes:
        masks: One ``[H, W]`` bool per region, none of them empty; no mask means the whole picture, unless
            ``no_op`` says that there is nothing to edit.
        no_op: Why nothing is to change; None when something is.
        no_target_probability: Probability that nothing is meant, 0..1; None where nothing was segmented.
        truncated: Whether an expression was longer than the network reads, so that its end did not count.
        segmentation_seconds: Time that the segmentation took.

    """

    masks: tuple[Mask, ...] = ()
    no_op: NoOpReason | None = None
    no_target_probability: float | None = None
    truncated: bool = False
    segmentation_seconds: float = 0.0

    @cached_property
    def union(self) -> Mask | None:
        """The masks together; None when the whole picture is edited, or nothing is."""
        if len(self.masks) < 2:
            return self.masks[0] if self.masks else None
        together: Mask = np.logical_or.reduce(self.masks)
        return together


@dataclass(frozen=True)
class StepDone:
    """Steps done, 1..steps; with a small picture (JPEG) at times."""

    step: int
    steps: int
    preview: bytes | None


@dataclass(frozen=True)
class Outcome:
    """The result.

    Attributes:
        data: The edited picture, encoded; the very bytes of the input for a no-op.
        report: What changed.
        seed: The seed that was used.
        seconds: Where the time went: ``reference``, ``segmentation``, ``queue``, ``engine``, ``total``.
        checkpoint: ``name@sha256:...`` of what edited; empty for a no-op.
        no_op: Why nothing was to change.
        focus: What the network saw of the picture; None for a no-op.

    """

    data: bytes
    report: ChangeReport
    seed: int
    seconds: Mapping[str, float]
    checkpoint: str = ""
    no_op: NoOpReason | None = None
    focus: Focus | None = None


@dataclass(frozen=True)
class Failure:
    """Why an edit failed: the number of its status, and what its caller is told."""

    code: int
    message: str


Happening = InstructionPlan | Grounding | StepDone | Outcome | Failure
"""What an event of an edit tells."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of an operation, as it is kept and told.

    Attributes:
        sequence: Its place in the operation, from 1, without gaps.
        message: The contract's event, serialised, without its picture.
        picture: What the event shows, encoded: a preview or the result. None where there is nothing, or where
            it is not at hand: previews stay with the replica that does the edit.

    """

    sequence: int
    message: bytes
    picture: bytes | None = None
