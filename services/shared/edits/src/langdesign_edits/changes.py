"""What an edit changed, measured once, on the pixels of its result."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from langdesign_edits.feathering import dilated
from langdesign_edits.pictures import Pixels
from langdesign_edits.regions import Mask
from langdesign_edits.spec import Preserve

_COLOURS = 3


@dataclass(frozen=True, slots=True)
class ChangeStatistics:
    """How much changed in a set of pixels."""

    pixels: int = 0  # how many there are
    changed_share: float = 0.0  # share of them with any changed channel, alpha included, 0..1
    mean_difference: float = 0.0  # mean absolute difference of the colour values, 0..255
    psnr: float | None = None  # peak signal-to-noise ratio, decibels; None where no colour differs


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """What an edit changed inside its regions (their feather included), and outside."""

    preserve: Preserve  # the promise that was kept
    inside: ChangeStatistics
    outside: ChangeStatistics

    @classmethod
    def unchanged(cls, pixels: int, preserve: Preserve) -> Self:
        """Return the report of an edit that changed nothing of so many pixels: all are outside."""
        return cls(preserve, ChangeStatistics(), ChangeStatistics(pixels))


def measure_change(
    before: Pixels, after: Pixels, mask: Mask | None, *, feather: int = 0, preserve: Preserve = Preserve.NONE
) -> ChangeReport:
    """Compare two pictures of one shape inside and outside a region.

    Args:
        before: ``[H, W, 3 or 4]``, the input.
        after: ``[H, W, 3 or 4]``, the result.
        mask: ``[H, W]``; None when the whole picture is inside.
        feather: Pixels around the mask that count as inside (chessboard distance).
        preserve: The promise that was kept.

    """
    inside = np.ones(before.shape[:2], np.bool_) if mask is None else dilated(mask, feather)
    difference = _Difference.between(before, after)
    return ChangeReport(preserve, difference.statistics(inside), difference.statistics(~inside))


@dataclass(frozen=True)
class _Difference:
    """What differs between two pictures, per pixel ``[H, W]``, summed over the colours; alpha only counts."""

    absolute: NDArray[np.uint16]
    square: NDArray[np.uint32]
    changed: NDArray[np.bool_]

    @classmethod
    def between(cls, before: Pixels, after: Pixels) -> Self:
        absolute = np.zeros(before.shape[:2], np.uint16)
        square = np.zeros(before.shape[:2], np.uint32)
        for channel in range(_COLOURS):
            one, other = before[..., channel], after[..., channel]
            apart = np.maximum(one, other) - np.minimum(one, other)
            absolute += apart
            square += np.square(apart, dtype=np.uint32)
        changed = absolute > 0
        if before.shape[2] > _COLOURS:
            changed |= before[..., _COLOURS] != after[..., _COLOURS]
        return cls(absolute, square, changed)

    def statistics(self, where: Mask) -> ChangeStatistics:
        pixels = int(np.count_nonzero(where))
        if not pixels:
            return ChangeStatistics()
        values = pixels * _COLOURS
        square = int(self.square[where].sum(dtype=np.int64))
        return ChangeStatistics(
            pixels,
            np.count_nonzero(self.changed[where]) / pixels,
            int(self.absolute[where].sum(dtype=np.int64)) / values,
            10 * math.log10(255**2 * values / square) if square else None,
        )
