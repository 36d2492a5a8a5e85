"""How varied a set of triples is."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .duplicates import LIKE, near_duplicates
from .triple import Triple

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class DiversityReport:
    """How varied a set of triples is; shares are 0..1, and 0 of an empty set."""

    count: int  # triples
    by_subject: Mapping[str, int]
    by_change: Mapping[str, int]
    distinct_edits: float  # share of instructions that differ from every other
    distinct_captions: float  # share of captions before that differ from every other
    distinct_1: float  # different words of the instructions, for each word (Li et al. 2016)
    distinct_2: float  # the same of pairs of words
    openings: int  # different first two words of instructions
    near_duplicates: float  # share that hardly differs from an earlier one

    def markdown(self) -> str:
        """Return the report as two tables."""
        shares = ("distinct_edits", "distinct_captions", "distinct_1", "distinct_2", "near_duplicates")
        rows = [("triples", str(self.count)), ("openings", str(self.openings))]
        rows += [(name.replace("_", " "), f"{getattr(self, name):.3f}") for name in shares]
        counted = [*self.by_change.items(), *self.by_subject.items()]
        tables = (("what", "figure", rows), ("written for", "triples", [(k, str(v)) for k, v in counted]))
        return "\n\n".join(_table(*table) for table in tables) + "\n"


def diversity(triples: Iterable[Triple], like: float = LIKE) -> DiversityReport:
    """Return how varied triples are.

    Args:
        triples: the set, in its order.
        like: similarity, 0..1, from which two are near-duplicates.

    """
    found = list(triples)
    edits = [_WORD.findall(triple.edit.lower()) for triple in found]
    return DiversityReport(
        count=len(found),
        by_subject=dict(sorted(Counter(triple.subject for triple in found).items())),
        by_change=dict(sorted(Counter(str(triple.change) for triple in found).items())),
        distinct_edits=_distinct(" ".join(words) for words in edits),
        distinct_captions=_distinct(triple.input for triple in found),
        distinct_1=_distinct(word for words in edits for word in words),
        distinct_2=_distinct(pair for words in edits for pair in _pairs(words)),
        openings=len({tuple(words[:2]) for words in edits}),
        near_duplicates=near_duplicates(found, like) / len(found) if found else 0.0,
    )


def _pairs(words: Sequence[str]) -> Iterator[str]:
    return (f"{one} {other}" for one, other in itertools.pairwise(words))


def _distinct(items: Iterable[str]) -> float:
    counted = Counter(items)
    return len(counted) / counted.total() if counted else 0.0


def _table(what: str, figure: str, rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(
        [f"| {what} | {figure} |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    )
