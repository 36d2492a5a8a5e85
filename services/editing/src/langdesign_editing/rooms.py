"""Free places for added things, where the instruction names none: on, within or below a surface.

A heuristic in the picture's plane. The surfaces' masks show what is free of things: a mask of the floor ends
where the bed begins. A box of the size that is usual there is slid over them, largest first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from langdesign_edits import Mask
from numpy.typing import NDArray
from PIL import Image

from langdesign_editing.plans import Relation

GRID = 96
"""Cells along the longer side: places are looked for on a picture of this size."""
SCALES = (1.0, 0.85, 0.7, 0.55, 0.4)
"""Sizes that are tried, over the usual one; below the last a thing would not be seen."""
MOSTLY = 0.5
"""Share of a cell from which it counts as inside."""
HELD = 0.9
"""Share of a box's foot that must lie on its surface: masks are ragged at their edges."""
FREE = 0.85
"""Share of a box that must lie on surfaces; what is missing is hidden by a thing in front, or ragged."""


@dataclass(frozen=True, eq=False)
class Room:
    """A free place ``[H, W]``, and the surface that it belongs to, as it was named."""

    mask: Mask
    surface: str


@dataclass(frozen=True, slots=True)
class _Shape:
    """The usual box of a thing: its sides over the picture's shorter one, and where it touches the surface.

    `foot` is the share of its height that lies on the surface, from below (from above where it hangs);
    `level` is where its middle should be, over the picture's height; None: as far down as it goes.
    """

    width: float
    height: float
    foot: float
    level: float | None = None
    hangs: bool = False


_STANDING = _Shape(0.3, 0.42, foot=0.25, level=0.62)  # rather at the wall than before the viewer
_LYING = _Shape(0.6, 0.25, foot=1.0)
_ON_A_WALL = _Shape(0.32, 0.32, foot=1.0, level=0.35)  # pictures hang a little above the middle
_HANGING = _Shape(0.25, 0.35, foot=0.25, hangs=True, level=0.0)
_ON_A_THING = _Shape(0.18, 0.22, foot=0.25, level=0.5)

_FLOORS = frozenset({"floor", "carpet", "ground", "terrace", "lawn"})
_WALLS = frozenset({"wall", "walls"})
_CEILINGS = frozenset({"ceiling"})


def find_room(
    surfaces: Sequence[tuple[str, Mask]], relation: Relation, occupied: Mask | None = None
) -> Room | None:
    """Return where a thing may go that stands on, within or below the first surface with room for it.

    Args:
        surfaces: What it may belong to, the likeliest first, with where the picture shows it, ``[H, W]``.
        relation: ON, INSIDE or BELOW; any other is taken as usual for the surface.
        occupied: Where nothing may go, ``[H, W]``: what is kept, and earlier additions.

    """
    if not surfaces:
        return None
    taken = None if occupied is None else _shares(occupied) > 0
    seen = [_shares(mask) > MOSTLY for _, mask in surfaces]
    if taken is not None:
        seen = [mask & ~taken for mask in seen]
    free: Mask = np.logical_or.reduce(seen)
    for (name, full), mask in zip(surfaces, seen, strict=True):
        shape = _usual(name, relation)
        box = _best(shape, mask, free)
        if box is not None:
            return Room(_drawn(box, mask.shape, full, within=shape.foot == 1.0), name)
    return None


def is_surface(expression: str) -> bool:
    """Return whether an expression names a floor, wall or ceiling, of which a thing takes a part."""
    return _head(expression) in _FLOORS | _WALLS | _CEILINGS


def _head(expression: str) -> str:
    return expression.lower().rpartition(" ")[2]


def _usual(surface: str, relation: Relation) -> _Shape:
    name = _head(surface)
    if relation is Relation.BELOW or (relation is not Relation.INSIDE and name in _CEILINGS):
        return _HANGING
    if name in _WALLS:
        return _ON_A_WALL
    if relation is Relation.INSIDE:
        return _LYING
    return _STANDING if name in _FLOORS else _ON_A_THING


def _shares(mask: Mask) -> NDArray[np.float32]:
    """Return the share of each cell of the grid that is inside."""
    height, width = mask.shape
    scale = min(1.0, GRID / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(mask.astype(np.float32)).resize(size, Image.Resampling.BOX))


_Box = tuple[int, int, int, int]  # top, left, height, width, cells


def _best(shape: _Shape, surface: Mask, free: Mask) -> _Box | None:
    sums, frees = _integral(surface), _integral(free)
    for height, width in _sizes(shape, surface.shape):
        boxes = _at_every_place(frees, height, width)
        foot = max(1, round(shape.foot * height))
        feet = _at_every_place(sums, foot, width)
        feet = feet[: len(boxes)] if shape.hangs else feet[height - foot :]
        fits = (feet >= HELD * foot * width) & (boxes >= FREE * height * width)
        if fits.any():
            cost = _cost(shape, fits.shape, height, surface.shape[0], boxes / (height * width))
            top, left = np.unravel_index(np.argmin(np.where(fits, cost, np.inf)), fits.shape)
            return int(top), int(left), height, width
    return None


def _sizes(shape: _Shape, grid: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    for scale in SCALES:
        height = max(2, round(scale * shape.height * min(grid)))
        width = max(2, round(scale * shape.width * min(grid)))
        if height <= grid[0] and width <= grid[1]:
            yield height, width


def _cost(
    shape: _Shape, places: tuple[int, ...], height: int, rows: int, free: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how unlike the usual a place is: its level, how much it hides, then how far from the middle."""
    middle = (np.arange(places[0]) + height / 2) / rows
    level = np.abs(middle - shape.level) if shape.level is not None else 1 - middle
    across = np.abs(np.linspace(-1, 1, places[1]))
    cost: NDArray[np.float64] = level[:, None] + 2 * (1 - free) + 0.05 * across[None, :]
    return cost


def _integral(mask: Mask) -> NDArray[np.int64]:
    padded = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), np.int64)
    padded[1:, 1:] = mask.cumsum(0, dtype=np.int64).cumsum(1)
    return padded


def _at_every_place(sums: NDArray[np.int64], height: int, width: int) -> NDArray[np.int64]:
    """Return how many cells of every box of a size are set; index 0 is the topmost and leftmost box."""
    return sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]


def _drawn(box: _Box, grid: tuple[int, ...], surface: Mask, *, within: bool) -> Mask:
    """Return the box at the picture's size; only its part of the surface where it lies within that."""
    rows, columns = surface.shape[0] / grid[0], surface.shape[1] / grid[1]
    top, left, height, width = box
    drawn = np.zeros_like(surface)
    drawn[
        round(top * rows) : round((top + height) * rows),
        round(left * columns) : round((left + width) * columns),
    ] = True
    return drawn & surface if within else drawn
