"""What an edit changed, measured once, on the pixels of its result."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from langdesign_edits.feathering import dilated
from langdesign_edits.focus import bands
from langdesign_edits.pictures import Pixels
from langdesign_edits.preserve import Preserve
from langdesign_edits.regions import Mask

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

    @property
    def changed(self) -> bool:
        """Return whether any pixel differs."""
        return bool(self.inside.changed_share or self.outside.changed_share)

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
    near = np.ones(before.shape[:2], np.bool_) if mask is None else dilated(mask, feather)
    inside, outside = _Sums(), _Sums()
    for first, last in bands(*before.shape[:2]):
        _add(before[first:last], after[first:last], near[first:last], inside, outside)
    return ChangeReport(preserve, inside.statistics(), outside.statistics())


@dataclass(slots=True)
class _Sums:
    """What is summed over a set of pixels; exact."""

    pixels: int = 0
    changed: int = 0  # pixels with any changed channel
    absolute: int = 0  # of the colours' differences
    square: int = 0

    def statistics(self) -> ChangeStatistics:
        """Return them as shares and means."""
        if not self.pixels:
            return ChangeStatistics()
        values = self.pixels * _COLOURS
        psnr = 10 * math.log10(255**2 * values / self.square) if self.square else None
        return ChangeStatistics(self.pixels, self.changed / self.pixels, self.absolute / values, psnr)


def _add(before: Pixels, after: Pixels, near: Mask, inside: _Sums, outside: _Sums) -> None:
    """Add a band of two pictures to the sums of the pixels near the region and of the others."""
    pixels = int(np.count_nonzero(near))
    inside.pixels += pixels
    outside.pixels += near.size - pixels
    if np.array_equal(before, after):
        return
    absolute, square, changed = _differences(before, after)
    for sums, where in ((inside, near), (outside, ~near)):
        there = changed & where
        if count := int(np.count_nonzero(there)):
            sums.changed += count
            sums.absolute += int(np.multiply(absolute, there).sum(dtype=np.int64))
            sums.square += int(np.multiply(square, there).sum(dtype=np.int64))


def _differences(
    before: Pixels, after: Pixels
) -> tuple[NDArray[np.uint16], NDArray[np.uint32], NDArray[np.bool_]]:
    """Return absolute differences, their squares, summed over the colours, and where any channel differs."""
    absolute, square = np.zeros(before.shape[:2], np.uint16), np.zeros(before.shape[:2], np.uint32)
    for channel in range(_COLOURS):
        one, other = before[..., channel], after[..., channel]
        apart = (np.maximum(one, other) - np.minimum(one, other)).astype(np.uint16)
        absolute += apart
        square += np.square(apart)
    changed = absolute > 0
    if before.shape[2] > _COLOURS:
        changed |= before[..., _COLOURS] != after[..., _COLOURS]
    return absolute, square, changed
