"""What an instruction asks for, free of any protocol."""

from dataclasses import dataclass, field
from enum import StrEnum


class Operation(StrEnum):
    """What is to be done, as in `langdesign.reference.v1.Operation`."""

    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"
    RECOLOUR = "recolour"
    RESTYLE = "restyle"
    MOVE = "move"
    OTHER = "other"


class Role(StrEnum):
    """What part a reference plays: the thing to change, or where an added or moved thing goes."""

    TARGET = "target"
    ANCHOR = "anchor"


class Relation(StrEnum):
    """Where an added or moved thing goes, seen from its anchor; as in `langdesign.reference.v1.Relation`."""

    UNSPECIFIED = "unspecified"
    ON = "on"
    ABOVE = "above"
    BELOW = "below"
    BESIDE = "beside"
    LEFT = "left"
    RIGHT = "right"
    IN_FRONT = "in_front"
    BEHIND = "behind"
    INSIDE = "inside"


class Reader(StrEnum):
    """Who read the instruction, as in `langdesign.reference.v1.Reader`."""

    BOTH = "both"
    LANGUAGE_MODEL = "language_model"
    PARSER = "parser"


@dataclass(frozen=True, order=True)
class Reference:
    """A referring expression: characters `start` to `end` (exclusive, code points) of the instruction."""

    start: int
    end: int
    expression: str
    role: Role
    # Of an anchor; it follows from the place, so that readers cannot differ in it.
    relation: Relation = field(default=Relation.UNSPECIFIED, compare=False)


@dataclass(frozen=True)
class Reading:
    """What one reader makes of an instruction; a plan without references is meant for the whole picture.

    `references` stand in order of appearance; `confidence` is 0..1.
    """

    operation: Operation
    references: tuple[Reference, ...]
    confidence: float

    def same_plan(self, other: "Reading") -> bool:
        """Whether both read the same operation and the same references, whatever their confidence."""
        return self.operation == other.operation and self.references == other.references


@dataclass(frozen=True)
class Plan:
    """The reading that was chosen, who read it, and whether both readers agreed (None: only one read)."""

    reading: Reading
    reader: Reader
    agreed: bool | None
    language: str
