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


class Role(StrEnum):
    """What part a reference plays: the thing to change, where an added or moved thing goes, what stays."""

    TARGET = "target"
    ANCHOR = "anchor"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Reference:
    """A thing that the instruction names, in English; empty where a word of it is unknown.

    `relation` is where an added or moved thing goes, seen from an anchor.
    """

    expression: str
    role: Role
    relation: Relation = Relation.AROUND


@dataclass(frozen=True, slots=True)
class PlannedEdit:
    """One of the things that an instruction asks for; see `langdesign.reference.v1.PlannedEdit`.

    Attributes:
        operation: What it asks for, such as "recolour"; "other" where that has no name.
        whole: Whether it is about the whole picture, less what is kept.
        references: What it names, in its order.
        instruction: What the editor is told, in English.
        unknown_words: Words that could not be put into English.
        surfaces: Of an addition without an anchor: what the thing stands on or hangs at, the likeliest first.
        gentle: Whether it is to be done at gentle guidance.

    """

    operation: str
    whole: bool
    references: tuple[Reference, ...]
    instruction: str
    unknown_words: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    gentle: bool = False


@dataclass(frozen=True, slots=True)
class InstructionPlan:
    """An instruction, read.

    Attributes:
        edits: What it asks for, in the order in which that is to be done; none where nothing is asked for.
        read: Whether anybody could read it.
        language: BCP 47 tag; "und" where it is not known.
        message: The plan as the reference service wrote it, for callers.

    """

    edits: tuple[PlannedEdit, ...]
    read: bool = True
    language: str = "en"
    message: bytes = b""
