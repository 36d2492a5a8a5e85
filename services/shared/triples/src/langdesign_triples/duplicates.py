"""Near-duplicates: sets of word shingles that share nearly all, found by prefix filtering.

Two sets that are alike from a threshold on share one of the first few shingles of each, in any one order of
all shingles (Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma and Srikant 2007). So nothing is missed, and what
was seen first comes last in the order: it is the commonest.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable

from .triple import Triple

LIKE = 0.9  # Jaccard similarity from which two triples are near-duplicates
SHINGLE = 2  # words

_ROUNDING = 1e-9  # 0.9 * 10 is a little more than 9
_WORD = re.compile(r"\w+")
_Shingle = tuple[str, str]  # which text, and neighbouring words of it


class NearDuplicates:
    """Remembers triples, and tells whether another one says hardly anything new."""

    def __init__(self, triples: Iterable[Triple] = (), like: float = LIKE) -> None:
        """Remember triples.

        Args:
            triples: those that are there already.
            like: similarity, above 0 and up to 1, from which two triples are near-duplicates.

        """
        self._like = like
        self._seen: list[frozenset[_Shingle]] = []
        self._rank: dict[_Shingle, int] = {}
        self._by_shingle: defaultdict[_Shingle, list[int]] = defaultdict(list)
        for triple in triples:
            self.add(triple)

    def is_near(self, triple: Triple) -> bool:
        """Whether a triple is a near-duplicate of one that was added."""
        shingles = _shingles(triple)
        proposed = {at for shingle in self._prefix(shingles) for at in self._by_shingle.get(shingle, ())}
        return any(_alike(shingles, self._seen[at]) >= self._like for at in proposed)

    def add(self, triple: Triple) -> None:
        """Remember a triple."""
        shingles = _shingles(triple)
        for shingle in sorted(shingles):
            self._rank.setdefault(shingle, len(self._rank))
        for shingle in self._prefix(shingles):
            self._by_shingle[shingle].append(len(self._seen))
        self._seen.append(shingles)

    def _prefix(self, shingles: frozenset[_Shingle]) -> list[_Shingle]:
        """Return the shingles of which any set that is alike has one in its own prefix."""
        shared = math.ceil(self._like * len(shingles) - _ROUNDING)
        newest_first = sorted(shingles, key=lambda shingle: -self._rank.get(shingle, len(self._rank)))
        return newest_first[: len(shingles) - shared + 1]


def near_duplicates(triples: Iterable[Triple], like: float = LIKE) -> int:
    """Return how many triples are near-duplicates of an earlier one."""
    found, count = NearDuplicates(like=like), 0
    for triple in triples:
        count += found.is_near(triple)
        found.add(triple)
    return count


def _alike(one: frozenset[_Shingle], other: frozenset[_Shingle]) -> float:
    """Return the Jaccard similarity of two sets that are not empty, 0..1."""
    return len(one & other) / len(one | other)


def _shingles(triple: Triple) -> frozenset[_Shingle]:
    """Return the neighbouring words of each text; those of the instruction and the captions do not mix."""
    shingles: set[_Shingle] = set()
    for part, text in (("edit", triple.edit), ("input", triple.input), ("output", triple.output)):
        words = _WORD.findall(text.lower())
        starts = range(max(1, len(words) - SHINGLE + 1))
        shingles |= {(part, " ".join(words[at : at + SHINGLE])) for at in starts}
    return frozenset(shingles)
