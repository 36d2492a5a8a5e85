"""Wishes for the picture as a whole: "cosier, more daylight" is one edit."""

from dataclasses import replace
from itertools import pairwise

from langdesign_reference.asked import Asked
from langdesign_reference.plan import Operation, Scope


def merge_wishes(asked: list[Asked]) -> list[Asked]:
    """Return the edits with neighbouring wishes as one: a style where one of them asks for a style."""
    if not all(one.wish for one in asked):  # what is asked says how it is to be mended
        asked = [one for one in asked if not _complains(one)]
    merged = asked[:1]
    for _, one in pairwise(asked):
        last = merged[-1]
        if last.wish and _says_again(one):
            continue
        if not (last.wish and one.wish):
            merged.append(one)
            continue
        styled = Operation.RESTYLE in {last.operation, one.operation}
        merged[-1] = replace(
            last,
            operation=Operation.RESTYLE if styled else last.operation,
            arguments=(*last.arguments, *one.arguments),
            more=(*last.more, one.value),
        )
    return merged


def _complains(one: Asked) -> bool:
    """Whether a wish only turns a complaint round, so that its "less" was not said: "it's too dark"."""
    return one.wish and bool(one.value) and one.value[0].start == one.value[0].end


def _says_again(one: Asked) -> bool:
    """Whether an edit only says of the whole what the wish before says: "too sterile, warm it up"."""
    whole = one.scope is Scope.GLOBAL and one.operation is Operation.OTHER
    return whole and not (one.arguments or one.whole or one.value)
