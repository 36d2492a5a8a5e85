"""Words within one edit of another (Damerau: a letter left out, added, changed, or two neighbours swapped).

No index of deletions, the fast way to more edits than one: of three languages it takes twenty megabytes. One
edit of a word are some five hundred strings, looked up in less than a tenth of a millisecond.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Near:
    """A word that is near another.

    Attributes:
        term: The word.
        count: How often it occurs.

    """

    term: str
    count: int


class NearWords:
    """Finds words near others.

    Args:
        counts: How often each word occurs.

    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = dict(counts)
        self._letters = "".join(sorted({letter for word in self._counts for letter in word}))

    def near(self, word: str) -> list[Near]:
        """Return the words within one edit of `word`, itself among them, the commonest first."""
        near = self._edits(word) & self._counts.keys()
        return sorted((Near(one, self._counts[one]) for one in near), key=lambda one: (-one.count, one.term))

    def _edits(self, word: str) -> set[str]:
        parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
        edits = {
            word,
            *(a + b[1:] for a, b in parts if b),
            *(a + b[1] + b[0] + b[2:] for a, b in parts if b[1:]),
        }
        edits.update([a + letter + b for a, b in parts for letter in self._letters])
        edits.update([a + letter + b[1:] for a, b in parts if b for letter in self._letters])
        return edits
