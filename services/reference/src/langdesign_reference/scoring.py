"""Compares readings with gold plans: exact plans, the English of edits, and what confidence is worth."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, quantiles
from typing import Any

from langdesign_reference.plan import Operation, PlannedEdit, Reading, Reference, Role, Scope
from langdesign_reference.words import split_words

Row = dict[str, Any]
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Lower ends of the reliability table's bins: finer where most readings lie."""


def gold(row: Row) -> Reading:
    """Return a row's gold plan."""
    return golds(row)[0]


def golds(row: Row) -> list[Reading]:
    """Return a row's gold plan, and the others (`or`) that its rules allow."""
    return [
        Reading(tuple(_gold_edit(edit, row["instruction"]) for edit in edits), 1.0)
        for edits in (row["edits"], *row.get("or", ()))
    ]


def _gold_edit(edit: Row, instruction: str) -> PlannedEdit:
    references = []
    for one in edit["references"]:
        start = one.get("start", instruction.find(one["expression"]))
        end = start + len(one["expression"])
        references.append(Reference(start, end, one["expression"], Role(one["role"])))
    return PlannedEdit(Operation(edit["operation"]), Scope(edit["scope"]), tuple(sorted(references)))


def is_exact(reading: Reading, row: Row) -> bool:
    """Whether a reading is a gold plan of the row: operations, scopes, references with place and role."""
    return any(reading.same_plan(one) for one in golds(row))


def is_right(reading: Reading, row: Row, *, by_model: bool) -> bool:
    """Whether a reading is exact, or a language model told a wish for one: what it becomes has no gold."""
    return is_exact(reading, row) or (by_model and reading.wish and row.get("kind") == "wish")


def english_edits(reading: Reading | None, row: Row) -> tuple[int, int]:
    """Count a row's edits that say in English what they must: (right ones, all with words to say).

    Right is one that holds all words of `says` and none of `silent`; where there are more or fewer edits than
    in the gold plan, none is.
    """
    wanted = _meant(row, reading)
    told = [edit for edit in wanted if "says" in edit]
    if reading is None or len(reading.edits) != len(wanted):
        return 0, len(told)
    pairs = zip(reading.edits, wanted, strict=True)
    return sum(_says(edit.instruction, wanted) for edit, wanted in pairs if "says" in wanted), len(told)


def _meant(row: Row, reading: Reading | None) -> list[Row]:
    """Return the edits of the gold plan that was read, as far as it has words of its own; else the first."""
    choices: list[list[Row]] = [row["edits"], *row.get("or", ())]
    for edits, plan in zip(choices, golds(row), strict=True):
        if reading is not None and reading.same_plan(plan) and any("says" in edit for edit in edits):
            return edits
    return choices[0]


def _says(instruction: str, wanted: Row) -> bool:
    words = _keys(instruction)
    return set(_keys(*wanted["says"])) <= set(words) and not set(_keys(*wanted["silent"])) & set(words)


def _keys(*texts: str) -> list[str]:
    return [word.key for text in texts for word in split_words(text)]


@dataclass
class Score:
    """How one reader did on a set.

    Attributes:
        total: Rows by group ("all", "remove", "held_out"...).
        right: Rows that were read rightly, by group.
        english: Edits whose English is right.
        edits: Edits whose English is known.
        unasked: Rows that ask for nothing by every plan that is right.
        edited: Of these, rows whose reading has edits.
        seconds: Of each row.
        judged: Confidence, and whether it was right, of each row that was read.

    """

    total: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    english: int = 0
    edits: int = 0
    unasked: int = 0
    edited: int = 0
    seconds: list[float] = field(default_factory=list)
    judged: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, row: Row, reading: Reading | None, seconds: float, *, by_model: bool) -> None:
        """Judge the reading of a row; None where it was not read."""
        named = (row[key] for key in ("part", "kind", "language") if key in row)
        groups = ("all", *named, *row.get("tags", ()))
        right = reading is not None and is_right(reading, row, by_model=by_model)
        self.total.update(groups)
        self.right.update(groups if right else ())
        self.seconds.append(seconds)
        english, edits = english_edits(reading, row)
        self.english += english
        self.edits += edits
        if not any(one.edits for one in golds(row)):
            self.unasked += 1
            self.edited += bool(reading is not None and reading.edits)
        if reading is not None:
            self.judged.append((reading.confidence, right))

    def report(self) -> dict[str, Any]:
        """Return shares of right plans and edits, of edits that nobody asked for, latency and calibration."""
        cuts = quantiles(self.seconds, n=100) if len(self.seconds) > 1 else self.seconds * 99
        return {
            "exact": {group: round(self.right[group] / count, 4) for group, count in self.total.items()},
            "rows": dict(self.total),
            "english": round(self.english / self.edits, 4) if self.edits else None,
            "edits": self.edits,
            "edited_unasked": round(self.edited / self.unasked, 4) if self.unasked else None,
            "unasked": self.unasked,
            "p50_ms": round(cuts[49] * 1000, 2),
            "p95_ms": round(cuts[94] * 1000, 2),
            "brier": brier(self.judged),
            "reliability": reliability(self.judged),
        }


def brier(judged: Sequence[tuple[float, bool]]) -> float | None:
    """Return the mean squared error of the confidence, 0 to 1; None of nothing (Brier, 1950)."""
    return round(fmean((said - right) ** 2 for said, right in judged), 4) if judged else None


def reliability(judged: Sequence[tuple[float, bool]]) -> list[dict[str, float]]:
    """Return for each bin of confidence that is not empty how many were read, how surely, and how rightly."""
    bins: dict[float, list[tuple[float, bool]]] = {}
    for said, right in judged:
        bins.setdefault(BINS[bisect_right(BINS, said) - 1], []).append((said, right))
    return [
        {
            "from": low,
            "n": len(some),
            "confidence": round(fmean(said for said, _ in some), 3),
            "right": round(fmean(right for _, right in some), 3),
        }
        for low, some in sorted(bins.items())
    ]


def calibrated(judged: Sequence[tuple[float, bool]]) -> list[dict[str, float]]:
    """Return the share that was right, from the least to the most confidence, by isotonic regression.

    Neighbours whose shares fall where their confidence rises are pooled (Ayer et al., 1955). A right and a
    wrong one are added to each pool (Laplace, 1814), so that no few cases make certainty.
    """
    pools: list[list[tuple[float, bool]]] = []
    for said in sorted({said for said, _ in judged}):
        pools.append([one for one in judged if one[0] == said])
        while len(pools) > 1 and _share(pools[-2]) >= _share(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    return [
        {"from": pool[0][0], "to": pool[-1][0], "n": len(pool), "worth": round(_share(pool), 3)}
        for pool in pools
    ]


def _share(pool: Sequence[tuple[float, bool]]) -> float:
    return (sum(right for _, right in pool) + 1) / (len(pool) + 2)
