"""What an instruction asks for, free of any protocol."""

from dataclasses import dataclass, field
from enum import StrEnum

MAX_EDITS, MAX_REFERENCES, MAX_ALTERNATIVES = 16, 64, 4
"""What a plan, an edit and a reference hold at most."""


class Operation(StrEnum):
    """What is to be done, as in `langdesign.reference.v1.Operation`."""

    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"
    RECOLOUR = "recolour"
    RESTYLE = "restyle"
    MOVE = "move"
    OTHER = "other"


class Scope(StrEnum):
    """Where an edit acts: on regions, or on the whole picture."""

    REGION = "region"
    GLOBAL = "global"


class Role(StrEnum):
    """What part a reference plays: the thing to change, where an added or moved thing goes, what stays."""

    TARGET = "target"
    ANCHOR = "anchor"
    KEEP = "keep"


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
    """Who read the instruction, as in `langdesign.reference.v1.Reader`: the parser has a tagger."""

    BOTH = "both"
    LANGUAGE_MODEL = "language_model"
    PARSER = "parser"
    NONE = "none"


@dataclass(frozen=True, order=True)
class Reference:
    """A referring expression: characters `start` to `end` (exclusive, code points) of the instruction.

    A pronoun's is the noun phrase that it stands for. `english` is the expression in English, rightly spelt;
    empty where a word of it is unknown. `alternatives` are what else it may mean, up to `MAX_ALTERNATIVES`,
    the likelier first: it is there where any of them is.
    """

    start: int
    end: int
    expression: str
    role: Role
    # The rest follows from the above and the instruction, so that readers cannot differ in it.
    relation: Relation = field(default=Relation.UNSPECIFIED, compare=False)
    english: str = field(default="", compare=False)
    alternatives: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class PlannedEdit:
    """One of the things that an instruction asks for.

    Attributes:
        operation: What is to be done.
        scope: Where.
        references: In order of appearance; of a global edit only what is kept.
        instruction: What to do, in English and with nothing of the other edits in it; empty where a word is
            unknown.
        unknown_words: Words that could not be put into English; with one, the edit is not to be done.
        surfaces: Of an addition without an anchor: what the thing stands on or hangs at, in English, the
            likeliest first.
        surface_relation: How the thing stands to its surface: ON, INSIDE or BELOW.
        gentle: Whether it is to be done at gentle guidance.

    """

    operation: Operation
    scope: Scope
    references: tuple[Reference, ...] = ()
    instruction: str = field(default="", compare=False)
    unknown_words: tuple[str, ...] = field(default=(), compare=False)
    surfaces: tuple[str, ...] = field(default=(), compare=False)
    surface_relation: Relation = field(default=Relation.UNSPECIFIED, compare=False)
    gentle: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Correction:
    """A slip of the keyboard: characters `start` to `end`, `written`, were taken for the word `read`."""

    start: int
    end: int
    written: str
    read: str


@dataclass(frozen=True)
class Reading:
    """What one reader makes of an instruction.

    Attributes:
        edits: In the order in which they are to be done; none where nothing is asked for.
        confidence: How likely all of it is right, 0..1.
        corrections: Slips that were read as another word, in order.
        wish: Whether the instruction is a wish, which the reader turned into these edits.
        left_out: How many edits were asked for beyond those that a plan holds.
        ruled: Whether a rule of the parser fits the instruction, whoever read it.

    """

    edits: tuple[PlannedEdit, ...]
    confidence: float
    corrections: tuple[Correction, ...] = ()
    wish: bool = False
    left_out: int = 0
    ruled: bool = True

    def same_plan(self, other: "Reading") -> bool:
        """Whether both read the same edits: operation, scope and references, whatever their confidence."""
        return self.edits == other.edits


@dataclass(frozen=True)
class Plan:
    """The reading that was chosen, who read it, and whether both readers agreed (None: only one read)."""

    reading: Reading
    reader: Reader
    agreed: bool | None
    language: str
