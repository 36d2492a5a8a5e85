"""Referring expressions on the states of a family."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

from ..dataset import Expression, Instance
from .lexicon import Rng
from .queries import Query, meant
from .referring import absences, near_misses, plurals, ways
from .seeing import VISIBLE, Instances, shown

STATES = 3  # of a family that get expressions
UNIQUE, SEVERAL, AMBIGUOUS = 7, 3, 2  # expressions of a state, at most
PRESENT = 3  # expressions for each one that is absent
PATIENCE = 60  # proposals of what is absent
ROUNDS = 3  # times that each thing of a picture is asked for anew, where many expressions are wanted


def expressions(seed: int, states: Sequence[tuple[Instance, ...]]) -> list[Expression]:
    """Return referring expressions on state 0 and some of the others.

    An expression is "unique" (one thing fits), "several" (a plural that means all that fit), "ambiguous" (a
    singular that more than one fits: all of them are targets) or "absent" (nothing fits). Things of fewer
    than `VISIBLE` pixels make all expressions doubtful that could mean them; those are left out.

    Args:
        seed: 0 or more.
        states: what each picture of a family shows.

    """
    rng = np.random.default_rng((seed, 1))
    others = sorted(int(place) for place in rng.permutation(np.arange(1, len(states)))[: STATES - 1])
    return [one for state in (0, *others) for one in _on_state(rng, state, states[state])]


def _on_state(rng: Rng, state: int, instances: Instances) -> list[Expression]:
    seen = [one for one in shown(instances) if one.pixels >= VISIBLE and one.kind != "ceiling"]
    proposed = _shuffled(rng, [query for one in seen for query in islice(ways(rng, one, instances), 8)])
    many = _shuffled(rng, [query for one in seen for query in plurals(rng, one, instances)])
    unique = _spread([query for query in proposed if len(meant(query, instances) or ()) == 1], instances)
    vague = [query for query in proposed if not query.place and len(meant(query, instances) or ()) > 1]
    found: dict[str, Expression] = {}
    for queries, kind, most in (
        (unique, "unique", UNIQUE),
        (many, "several", SEVERAL),
        (vague, "ambiguous", AMBIGUOUS),
    ):
        _collect(found, _expressions(queries, kind, state, instances), most)
    missing = (query for query in islice(absences(rng, instances), PATIENCE) if meant(query, instances) == ())
    _collect(found, _expressions(missing, "absent", state, instances), max(1, round(len(found) / PRESENT)))
    return list(found.values())


def many_expressions(seed: int, state: int, instances: Instances, absent: int) -> list[Expression]:
    """Return many more expressions on one picture than a family keeps, as a training may draw from.

    Args:
        seed: 0 or more.
        state: of the picture.
        instances: what it shows.
        absent: expressions of what is not there; half of them are near misses (see `near_misses`).

    """
    rng = np.random.default_rng((seed, 2, state))
    found: dict[str, Expression] = {}
    for _ in range(ROUNDS):
        _collect(found, _present(rng, state, instances), sys.maxsize)
    missing = (query for query in islice(absences(rng, instances), PATIENCE) if meant(query, instances) == ())
    for queries in (missing, islice(near_misses(rng, instances), PATIENCE)):
        _collect(found, _expressions(queries, "absent", state, instances, none=True), absent // 2)
    return list(found.values())


def _present(rng: Rng, state: int, instances: Instances) -> Iterable[Expression]:
    """Yield an expression for each way to mean something that surely shows."""
    for one in shown(instances):
        if one.pixels < VISIBLE or one.kind == "ceiling":
            continue
        for query in ways(rng, one, instances):
            count = len(meant(query, instances) or ())
            if count == 1 or (count > 1 and not query.place):
                yield from _expressions([query], "unique" if count == 1 else "ambiguous", state, instances)
        yield from _expressions(plurals(rng, one, instances), "several", state, instances)


def _expressions(
    queries: Iterable[Query], kind: str, state: int, instances: Instances, *, none: bool = False
) -> Iterable[Expression]:
    for query in queries:
        targets = () if none else meant(query, instances) or ()
        named = (
            "several" if kind in {"unique", "ambiguous"} and query.noun.paired and len(targets) > 1 else kind
        )
        yield Expression(state, query.text, targets, named)


def _collect(found: dict[str, Expression], more: Iterable[Expression], most: int) -> None:
    """Add up to so many expressions whose words are new."""
    room = most
    for one in more:
        if room == 0:
            return
        if one.text not in found:
            found[one.text] = one
            room -= 1


def _shuffled(rng: Rng, queries: Sequence[Query]) -> list[Query]:
    return [queries[int(place)] for place in rng.permutation(len(queries))]


def _spread(queries: Sequence[Query], instances: Instances) -> list[Query]:
    """Order queries so that each thing has its turn before another has its second."""
    turns: dict[tuple[str, ...], int] = {}
    keyed: list[tuple[int, int, Query]] = []
    for query in queries:
        targets = meant(query, instances) or ()
        turns[targets] = turns.get(targets, 0) + 1
        keyed.append((turns[targets], len(keyed), query))
    return [query for _, _, query in sorted(keyed, key=lambda entry: entry[:2])]
