"""What happens in an edit, in this service's own words; `event_messages` puts it into the contract's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property

import numpy as np
from langdesign_edits import ChangeReport, ChangeStatistics, Mask
from langdesign_edits.focus import Focus

from langdesign_editing.plans import InstructionPlan, PlannedEdit


class State(IntEnum):
    """State of an operation; the numbers are those of the stored ones."""

    RUNNING = 1
    SUCCEEDED = 2
    FAILED = 3
    CANCELLED = 4


class NoOpReason(StrEnum):
    """Why nothing is to change; see `langdesign.editing.v1.NoOpReason`."""

    NO_TARGET = "no target"
    EMPTY_MASK = "empty mask"
    UNREADABLE_INSTRUCTION = "unreadable instruction"
    NOTHING_ASKED = "nothing asked"
    UNKNOWN_WORDS = "unknown words"
    UNCERTAIN = "uncertain"
    NO_PLACE = "no place"


@dataclass(frozen=True, eq=False)
class GroundedEdit:
    """Where one edit of a plan acts.

    Attributes:
        edit: Its place in the plan, from 0.
        asked: What it asks for.
        masks: One ``[H, W]`` bool for each thing that it acts on, none of them empty. Without any the whole
            picture is edited, unless ``no_op`` says that nothing is.
        no_op: Why it changes nothing; None when it does something.
        no_target_probability: Probability that one of the things that it acts on is not there, 0..1; None
            where none was looked for.
        truncated: Whether an expression was longer than the network reads, so that its end did not count.
        unknown_words: Words that were not understood; of an edit that is done, those of the things that are
            left out of it.
        not_found: What an edit that is done names and was left out of it, since it was not found.
        transparent_share: Share of where it was to act of which nothing is seen, 0..1; left out of its masks.
        surface: Of an addition that found room by itself: what it belongs to.
        look_again: Whether it is looked for again once the edits before it are done, since they may make or
            move what it names. With a ``no_op``, that is not the last word before.
        pass_number: Which pass of the editor does it, from 0.

    """

    edit: int
    asked: PlannedEdit
    masks: tuple[Mask, ...] = ()
    no_op: NoOpReason | None = None
    no_target_probability: float | None = None
    truncated: bool = False
    unknown_words: tuple[str, ...] = ()
    not_found: tuple[str, ...] = ()
    transparent_share: float = 0.0
    surface: str = ""
    look_again: bool = False
    pass_number: int = 0

    @property
    def acts(self) -> bool:
        """Whether it is known to change something."""
        return self.no_op is None

    @property
    def open(self) -> bool:
        """Whether a second look is to tell whether it changes something."""
        return self.no_op is not None and self.look_again

    @property
    def whole(self) -> bool:
        """Whether it edits the whole picture."""
        return self.acts and not self.masks

    @cached_property
    def union(self) -> Mask | None:
        """Its masks together; None when the whole picture is edited, or nothing is."""
        return union_of(self.masks)


@dataclass(frozen=True, eq=False)
class Grounding:
    """Where the edits of a plan act.

    Attributes:
        edits: Each of them, in their order.
        unasked: Why nothing is to change although no edit says so: there is none.
        segmentation_seconds: Time that the segmentation took.

    """

    edits: tuple[GroundedEdit, ...] = ()
    unasked: NoOpReason | None = None
    segmentation_seconds: float = 0.0

    @property
    def no_op(self) -> NoOpReason | None:
        """Why nothing is to change, for the first edit; None when something is, or may be."""
        if any(edit.acts or edit.open for edit in self.edits):
            return None
        return self.edits[0].no_op if self.edits else self.unasked

    @property
    def whole(self) -> bool:
        """Whether the whole picture is edited."""
        return any(edit.whole for edit in self.edits)

    @cached_property
    def union(self) -> Mask | None:
        """All masks together; None when the whole picture is edited, or nothing is."""
        if self.whole:
            return None
        return union_of([edit.union for edit in self.edits if edit.union is not None])

    @property
    def no_target_probability(self) -> float | None:
        """Probability that nothing at all is meant, 0..1: the least of the edits'."""
        told = [edit.no_target_probability for edit in self.edits]
        return min((value for value in told if value is not None), default=None)

    @property
    def truncated(self) -> bool:
        """Whether any expression was longer than the network reads."""
        return any(edit.truncated for edit in self.edits)


def union_of(masks: Sequence[Mask]) -> Mask | None:
    """Return masks ``[H, W]`` together; None for none."""
    if len(masks) < 2:
        return masks[0] if masks else None
    together: Mask = np.logical_or.reduce(masks)
    return together


@dataclass(frozen=True)
class StepDone:
    """Steps done, 1..steps; with a small picture (JPEG) at times."""

    step: int
    steps: int
    preview: bytes | None


@dataclass(frozen=True, eq=False)
class EditOutcome:
    """What became of one edit of a plan, and what the operation changed inside its masks, where it acted."""

    grounded: GroundedEdit
    inside: ChangeStatistics | None = None


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
        focus: What the network saw of the picture, in the last pass; None for a no-op.
        edits: What became of each edit of the plan, in its order.

    """

    data: bytes
    report: ChangeReport
    seed: int
    seconds: Mapping[str, float]
    checkpoint: str = ""
    no_op: NoOpReason | None = None
    focus: Focus | None = None
    edits: tuple[EditOutcome, ...] = ()


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
