"""What a network sees of a word: its letters, what the lexicon knows of it, and a vector of its meaning.

Letters are hashed n-grams as in fastText (Bojanowski et al., 2017), so that a word that was never seen has
some; the vectors are of a language model's tokens, as the card in `data/tagging` says.
"""

import zlib
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

import numpy as np
from langdesign_reference.tagging.hints import START
from langdesign_reference.tagging.weights import Bytes
from numpy.typing import NDArray

Array = NDArray[np.float32]
BUCKETS = 2048
"""What n-grams are hashed into."""
WIDTH = 32
"""Numbers of a vector."""
MOST = 48
"""Rows of the embedding that a word has at most."""
_LENGTHS = (3, 4)
_MOST_GRAMS = 16
KEY = "k="
"""How the feature starts that is the word itself."""


class Vocabulary:
    """Numbers features.

    Args:
        names: Of the features, in the order of their rows in the embedding; they follow those of n-grams.

    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._rows = {name: row for row, name in enumerate(names, 1 + BUCKETS)}

    @property
    def size(self) -> int:
        """How many rows the embedding has; row 0 is of no feature."""
        return 1 + BUCKETS + len(self.names)

    def rows(self, key: str, features: Sequence[str]) -> list[int]:
        """Return the rows of a word's n-grams and of those of its features that have one."""
        known = (self._rows.get(name, 0) for name in features)
        return [*_grams(key), *(row for row in known if row)][:MOST]

    def rows_of(self, names: Iterable[str]) -> list[int]:
        """Return the rows of features that it knows."""
        return sorted(self._rows[name] for name in names)

    def holds(self, key: str) -> bool:
        """Whether a word was seen often enough to have a row of its own."""
        return KEY + key in self._rows

    def of_hints(self) -> NDArray[np.bool_]:
        """Return of each row whether it tells what the parser makes of a word."""
        return np.array([*[False] * (1 + BUCKETS), *(name.startswith(START) for name in self.names)])

    def of_letters(self) -> NDArray[np.bool_]:
        """Return of each row whether it is of the letters of a word."""
        return np.array([False, *[True] * BUCKETS, *(name.startswith(KEY) for name in self.names)])


class Vectors:
    """Looks up what words mean.

    Args:
        words: English, folded, in ASCII.
        vectors: Theirs, (words, WIDTH).

    """

    def __init__(self, words: Sequence[str], vectors: Bytes) -> None:
        given = np.array([word.encode() for word in words])
        # Sorted bytes take a fifth of the memory of a dictionary.
        self._order = np.argsort(given).astype(np.int32)
        self._words = given[self._order]
        self._vectors = vectors

    def of(self, meanings: Sequence[Collection[str]]) -> Array:
        """Return the vectors of words, (words, WIDTH).

        Args:
            meanings: All that each word may be in English, whose mean counts; zero where none has a vector.

        """
        longest = self._words.itemsize
        told = [
            (at, key)
            for at, some in enumerate(meanings)
            for word in some
            if len(key := word.encode()) <= longest
        ]
        owners = np.array([at for at, _ in told], np.intp)
        keys = np.array([key for _, key in told], self._words.dtype)
        places = np.minimum(np.searchsorted(self._words, keys), len(self._words) - 1)
        held = self._words[places] == keys
        sums = np.zeros((len(meanings), WIDTH), np.float32)
        np.add.at(sums, owners[held], self._vectors.at(self._order[places[held]]))
        counts = np.bincount(owners[held], minlength=len(meanings))
        means: Array = sums / np.maximum(counts, 1).astype(np.float32)[:, None]
        return means


@lru_cache(maxsize=8192)
def _grams(key: str) -> tuple[int, ...]:
    text = f"<{key}>"
    parts = {text[at : at + length] for length in _LENGTHS for at in range(max(1, len(text) - length + 1))}
    return tuple(sorted({1 + zlib.crc32(part.encode()) % BUCKETS for part in parts})[:_MOST_GRAMS])
