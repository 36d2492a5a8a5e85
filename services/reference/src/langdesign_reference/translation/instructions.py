"""English instructions for an editor, put together from what is asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from langdesign_reference.asked import Argument, Asked, avoiding
from langdesign_reference.plan import Operation, Relation, Role
from langdesign_reference.prepositions import PREPOSITIONS
from langdesign_reference.translation.drafts import English
from langdesign_reference.translation.english import indefinite
from langdesign_reference.translation.vocabulary import NOMINAL, Part, Vocabulary
from langdesign_reference.words import Word

_WHOLE = "the room"
_HANGING = re.compile(
    r"\b(pictures?|paintings?|mirrors?|clocks?|posters?|lamps?|televisions?|shel(f|ves)|maps?)\b"
)
_BURNING = re.compile(r"(?:(?!\b(?:on|in|by|next|above)\b).)*\b(candles?|fire|fireplace)\b")
_LIKENESS = frozenset({"wie", "ca", "als", "precum"})
# What is done to a surface with a material, said by a verb of its own.
_MADE_UP = frozenset({"and", ",", "die", "weniger", "less", "mai", "putin", "mult"})
"""Words that were not said, but are meant."""
_COVERING = frozenset({"wallpaper", "tile", "upholster", "clad", "cover", "plaster"})
_AIRS = ("style", "look", "pattern", "tone", "colour", "atmosphere", "mood", "feel", "touch", "charm")
"""What a room is given, and is not turned into."""
_QUALITIES = frozenset(
    {Part.STATE, Part.ADJECTIVE, Part.SIZE, Part.SHADE, Part.COLOUR, Part.PATTERN, Part.STYLE}
)


class Phrases(Protocol):
    """Puts noun phrases of a language into English."""

    def read(self, words: Sequence[Word], *, article: str, quality: bool = False) -> English:
        """Translate a phrase, with `article` where it has no determiner."""


@dataclass(frozen=True)
class Translated:
    """An edit in English.

    Attributes:
        instruction: What to do; empty where a word is unknown.
        references: The arguments in their order; empty ones where a word of theirs is unknown.
        alternatives: Each argument by the other meanings of its nouns, the likelier first.
        value: What is added, what the thing becomes, or where it is moved; empty where there is none, or a
            word is unknown.
        unknown_words: Words that could not be put into English, as written.

    """

    instruction: str
    references: tuple[str, ...]
    alternatives: tuple[tuple[str, ...], ...]
    value: str
    unknown_words: tuple[str, ...]


class Translator:
    """Puts edits of one language into English.

    Args:
        vocabulary: The words.
        phrases: What reads its noun phrases.

    """

    def __init__(self, vocabulary: Vocabulary, phrases: Phrases) -> None:
        self._verbs = vocabulary.functions["verbs"]
        self._directions = vocabulary.functions["directions"]
        self._phrases = phrases

    def translate(self, asked: Asked) -> Translated:
        """Translate what is asked into an English instruction of its own."""
        references = [self._named(one, asked.operation) for one in asked.arguments]
        roles = {one.role for one in asked.arguments}
        told = asked.operation is Operation.MOVE and Role.ANCHOR in roles
        value = English("") if told or asked.operation is Operation.REMOVE else self._value(asked)
        whole = self._phrases.read(() if Role.TARGET in roles else asked.whole, article="the")
        unknown = tuple(dict.fromkeys(word for one in (*references, value, whole) for word in one.unknown))
        named = [(one, english.text) for one, english in zip(asked.arguments, references, strict=True)]
        things = _listed([text for one, text in named if one.role is Role.TARGET])
        things = things or (whole.text if whole.part else "") or _WHOLE
        place = _place([(one.relation, text) for one, text in named if one.role is Role.ANCHOR])
        instruction = "" if unknown else self._instruction(asked, things, place, value)
        if not unknown and not instruction:
            unknown = tuple(word.text for word in asked.verb if word.start < word.end)
        return Translated(
            instruction,
            references=tuple(one.text for one in references),
            alternatives=tuple(tuple(other.text for other in one.others) for one in references),
            value=value.text,
            unknown_words=unknown,
        )

    def _named(self, argument: Argument, operation: Operation) -> English:
        """Translate what is named; what is taken away or moved is no part of the room."""
        phrase = self._phrases.read(_without_made_up(argument.words), article="the")
        moves = operation in {Operation.REMOVE, Operation.MOVE} and argument.role is Role.TARGET
        return phrase.movable() if moves else phrase

    def _value(self, asked: Asked) -> English:
        if asked.operation is Operation.MOVE:
            for index in range(len(asked.value)):  # "ein Stück nach links"
                found = self._directions.at(asked.value, index)
                if found and index + found[1] == len(asked.value):
                    return English(found[0])
        thing = asked.operation in {Operation.ADD, Operation.REPLACE} or _is_likeness(asked.link)
        article = "the" if asked.operation is Operation.MOVE else "a" if thing else ""
        value = self._phrases.read(_without_made_up(asked.value), article=article, quality=not thing)
        more = [self._phrases.read(one, article="", quality=True) for one in asked.more]
        if not more:
            return value
        unknown = (word for one in (value, *more) for word in one.unknown)
        return replace(value, text=_listed([one.text for one in (value, *more)]), unknown=tuple(unknown))

    def _instruction(self, asked: Asked, things: str, place: str, value: English) -> str:
        text = value.text
        if asked.avoided and (avoided := avoiding(asked.operation, things, text)):
            return avoided
        instructions = {
            Operation.REMOVE: f"remove {things}",
            Operation.ADD: _spaced("put" if place else "add", text or "something", place),
            Operation.REPLACE: f"replace {things} with {text}" if text else f"replace {things}",
            Operation.MOVE: _spaced("move", things, _onto(things, place) or _towards(asked, text)),
            Operation.RECOLOUR: f"make {things} {text}" if text else f"change the colour of {things}",
        }
        return instructions.get(asked.operation) or _spaced(self._made(asked, things, value), place)

    def _made(self, asked: Asked, things: str, value: English) -> str:
        """Say how something is to be; without a value the verb says all, where it is known."""
        verb = self._verb(asked.verb)
        if verb == "turn on" and _BURNING.match(things):
            verb = "light"
        if not value.text:
            said = any(word.start < word.end for word in asked.verb)
            plain = verb if verb != "make" else ""
            return f"{plain or 'change'} {things}" if plain or not said else ""
        if _is_likeness(asked.link) or value.text.startswith(("like ", "as ")):
            return f"make {things} look like {value.text.removeprefix('like ').removeprefix('as ')}"
        if verb in _COVERING and value.part not in _QUALITIES:
            return f"{verb} {things} with {value.text}"
        return _becoming(things, value)

    def _verb(self, words: Sequence[Word]) -> str:
        """Return the verb in English; empty where it is unknown."""
        found = self._verbs.at(words, 0)
        return found[0] if found else ""


def _without_made_up(words: Sequence[Word]) -> Sequence[Word]:
    """Leave out the article that the word order was given: it was not said."""
    return [word for word in words if word.start < word.end or word.key in _MADE_UP]


def _becoming(things: str, value: English) -> str:
    """Say what something becomes: "out of oak", "red", "an industrial style", "into a nursery"."""
    if value.part is Part.MATERIAL:
        return f"make {things} out of {value.text}"
    if value.part not in NOMINAL:
        return f"make {things} {value.text}"
    named = value.text if value.determined else indefinite(value.text)
    if value.noun.endswith(_AIRS):
        return f"give {things} {named}"
    if value.part is Part.NOUN and not value.text.startswith(("more ", "less ")):
        return f"turn {things} into {named}"
    return f"give {things} {value.text}"


def _is_likeness(link: Sequence[Word]) -> bool:
    return any(word.key in _LIKENESS for word in link)


def _onto(things: str, place: str) -> str:
    """Say where a thing is moved: "onto the desk", but "against the wall" where it does not hang."""
    if place.startswith("on ") and place.endswith((" wall", " walls")) and not _HANGING.search(things):
        return place.replace("on ", "against ", 1)
    return place.replace("on ", "onto ", 1) if place.startswith("on ") else place


def _towards(asked: Asked, text: str) -> str:
    """Say where a thing goes that no anchor tells."""
    away = any(word.key in {"von", "vom", "de"} for word in asked.link)
    return f"away from {text}" if away and text else text


def _listed(texts: Sequence[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def _place(anchors: Sequence[tuple[Relation, str]]) -> str:
    """Say where: "on the table", "between the bed and the door"."""
    if not anchors:
        return ""
    relation = anchors[0][0]
    between = len(anchors) > 1 and relation is Relation.UNSPECIFIED
    places = _listed([text for _, text in anchors])
    preposition = "between" if between else PREPOSITIONS.get(relation, "by")
    if relation is Relation.INSIDE and places.endswith(("shelf", "shelves")):
        preposition = "on"
    if relation is Relation.ON and places.endswith(("window", "windows", "door")):
        preposition = "by"
    return f"{preposition} {places}"


def _spaced(*parts: str) -> str:
    return " ".join(part for part in parts if part) if parts[0] else ""
