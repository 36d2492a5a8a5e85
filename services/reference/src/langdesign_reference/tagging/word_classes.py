"""What the lexicon knows of each word of an instruction: the tables that list it, as features of a tagger."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from langdesign_reference.lexicon import Lexicon, load_lexicon
from langdesign_reference.lexicon_tables import Table
from langdesign_reference.words import PUNCTUATION, PhraseSet, PhraseSets, Word

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


def classes_of(words: Sequence[Word], lexicon: Lexicon) -> list[tuple[str, ...]]:
    """Return the classes of each word, in alphabetical order.

    A class is the name of a table, "verbs.remove"; with "~" in front where a phrase of the table goes on. A
    word in no table has the class "unknown".
    """
    found: list[set[str]] = [set() for _ in words]
    tables = _tables(lexicon.language)
    for start in range(len(words)):
        for name, length in tables.all_at(words, start):
            found[start].add(name)
            for inside in range(start + 1, start + length):
                found[inside].add(f"~{name}")
    for start, known in enumerate(found):
        _add_others(known, words, start, lexicon)
    return [tuple(sorted(one)) for one in found]


@lru_cache(maxsize=4096)
def main_class(classes: tuple[str, ...]) -> str:
    """Return what a word is first of all."""
    for start in _FIRST:
        for name in classes:
            if name.startswith(start):
                return name
    return classes[0]


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
def _tables(language: str) -> PhraseSets:
    return PhraseSets(_sets(load_lexicon(language)))


def _sets(lexicon: Lexicon) -> Iterator[tuple[str, PhraseSet]]:
    for table in _TABLES:
        held: Table = getattr(lexicon, table)
        for name, phrases in held.sets():
            if (told := f"{table}.{name}") not in _LEFT_OUT:
                yield told, phrases
    for name in _ALONE:
        yield name, getattr(lexicon, name)
