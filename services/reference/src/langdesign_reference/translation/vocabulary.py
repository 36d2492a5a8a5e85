"""The words of a language with their English, read from `data/translations/<language>.toml`."""

import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from importlib import resources
from typing import Any, Generic, TypeVar

from langdesign_reference.words import Word, fold, split_words

T = TypeVar("T")


class Part(Enum):
    """What part a word plays in a noun phrase; modifiers stand in English in this order."""

    POSITION = 0
    SIZE = 1
    ADJECTIVE = 2
    STATE = 3
    SHADE = 4
    COLOUR = 5
    PATTERN = 6
    STYLE = 7
    NAME = 8
    MATERIAL = 9
    ATTRIBUTE = 10  # a noun before a noun: the "coffee" of "coffee table"
    NOUN = 11
    MASS = 12
    PLURAL = 13


NOMINAL = frozenset({Part.NOUN, Part.MASS, Part.PLURAL})
"""Parts that head a noun phrase."""
_SECTIONS = {
    "nouns": Part.NOUN,
    "mass": Part.MASS,
    "plural": Part.PLURAL,
    "adjectives": Part.ADJECTIVE,
    "sizes": Part.SIZE,
    "positions": Part.POSITION,
    "colours": Part.COLOUR,
    "shades": Part.SHADE,
    "materials": Part.MATERIAL,
    "patterns": Part.PATTERN,
    "styles": Part.STYLE,
    "states": Part.STATE,
    "names": Part.NAME,
}
_FUNCTIONS = (
    "determiners",
    "numerals",
    "contractions",
    "prepositions",
    "adverbs",
    "degrees",
    "directions",
    "verbs",
    "compound_heads",
    "compound_parts",
)
_OTHERS = "other_meanings"
_LISTS = ("fillers", "posture", "feminine", "masculine")


@dataclass(frozen=True, slots=True)  # there are thousands
class Entry:
    """A word in English.

    Attributes:
        english: The word; of a noun in the singular.
        part: What part it plays.
        plural: Whether a noun is in the plural; None where its form does not say.
        genitive: Whether a noun is in the genitive by its form alone.
        others: What else a noun may mean in a picture of a room, the likelier first: "cabinet" of "wardrobe".
        attributive: The word before a noun, where that differs: "wooden" of "wood".
        definite: Whether its form has an article or is one without; None where forms do not tell.

    """

    english: str
    part: Part
    plural: bool | None = False
    genitive: bool = False
    others: tuple[str, ...] = ()
    attributive: str = ""
    definite: bool | None = None

    @property
    def nominal(self) -> bool:
        """Whether it can head a noun phrase."""
        return self.part in NOMINAL

    @property
    def modifier(self) -> str:
        """The word as it stands before a noun."""
        return self.attributive or self.english

    def called(self, name: Callable[[str], str]) -> "Entry":
        """Return the noun with another name, made of its own: of each of its meanings."""
        return replace(self, english=name(self.english), others=tuple(map(name, self.others)))


class Table(Generic[T]):
    """Phrases with what each means, looked up longest first."""

    def __init__(self, items: Iterable[tuple[str, T]]) -> None:
        self._items: dict[tuple[str, ...], T] = {}
        for phrase, value in items:
            self._items.setdefault(tuple(sys.intern(word.key) for word in split_words(phrase)), value)
        self._longest: dict[str, int] = {}
        for keys in self._items:
            self._longest[keys[0]] = max(len(keys), self._longest.get(keys[0], 0))

    def at(self, words: Sequence[Word], index: int) -> tuple[T, int] | None:
        """Return (value, length) of the longest phrase at `index`."""
        if index >= len(words):
            return None
        for length in range(self._longest.get(words[index].key, 0), 0, -1):
            keys = tuple(word.key for word in words[index : index + length])
            if len(keys) == length and keys in self._items:
                return self._items[keys], length
        return None

    def items(self) -> Iterator[tuple[str, T]]:
        """Yield each phrase, folded, with what it means."""
        return ((" ".join(keys), value) for keys, value in self._items.items())

    def get(self, key: str) -> T | None:
        """Return what a single word means."""
        return self._items.get((key,))


@dataclass(frozen=True)
class Vocabulary:
    """What is known of a language's words.

    Attributes:
        functions: Tables from phrase to English: `determiners`, `prepositions`, ...
        lists: Words without English, folded: `fillers`, `posture`, ...
        lemmas: (phrase with its forms after slashes, entry), in the file's order.
        others: What else a folded noun may mean, the likelier first; by "-schrank" where it ends a compound.

    """

    functions: Mapping[str, Table[str]]
    lists: Mapping[str, Table[bool]]
    lemmas: tuple[tuple[tuple[str, ...], Entry], ...]
    others: Mapping[str, tuple[str, ...]]

    def english(self) -> dict[str, Entry]:
        """Return the single English words that the vocabulary leads to: they pass through as they are."""
        return {
            fold(e.english): replace(e, others=()) for _, e in reversed(self.lemmas) if e.english.isalpha()
        }


def load_vocabulary(language: str) -> Vocabulary:
    """Read the vocabulary of one of the languages that are translated."""
    file = resources.files("langdesign_reference").joinpath("data", "translations", f"{language}.toml")
    data = tomllib.loads(file.read_text("utf-8"))
    unknown = data.keys() - _SECTIONS.keys() - set(_FUNCTIONS) - set(_LISTS) - {_OTHERS}
    if unknown:
        raise ValueError(f"{file.name}: unknown tables: {', '.join(sorted(unknown))}")
    others = _others(data.get(_OTHERS, {}))
    return Vocabulary(
        functions={name: Table(_pairs(data.get(name, {}))) for name in _FUNCTIONS},
        lists={name: Table((word, True) for word in data.get(name, {}).get("words", ())) for name in _LISTS},
        lemmas=tuple(_lemmas(data, others)),
        others=others,
    )


def _pairs(table: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for english, words in table.items():
        yield from ((word, english) for word in words.split(", "))


def _others(table: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the other meanings of folded nouns, in the order of the table's lines."""
    others: dict[str, tuple[str, ...]] = {}
    for word, english in _pairs(table):
        key = fold(word)
        others[key] = (*others.get(key, ()), english)
    return others


def _lemmas(
    data: Mapping[str, Any], others: Mapping[str, tuple[str, ...]]
) -> Iterable[tuple[tuple[str, ...], Entry]]:
    for section, part in _SECTIONS.items():
        for word, value in _pairs(data.get(section, {})):
            english, _, attributive = value.partition("|")
            forms = tuple(word.split("/"))
            known = others.get(fold(forms[0]), ()) if part in NOMINAL else ()
            meant = tuple(other for other in known if other != english)
            yield forms, Entry(english, part, attributive=attributive, others=meant)
