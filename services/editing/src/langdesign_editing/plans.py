"""What the reference service reads an instruction as, as far as this service acts on it."""

from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """Where an added thing stands, seen from its anchor; around it where nothing is said."""

    AROUND = "around"
    ON = "on"
    ABOVE = "above"
    BELOW = "below"
    BESIDE = "beside"
    LEFT = "left"
    RIGHT = "right"
    IN_FRONT = "in front"
    BEHIND = "behind"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class Reference:
    """A thing that the instruction names; with a relation it is the anchor of one that is added."""

    expression: str
    relation: Relation | None = None


@dataclass(frozen=True, slots=True)
class InstructionPlan:
    """An instruction, read.

    Attributes:
        references: What it names, in its order.
        whole: Whether it is about the whole picture.
        operation_known: Whether it asks for an operation that has a name.
        confidence: 0..1.
        operation: What it asks for, such as "recolour"; "other" where that has no name.
        message: The plan as the reference service wrote it, for callers.

    """

    references: tuple[Reference, ...]
    whole: bool
    operation_known: bool
    confidence: float
    message: bytes = b""
    operation: str = "other"
