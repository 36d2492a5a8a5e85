"""What the reference service reads an instruction as, as far as this service acts on it."""

from dataclasses import dataclass
from enum import StrEnum

MAX_EXPRESSIONS, MAX_EXPRESSION_LENGTH = 64, 400
"""What `langdesign.segmentation.v1` takes in one call, and the characters of each."""


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

    `relation` is where an added or moved thing goes, seen from an anchor. `alternatives` are what else the
    expression may mean, the likelier first: the thing is there where any of them is.
    """

    expression: str
    role: Role
    relation: Relation = Relation.AROUND
    alternatives: tuple[str, ...] = ()

    @property
    def meanings(self) -> tuple[str, ...]:
        """All that the expression may mean, the likeliest first."""
        return (self.expression, *self.alternatives)


@dataclass(frozen=True, slots=True)
class PlannedEdit:
    """One of the things that an instruction asks for; see `langdesign.reference.v1.PlannedEdit`.

    Attributes:
        operation: What it asks for, such as "recolour"; "other" where that has no name, "" where it was not
            read.
        whole: Whether it is about the whole picture, less what is kept.
        references: What it names, in its order.
        instruction: What the editor is told, in English.
        unknown_words: Words that could not be put into English.
        surfaces: Of an addition without an anchor: what the thing stands on or hangs at, the likeliest first.
        surface_relation: How it stands to its surface: ON, INSIDE or BELOW; AROUND where that is not told.
        gentle: Whether it is to be done at gentle guidance.
        strange_words: Words of the alternatives that the editor does not know, in lower case.

    """

    operation: str
    whole: bool
    references: tuple[Reference, ...]
    instruction: str
    unknown_words: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    surface_relation: Relation = Relation.AROUND
    gentle: bool = False
    strange_words: frozenset[str] = frozenset()

    @property
    def seeks_room(self) -> bool:
        """Whether it adds something and says nothing of where."""
        return self.operation == "add" and not self.whole and not self.named(Role.TARGET, Role.ANCHOR)

    def named(self, *roles: Role) -> tuple[Reference, ...]:
        """Return the references that play one of some parts."""
        return tuple(reference for reference in self.references if reference.role in roles)

    @property
    def expressions(self) -> tuple[str, ...]:
        """What is to be looked for in the picture to do it; of an edit that is not to be done, nothing."""
        if self.unknown_words:
            return ()
        named = tuple(meaning for reference in self.references for meaning in reference.meanings)
        return named + (self.surfaces if self.seeks_room else ())


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

    @property
    def expressions(self) -> tuple[str, ...]:
        """What is to be looked for in the picture to do its edits."""
        return tuple(expression for edit in self.edits for expression in edit.expressions)

    @property
    def foreign(self) -> bool:
        """Whether the instruction is known to be in another language than English."""
        return self.language.partition("-")[0].lower() not in {"en", "und", ""}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an edit is to do, as it was read before the edit began.

    Attributes:
        edits: What is to be done, in order. Where the caller gave the region it is one, which is to be done
            there.
        plan: The plan that they are of; None where the caller gave the region.
        seconds: How long the reading took.

    """

    edits: tuple[PlannedEdit, ...]
    plan: InstructionPlan | None = None
    seconds: float = 0.0
