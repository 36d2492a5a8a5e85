"""Objects by their class and style: meshes, measures and where others may stand on them."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator

from ..errors import SceneError
from ..parts import Part
from ..vocabulary import KINDS
from . import (
    appliances,
    bathroom,
    beds,
    cases,
    hangings,
    lamps,
    plants,
    seating,
    shelves,
    tables,
    textiles,
    upholstery,
    vessels,
)
from .mesh import Array, Assembly

_BUILDERS: Mapping[str, Callable[[Generator], Assembly]] = {
    "chair": seating.chair,
    "armchair": upholstery.armchair,
    "stool": seating.stool,
    "bench": seating.bench,
    "sofa": upholstery.sofa,
    "ottoman": upholstery.ottoman,
    "bed": beds.bed,
    "table": tables.table,
    "coffee table": tables.coffee_table,
    "desk": tables.desk,
    "nightstand": cases.nightstand,
    "dresser": cases.dresser,
    "wardrobe": cases.wardrobe,
    "cabinet": cases.cabinet,
    "bookshelf": shelves.bookshelf,
    "shelf": shelves.shelf,
    "lamp": lamps.lamp,
    "table lamp": lamps.table_lamp,
    "pendant": lamps.pendant,
    "rug": textiles.rug,
    "plant": plants.plant,
    "vase": vessels.vase,
    "picture": hangings.picture,
    "mirror": hangings.mirror,
    "clock": hangings.clock,
    "curtain": textiles.curtain,
    "blind": textiles.blind,
    "television": appliances.television,
    "basket": vessels.basket,
    "fridge": appliances.fridge,
    "oven": appliances.oven,
    "sink": bathroom.sink,
    "bathtub": bathroom.bathtub,
    "toilet": bathroom.toilet,
}


@functools.lru_cache(maxsize=256)
def build(kind: str, style: int) -> tuple[Part, ...]:
    """Return the meshes of one object in the frame of `langdesign_scenes.parts`; their arrays are read-only.

    Args:
        kind: a name of `vocabulary.KINDS`.
        style: seed of its shape, 0 or more; the same seed gives the same bytes.

    Raises:
        SceneError: no such kind, or a negative style.

    """
    made = _assembled(kind, style)
    return made.parts(_shift(kind, *made.bounds()))


@functools.lru_cache(maxsize=4096)
def extent(kind: str, style: int) -> tuple[float, float, float]:
    """Return width (x), depth (y) and height (z) in metres of the object that `build` makes."""
    low, high = _assembled(kind, style).bounds()
    width, depth, height = (high - low).tolist()
    return width, depth, height


def top(kind: str, style: int) -> float | None:
    """Return the height in metres on which another object can stand, or None where none can."""
    carrier = _carrier(kind, style)
    return None if carrier is None else carrier[2]


def top_extent(kind: str, style: int) -> tuple[float, float] | None:
    """Return width and depth in metres of the area about the middle that carries others, or None."""
    carrier = _carrier(kind, style)
    return None if carrier is None else carrier[:2]


@functools.lru_cache(maxsize=4096)
def _carrier(kind: str, style: int) -> tuple[float, float, float] | None:
    made = _assembled(kind, style)
    if made.top is None:
        return None
    width, depth, height = made.top
    return width, depth, height + float(_shift(kind, *made.bounds())[2])


@functools.lru_cache(maxsize=64)
def _assembled(kind: str, style: int) -> Assembly:
    if kind not in _BUILDERS:
        raise SceneError(f"There is no object class {kind!r}; take one of {', '.join(sorted(_BUILDERS))}")
    if style < 0:
        raise SceneError(f"A style is a seed of 0 or more, not {style}")
    return _BUILDERS[kind](np.random.default_rng((zlib.crc32(kind.encode()), style)))


def _shift(kind: str, low: Array, high: Array) -> Array:
    """Return what brings an object with these corners into the frame of its kind."""
    middle = (low + high) / 2
    stands = KINDS[kind].stands
    if stands == "wall":
        return -np.array((middle[0], high[1], middle[2]))
    return -np.array((middle[0], middle[1], high[2] if stands == "ceiling" else low[2]))
