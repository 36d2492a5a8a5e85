"""The frames of verbs: how each takes its arguments, and what it asks for; one table, with reasons."""

from dataclasses import dataclass
from enum import Enum

from langdesign_reference.phrases import Phrase
from langdesign_reference.plan import Operation, Relation, Role
from langdesign_reference.words import Word, Words

AVOIDED = "not"
"""Stands before a value that a thing should not have."""


class Slot(Enum):
    """What a verb takes beside the thing that it acts on."""

    NOTHING = "nothing"
    SOURCE = "source"  # "remove the books from the shelf"
    PLACE = "place"  # "add a lamp on the table"
    GOAL = "goal"  # "move the lamp to the table"
    REPLACEMENT = "replacement"  # "replace the lamp with a candle"
    VALUE = "value"  # "make the lamp blue"
    GIFT = "gift"  # "give the lamp a shade"
    COVERING = "covering"  # "cover the wall with wallpaper"
    PURPOSE = "purpose"  # "open the door for light"


@dataclass(frozen=True)
class Frame:
    """How a verb takes its arguments.

    Attributes:
        operation: What it asks for; None where its value says.
        slot: What it takes beside its object.
        reason: Why it is a frame of its own.

    """

    operation: Operation | None
    slot: Slot
    reason: str


FRAMES = {
    "remove": Frame(Operation.REMOVE, Slot.SOURCE, "where a thing is taken from is no part of it"),
    "deny": Frame(
        Operation.REMOVE, Slot.SOURCE, "not wanted any more: what is asked for next comes in its place"
    ),
    "clear": Frame(None, Slot.SOURCE, "a desk that is cleared stays, dishes that are cleared go"),
    "adjust": Frame(Operation.OTHER, Slot.PURPOSE, "done to a picture: 'the picture' is the whole of it"),
    "shade": Frame(None, Slot.PURPOSE, "'lighten' is a colour of a thing, a state of the picture or a lamp"),
    "lift": Frame(None, Slot.GOAL, "a picture that is raised moves, blinds and ceilings change"),
    "take": Frame(
        Operation.REMOVE, Slot.GOAL, "taken away, unless it says where to: 'take the lamp to the bed'"
    ),
    "add": Frame(
        Operation.ADD, Slot.PLACE, "its object is not in the picture yet: what is named is the place"
    ),
    "put": Frame(None, Slot.PLACE, "'a lamp' is added, 'the lamp' is moved"),
    "throw": Frame(None, Slot.PLACE, "thrown away, unless it says where to: 'throw a blanket on the bed'"),
    "move": Frame(
        Operation.MOVE, Slot.GOAL, "the last place is where it goes, an earlier one tells which thing"
    ),
    "replace": Frame(Operation.REPLACE, Slot.REPLACEMENT, "its second phrase is not in the picture yet"),
    "change": Frame(None, Slot.VALUE, "a colour, a material, a state or another thing: the value says which"),
    "recolour": Frame(Operation.RECOLOUR, Slot.VALUE, "paint is a colour, whatever its name"),
    "restyle": Frame(Operation.RESTYLE, Slot.VALUE, "a trade: its material may be left unsaid"),
    "enliven": Frame(
        None, Slot.PURPOSE, "a thing that it is done with is added; without one it is another look"
    ),
    "strip": Frame(None, Slot.SOURCE, "a wall that is stripped stays, paper that is stripped off goes"),
    "other": Frame(Operation.OTHER, Slot.PURPOSE, "light, size, state, sharpness"),
    "give": Frame(None, Slot.GIFT, "a look is a style; a thing is an addition to the one who gets it"),
    "cover": Frame(None, Slot.COVERING, "'with wallpaper' is a style, 'with flowers' an addition"),
    "bare": Frame(None, Slot.VALUE, "without a verb: what is said of the thing tells"),
}


@dataclass(frozen=True)
class Part:
    """One object of a verb with what the verb takes beside it; `aside` is where it is taken from."""

    theme: Words
    second: Words = ()
    link: Words = ()
    linked: bool = False
    aside: Words = ()


@dataclass(frozen=True)
class Named:
    """A noun phrase with the part that it plays."""

    phrase: Phrase
    role: Role
    relation: Relation = Relation.UNSPECIFIED


@dataclass(frozen=True)
class Draft:
    """What one clause asks for, pronouns not resolved yet.

    Attributes:
        operation: What is to be done.
        named: The phrases, also those of the whole picture and pronouns.
        verb: The verb as said.
        value: As in `Asked`.
        link: As in `Asked`.
        guessed: Whether its value or theme is in no list.
        denied: Whether it says that something is not wanted, so that what follows replaces it.
        instead: Whether it says that it takes the place of what was named before.
        linked: Whether a preposition or article led to the value.
        wish: Whether it says how the picture as a whole should feel.
        avoided: Whether its value is what the thing should not be: "not red".
        aside: A phrase that a pronoun of place may mean: "off the counter and put a bowl on it".

    """

    operation: Operation
    named: tuple[Named, ...]
    verb: tuple[Word, ...] = ()
    value: tuple[Word, ...] = ()
    link: tuple[Word, ...] = ()
    guessed: bool = False
    denied: bool = False
    instead: bool = False
    linked: bool = False
    wish: bool = False
    avoided: bool = False
    aside: Phrase | None = None

    def of(self, *roles: Role) -> list[Named]:
        """Return what plays one of the roles."""
        return [one for one in self.named if one.role in roles]
