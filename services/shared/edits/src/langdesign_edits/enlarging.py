"""An edit at the network's size, scaled to the picture's tile by tile, with the detail that scaling lost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np

from langdesign_edits.focus import Focus, Window
from langdesign_edits.guided import Floats, planes, transfer
from langdesign_edits.pictures import Pixels

_SHARPNESS = -0.5  # of the cubic kernel; exact for parabolas (Keys, 1981)
_REACH = 2  # px on each side that the cubic kernel sees, of whichever picture is the smaller
_COLOURS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Enlargement:
    """An edit that can be had at the picture's size.

    The small edit, interpolated, and what interpolating loses of the original, as the edit changes it.
    Interpolating is two products with matrices of few columns a tile, which is several times faster than
    scaling pictures and holds float32 throughout.
    """

    box: Window  # pixels of the full picture that the edit is of
    edited: Floats  # [3, h, w], 0..255: the edit at the network's size
    original: Floats  # [3, h, w], 0..255: the original there
    gains: Floats | None  # [9, h, w]: how differences of colour change, row by row; None: not scaled

    @classmethod
    def of(cls, before: Pixels, after: Pixels, focus: Focus, tolerance: float) -> Self:
        """Return that of an edit, uint8 `[h, w, 3]` as what it was made of; see `put_back`."""
        gains = transfer(before, after, tolerance) if focus.scaled else None
        shape = (_COLOURS**2, *focus.size)
        return cls(focus.box, planes(after), planes(before), None if gains is None else gains.reshape(shape))

    def tile(self, tile: Window, original: Floats) -> Floats:
        """Return the edit of a tile, `[3, h, w]`, 0..255 about, given the original there."""
        top, left = tile.top - self.box.top, tile.left - self.box.left
        if self.gains is None:
            return self.edited[:, top : top + tile.height, left : left + tile.width].copy()
        rows = taps_of(top, top + tile.height, self.box.height, self.edited.shape[1])
        columns = taps_of(left, left + tile.width, self.box.width, self.edited.shape[2])
        after = interpolated(self.edited, rows, columns, cubic=True)
        lost = original - interpolated(self.original, rows, columns, cubic=True)
        gains = interpolated(self.gains, rows, columns, cubic=False).reshape(_COLOURS, *lost.shape)
        for channel in range(_COLOURS):
            after += gains[:, channel] * lost[channel]
        return after


def seen_pixels(pixels: int, scale: float) -> int:
    """Return from how many of the network's pixels, at most, so many along an axis are interpolated."""
    return math.ceil(pixels / scale) + 2 * math.ceil(_REACH * max(1.0, 1 / scale))


@dataclass(frozen=True, slots=True, eq=False)
class Taps:
    """How pixels along an axis are interpolated from few of the network's."""

    seen: slice  # the network's pixels, k
    linear: Floats  # [pixels, k], their weights; rows sum to 1
    cubic: Floats  # [pixels, k], likewise


@lru_cache(maxsize=128)
def taps_of(first: int, last: int, side: int, size: int) -> Taps:
    """Return how pixels first..last (exclusive) of a side are interpolated from one of `size` pixels.

    Where that is the longer one, of a crop that was enlarged, the kernels widen by as much, and average.
    """
    wide = max(1.0, size / side)
    reach = math.ceil(_REACH * wide)
    centres = (np.arange(first, last) + 0.5) * (size / side) - 0.5
    begin = max(0, int(np.floor(centres[0])) + 1 - reach)
    end = min(size, int(np.ceil(centres[-1])) + reach)
    apart = np.abs(centres[:, None] - np.arange(begin, end)) / wide
    return Taps(slice(begin, end), *map(_normalised, (np.maximum(1 - apart, 0), _cubic(apart))))


def _cubic(apart: np.ndarray) -> np.ndarray:
    """Return the weights of the cubic kernel at distances in pixels of the smaller picture."""
    near = ((_SHARPNESS + 2) * apart - (_SHARPNESS + 3)) * apart**2 + 1
    far = _SHARPNESS * (((apart - 5) * apart + 8) * apart - 4)
    return np.where(apart < 1, near, np.where(apart < _REACH, far, 0))


def _normalised(weights: np.ndarray) -> Floats:
    """Return weights whose rows sum to 1, also where the kernel is cut at an edge."""
    normalised: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return normalised


def interpolated(small: Floats, rows: Taps, columns: Taps, *, cubic: bool) -> Floats:
    """Return planes `[c, h, w]`, interpolated for the pixels of the taps, linearly or by the cubic kernel."""
    down, across = (taps.cubic if cubic else taps.linear for taps in (rows, columns))
    wide = small[:, rows.seen, columns.seen] @ across.T
    tile: Floats = down @ wide
    return tile
