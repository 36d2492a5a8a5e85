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


def avoiding(operation: Operation, thing: str, value: str) -> str:
    """Return in English what is done to a thing that should not be something; empty where nothing fits.

    A colour or material to avoid is not named, or an editor would make the thing so.
    """
    if operation in {Operation.RECOLOUR, Operation.RESTYLE} and thing:
        return f"give {thing} another {'colour' if operation is Operation.RECOLOUR else 'look'}"
    if operation is not Operation.OTHER:
        return ""
    return f"make {thing} {_OPPOSITES[value]}" if value in _OPPOSITES else f"make {thing} less {value}"


_OPPOSITES = {
    "on": "off",
    "off": "on",
    "open": "closed",
    "closed": "open",
    "shut": "open",
    "lit": "unlit",
    "unlit": "lit",
    "messy": "tidy",
    "bare": "decorated",
    "empty": "filled",
    "crooked": "straight",
    "dirty": "clean",
}
"""States that are either so or not."""
