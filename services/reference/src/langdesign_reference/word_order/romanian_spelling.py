"""Contracted forms of Romanian, each as the two words that it is."""

from collections.abc import Sequence
from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.words import Word

_CONTRACTED = {"n-as": ("nu", "as")}
"""What denies a wish, by its key: "n-aș" is "nu aș"."""


def as_written(words: Sequence[Word], _lexicon: Lexicon) -> list[Word]:
    """Return the words with what denies a wish apart: "N-aș pune tapet aici"."""
    return [part for word in words for part in _apart(word)]


def _apart(word: Word) -> list[Word]:
    parts = _CONTRACTED.get(word.key)
    if parts is None:
        return [word]
    cut = word.start + 1  # after the letter that is left of "nu"
    first, second = parts
    return [
        replace(word, key=first, end=cut, text=first),
        replace(word, key=second, start=cut + 1, text="aș"),
    ]
