"""What the lexicon knows of each word of an instruction: the tables that list it, as features of a tagger."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from langdesign_reference.lexicon import Lexicon, load_lexicon
from langdesign_reference.lexicon_tables import Table
from langdesign_reference.words import PUNCTUATION, Word

_TABLES = (
    "words",
    "statements",
    "keeping",
    "telegraph",
    "verbs",
    "predicates",
    "prepositions",
    "heads",
    "attributes",
)
_ALONE = ("nouns", "adjectives")
_LEFT_OUT = frozenset({"words.common"})
"""Tables that only tell what is no slip of the keyboard."""
VERBS = ("verbs.", "predicates.", "forms.", "telegraph.")
"""How the classes of what asks for something start."""
NOUNS = "nouns"
"""The class of the names of things."""
UNKNOWN = "unknown"
"""The class of a word in no table."""

_FIRST = (
    "punctuation",
    "keeping.",
    "words.conjunctions",
    "words.pronouns",
    "verbs.",
    "predicates.",
    "telegraph.",
    "words.determiners",
    "words.indefinite",
    "prepositions.",
    "attributes.",
    "forms.",
    "nouns",
    "adjectives",
    "heads.",
    "words.",
    "statements.",
)
"""What a word is first of all where several tables list it."""


_Phrases = tuple[tuple[tuple[str, ...], str], ...]
"""What follows a first word, and the table that has it so."""


def classes_of(words: Sequence[Word], lexicon: Lexicon) -> list[tuple[str, ...]]:
    """Return the classes of each word, in alphabetical order.

    A class is the name of a table, "verbs.remove"; with "~" in front where a phrase of the table goes on. A
    word in no table has the class "unknown".
    """
    found: list[set[str]] = [set() for _ in words]
    keys, index = [word.key for word in words], _index(lexicon.language)
    for start, key in enumerate(keys):
        for name, length in _longest(index.get(key, ()), keys, start).items():
            found[start].add(name)
            for inside in range(start + 1, start + length):
                found[inside].add(f"~{name}")
    for start, known in enumerate(found):
        _add_others(known, words, start, lexicon)
    return [tuple(sorted(one)) for one in found]


def main_class(classes: Sequence[str]) -> str:
    """Return what a word is first of all."""
    for start in _FIRST:
        for name in classes:
            if name.startswith(start):
                return name
    return classes[0]


def _longest(phrases: _Phrases, keys: list[str], start: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for rest, name in phrases:
        end = start + 1 + len(rest)
        if tuple(keys[start + 1 : end]) == rest and end - start > found.get(name, 0):
            found[name] = end - start
    return found


def _add_others(known: set[str], words: Sequence[Word], index: int, lexicon: Lexicon) -> None:
    """Add what no table says: plurals and translated nouns, forms of verbs, punctuation."""
    if "nouns" not in known and "~nouns" not in known and lexicon.noun_at(words, index):
        known.add("nouns")
    if not any(name.startswith("verbs.") for name in known):
        form = lexicon.verb_at(words, index) or lexicon.verb_form_at(words, index)
        if form:
            known.add(f"forms.{form[0]}")
    if words[index].key in PUNCTUATION:
        known.add("punctuation")
    if not known:
        known.add(UNKNOWN)


@lru_cache
def _index(language: str) -> dict[str, _Phrases]:
    """Return the rest and the table of the phrases that start with a word, by that word.

    Most phrases are one word, so that words of one table have equal entries; each is kept once, which takes
    a third of the memory.
    """
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name, (first, *rest) in _phrases(load_lexicon(language)):
        found.setdefault(first, []).append((tuple(rest), name))
    kept: dict[_Phrases, _Phrases] = {}
    return {first: kept.setdefault(tuple(phrases), tuple(phrases)) for first, phrases in found.items()}


def _phrases(lexicon: Lexicon) -> Iterator[tuple[str, tuple[str, ...]]]:
    for table in _TABLES:
        held: Table = getattr(lexicon, table)
        for name, phrases in held.sets():
            if (told := f"{table}.{name}") not in _LEFT_OUT:
                yield from ((told, phrase) for phrase in phrases)
    for name in _ALONE:
        yield from ((name, phrase) for phrase in getattr(lexicon, name))
