"""What a network sees of a word: its letters, what the lexicon knows of it, and a vector of its meaning.

Letters are hashed n-grams as in fastText (Bojanowski et al., 2017), so that a word that was never seen has
some; the vectors are of a language model's tokens, as the card in `data/tagging` says.
"""

import zlib
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

import numpy as np
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
        return [*_grams(key), *(self._rows[name] for name in features if name in self._rows)][:MOST]

    def holds(self, key: str) -> bool:
        """Whether a word was seen often enough to have a row of its own."""
        return KEY + key in self._rows

    def of_letters(self) -> NDArray[np.bool_]:
        """Return of each row whether it is of the letters of a word."""
        return np.array([False, *[True] * BUCKETS, *(name.startswith(KEY) for name in self.names)])


class Vectors:
    """Looks up what words mean.

    Args:
        words: English, folded.
        vectors: Theirs, (words, WIDTH).

    """

    def __init__(self, words: Sequence[str], vectors: Array) -> None:
        self._at: Mapping[str, int] = {word: at for at, word in enumerate(words)}
        self._vectors = vectors
        self._none = np.zeros(WIDTH, np.float32)

    def of(self, words: Collection[str]) -> Array:
        """Return the mean of the vectors of all that a word may be in English; zero where none has one."""
        found = [self._at[word] for word in sorted(words) if word in self._at]
        if not found:
            return self._none
        mean: Array = self._vectors[found].mean(0)
        return mean


@lru_cache(maxsize=8192)
def _grams(key: str) -> tuple[int, ...]:
    text = f"<{key}>"
    parts = {text[at : at + length] for length in _LENGTHS for at in range(max(1, len(text) - length + 1))}
    return tuple(sorted({1 + zlib.crc32(part.encode()) % BUCKETS for part in parts})[:_MOST_GRAMS])
