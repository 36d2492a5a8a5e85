"""Near-duplicates: MinHash of word shingles, found by locality-sensitive hashing (Broder 1997)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from datasketch import MinHash, MinHashLSH

from .triple import Triple

LIKE = 0.9  # estimated Jaccard similarity from which two triples are near-duplicates
PERMUTATIONS = 64
SHINGLE = 2  # words
SEED = 1  # of the permutations

_WORD = re.compile(r"\w+")


class NearDuplicates:
    """Remembers triples, and tells whether another one says hardly anything new."""

    def __init__(self, triples: Iterable[Triple] = (), like: float = LIKE) -> None:
        """Remember triples.

        Args:
            triples: those that are there already.
            like: similarity, 0..1, from which two triples are near-duplicates.

        """
        self._like = like
        self._index = MinHashLSH(threshold=like, num_perm=PERMUTATIONS)
        self._seen: list[MinHash] = []
        for triple in triples:
            self.add(triple)

    def is_near(self, triple: Triple) -> bool:
        """Whether a triple is a near-duplicate of one that was added."""
        sketch = _sketch(triple)
        # The index proposes; what it proposes below the threshold is not alike.
        return any(sketch.jaccard(self._seen[at]) >= self._like for at in self._index.query(sketch))

    def add(self, triple: Triple) -> None:
        """Remember a triple."""
        sketch = _sketch(triple)
        self._index.insert(len(self._seen), sketch)
        self._seen.append(sketch)


def near_duplicates(triples: Iterable[Triple], like: float = LIKE) -> int:
    """Return how many triples are near-duplicates of an earlier one."""
    found, count = NearDuplicates(like=like), 0
    for triple in triples:
        count += found.is_near(triple)
        found.add(triple)
    return count


def _sketch(triple: Triple) -> MinHash:
    sketch = MinHash(num_perm=PERMUTATIONS, seed=SEED)
    sketch.update_batch([f"{part} {shingle}".encode() for part, shingle in sorted(_shingles(triple))])
    return sketch


def _shingles(triple: Triple) -> set[tuple[str, str]]:
    """Return the neighbouring words of each text; those of the instruction and the captions do not mix."""
    shingles = set()
    for part, text in (("edit", triple.edit), ("input", triple.input), ("output", triple.output)):
        words = _WORD.findall(text.lower())
        starts = range(max(1, len(words) - SHINGLE + 1))
        shingles |= {(part, " ".join(words[at : at + SHINGLE])) for at in starts}
    return shingles
