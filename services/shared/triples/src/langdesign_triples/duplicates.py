"""Near-duplicates: MinHash of word shingles, found by locality-sensitive hashing (Broder 1997)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from datasketch import MinHash, MinHashLSH

from .triple import Triple

LIKE = 0.9  # Jaccard similarity from which two triples are near-duplicates
PERMUTATIONS = 64
SHINGLE = 2  # words
SEED = 1  # of the permutations

_MISSES = (0.01, 0.99)
"""What the index's false proposals and its misses weigh. By its own weights it misses 71% of pairs at 0.9."""

_WORD = re.compile(r"\w+")
_Shingle = tuple[str, str]  # which text, and neighbouring words of it


class NearDuplicates:
    """Remembers triples, and tells whether another one says hardly anything new."""

    def __init__(self, triples: Iterable[Triple] = (), like: float = LIKE) -> None:
        """Remember triples.

        Args:
            triples: those that are there already.
            like: similarity, 0..1, from which two triples are near-duplicates.

        """
        self._like = like
        self._index = MinHashLSH(threshold=like, num_perm=PERMUTATIONS, weights=_MISSES)
        self._seen: list[frozenset[_Shingle]] = []
        for triple in triples:
            self.add(triple)

    def is_near(self, triple: Triple) -> bool:
        """Whether a triple is a near-duplicate of one that was added."""
        shingles = _shingles(triple)
        # The index proposes, and what it proposes is counted: a sketch's own estimate is some 0.05 off.
        return any(
            _alike(shingles, self._seen[at]) >= self._like for at in self._index.query(_sketch(shingles))
        )

    def add(self, triple: Triple) -> None:
        """Remember a triple."""
        shingles = _shingles(triple)
        self._index.insert(len(self._seen), _sketch(shingles))
        self._seen.append(shingles)


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


def _sketch(shingles: frozenset[_Shingle]) -> MinHash:
    sketch = MinHash(num_perm=PERMUTATIONS, seed=SEED)
    sketch.update_batch([f"{part} {shingle}".encode() for part, shingle in sorted(shingles)])
    return sketch


def _shingles(triple: Triple) -> frozenset[_Shingle]:
    """Return the neighbouring words of each text; those of the instruction and the captions do not mix."""
    shingles: set[_Shingle] = set()
    for part, text in (("edit", triple.edit), ("input", triple.input), ("output", triple.output)):
        words = _WORD.findall(text.lower())
        starts = range(max(1, len(words) - SHINGLE + 1))
        shingles |= {(part, " ".join(words[at : at + SHINGLE])) for at in starts}
    return frozenset(shingles)
