"""Pairs of recolourings in one picture, each with a region that is known exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from langdesign_scenes.dataset import Family, Instance, SceneSet
from langdesign_scenes.vocabulary import COLOURS

from .errors import BenchSetError
from .metrics import Mask, Pixels

SMALLEST = 0.02
"""Share of the picture that something must show: of less, a small network's latents hold next to nothing."""

_NOT_RECOLOURED = {"ceiling", "window"}  # no instruction of a rendered set asks for those


@dataclass(frozen=True, eq=False)
class Pair:
    """Two edits of one picture, neither of which touches the other's region."""

    before: Pixels  # RGB uint8 [H, W, 3]
    instructions: tuple[str, str]
    regions: tuple[Mask, Mask]  # bool [H, W]


def choose_pairs(scenes: SceneSet, per_room: int, seed: int) -> list[Pair]:
    """Return pairs of recolourings, up to `per_room` in the first picture of each room of a set.

    Of two things, or one and the wall or floor, each the only one of its kind, so that its name says which is
    meant. The colours are drawn: two of the vocabulary's that neither has.

    Raises:
        BenchSetError: no room of the set has two such things.

    """
    draw = np.random.default_rng(seed)
    pairs = [pair for family in scenes if family.room for pair in _of_room(family, per_room, draw)]
    if not pairs:
        raise BenchSetError(f"{scenes.folder} has no room with two things of their own kinds; render more")
    return pairs


def _of_room(family: Family, most: int, draw: np.random.Generator) -> Iterator[Pair]:
    together = list(combinations(_named(family), 2))
    for at in draw.permutation(len(together))[:most]:
        first, second = together[at]
        free = [name for name in COLOURS if name not in (first.colour, second.colour)]
        colours = draw.choice(free, 2, replace=False)
        yield Pair(
            family.image(0),
            (_instruction(first, colours[0]), _instruction(second, colours[1])),
            (family.mask(0, [first.id]), family.mask(0, [second.id])),
        )


def _named(family: Family) -> list[Instance]:
    """Return what is large enough, and the only one of its kind."""
    shown = family.states[0].instances
    kinds = [one.kind for one in shown]
    return [
        one
        for one in shown
        if kinds.count(one.kind) == 1
        and one.kind not in _NOT_RECOLOURED
        and family.mask(0, [one.id]).mean() >= SMALLEST
    ]


def _instruction(thing: Instance, colour: str) -> str:
    return f"{'paint' if thing.kind == 'wall' else 'make'} the {thing.kind} {colour}"
