"""Which words of an expression a network knows, and in which form.

A vocabulary of word pieces can spell any word; what a piece says, the network learned in its training alone.
A checkpoint may therefore list the words that it learned, `words.txt`: those of its training's expressions. A
word beside them is known where its singular or its plural is. Without the list a word is unknown
where the vocabulary has no piece for it or spells it with a letter or two at a time, as BERT's hardly does
with English.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from .errors import CheckpointError

WORDS = "words.txt"
"""File of a checkpoint: the words that its training taught, lower case without accents, one a line."""

SILENT = frozenset(
    resources.files(__package__).joinpath("data/silent_words.txt").read_text(encoding="utf-8").split()
)
"""Words that say nothing of a thing's kind or looks: no network has to know them."""


def read_words(folder: Path) -> frozenset[str] | None:
    """Read the words that a checkpoint's training taught; None where it does not tell.

    Raises:
        CheckpointError: the file cannot be read, or holds no word.

    """
    path = folder / WORDS
    if not path.is_file():
        return None
    try:
        words = frozenset(path.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise CheckpointError(f"{WORDS} cannot be read ({error}); fetch it again, or remove it") from error
    if not words:
        raise CheckpointError(f"{WORDS} holds no word; write the words of the training there, or remove it")
    return words


def known_form(word: str, known: frozenset[str]) -> str | None:
    """Return the form of a word that is known: the word itself, else its singular or plural; None for none.

    Args:
        word: lower case, without accents.
        known: words that are known.

    """
    return next((form for form in (word, *_singulars(word), *_plurals(word)) if form in known), None)


def _singulars(word: str) -> Iterator[str]:
    for ending, singular in (("ies", "y"), ("ves", "f"), ("ves", "fe"), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            yield word.removesuffix(ending) + singular


def _plurals(word: str) -> Iterator[str]:
    if len(word) < 3:  # "as", "is": what is so short is no noun
        return
    yield from (word + "s", word + "es")
    for ending, plural in (("y", "ies"), ("fe", "ves"), ("f", "ves")):
        if word.endswith(ending):
            yield word.removesuffix(ending) + plural
