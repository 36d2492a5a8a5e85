"""What the rules make of an instruction, before it is a plan: edits in the instruction's own words."""

from dataclasses import dataclass

from langdesign_reference.plan import Operation, Relation, Role, Scope
from langdesign_reference.words import Word


@dataclass(frozen=True)
class Argument:
    """A referring expression: its words, its part in the edit and, of an anchor, where the thing goes."""

    words: tuple[Word, ...]
    role: Role
    relation: Relation = Relation.UNSPECIFIED


@dataclass(frozen=True)
class Asked:
    """One edit that an instruction asks for.

    Attributes:
        operation: What is to be done.
        scope: Where.
        arguments: In order of appearance; pronouns are the noun phrase that they mean.
        verb: The verb as said; empty where none was ("sofa blue").
        value: What is added; what the thing becomes; where it is moved without an anchor ("to the left").
            Without the preposition in front of it. May be empty.
        link: The preposition in front of `value`, as said.
        whole: What names the whole picture, as said: "the room".
        more: Values of further wishes: "brighter" of "cosier, brighter".
        frame: How the verb is used; see `langdesign_reference.frames.FRAMES`.
        wish: Whether it says how the picture as a whole should feel.
        avoided: Whether its value is what the thing should not be: "not red".

    """

    operation: Operation
    scope: Scope
    arguments: tuple[Argument, ...] = ()
    verb: tuple[Word, ...] = ()
    value: tuple[Word, ...] = ()
    link: tuple[Word, ...] = ()
    whole: tuple[Word, ...] = ()
    more: tuple[tuple[Word, ...], ...] = ()
    frame: str = "bare"
    wish: bool = False
    avoided: bool = False


AVOIDING = {
    Operation.RECOLOUR: "give {thing} another colour",
    Operation.RESTYLE: "give {thing} another look",
    Operation.OTHER: "make {thing} less {value}",
}
"""What is done to a thing that should not be something: that is not named, or the editor would make it so."""
