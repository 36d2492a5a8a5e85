"""Where an added thing stands or hangs, when nobody says: `data/surfaces.toml`, in English."""

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

from langdesign_reference.lexicon_tables import Table, read_table
from langdesign_reference.plan import Relation
from langdesign_reference.words import PhraseSet, split_words


class _Group(Table, frozen=True):
    """Things that stand alike.

    Attributes:
        things: Their nouns.
        surfaces: What they stand on or hang at, the likeliest first.
        relation: How they stand to it.
        reason: Why there.

    """

    things: PhraseSet
    surfaces: tuple[str, ...]
    relation: Relation
    reason: str


_ELSEWHERE = ("the floor",), Relation.ON
"""Of a thing in no list: most of what a room is furnished with stands on its floor."""


def surfaces_of(things: Sequence[str]) -> tuple[tuple[str, ...], Relation]:
    """Return what an added thing stands on or hangs at, the likeliest first, and how.

    Args:
        things: The thing in English: "a potted plant".

    """
    for thing in things:
        words = split_words(thing)
        # The head is the last noun before "of" or "with": "a vase of tulips" stands like a vase.
        found = [
            (index, length, group)
            for group in _groups()
            for index in range(len(words))
            if (length := group.things.length_at(words, index))
        ]
        cut = next((i for i, word in enumerate(words) if word.key in {"of", "with", "for", "in"}), len(words))
        heads = [one for one in found if one[0] < cut] or found
        if heads:
            group = max(heads, key=lambda one: (one[0] + one[1], one[1]))[2]
            return group.surfaces, group.relation
    return _ELSEWHERE


@lru_cache
def _groups() -> tuple[_Group, ...]:
    text = resources.files("langdesign_reference").joinpath("data", "surfaces.toml").read_text("utf-8")
    return tuple(read_table(_Group, group) for group in tomllib.loads(text)["group"])
