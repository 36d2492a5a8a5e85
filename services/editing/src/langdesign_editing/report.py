"""Measures what an edit changed, on the pixels of the result: the service's own check of the engine."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign_edits import Mask
from numpy.typing import NDArray

from langdesign_editing.engine import Pixels

_COLOURS = 3


def measure(
    before: Pixels, after: Pixels, mask: Mask | None, *, feather: int, preserve: pb.Preserve.ValueType
) -> pb.PreservationReport:
    """Compares two pictures of one shape inside and outside a region.

    Args:
        before: ``[H, W, C]``, the input.
        after: ``[H, W, C]``, the result.
        mask: ``[H, W]``; None when the whole picture is inside.
        feather: Pixels around the mask that count as inside (chessboard distance).
        preserve: The contract that was kept.

    """
    inside = np.ones(before.shape[:2], np.bool_) if mask is None else dilate(mask, feather)
    difference = _Difference.between(before, after)
    return pb.PreservationReport(
        preserve=preserve, inside=difference.statistics(inside), outside=difference.statistics(~inside)
    )


def unchanged(pixels: int, preserve: pb.Preserve.ValueType) -> pb.PreservationReport:
    """Returns the report of an edit that changed nothing."""
    return pb.PreservationReport(
        preserve=preserve, inside=pb.ChangeStatistics(), outside=pb.ChangeStatistics(pixels=pixels)
    )


def dilate(mask: Mask, radius: int) -> Mask:
    """Grows a mask by a radius in pixels, chessboard distance."""
    return _dilate_rows(_dilate_rows(mask, radius).T, radius).T


def _dilate_rows(mask: Mask, radius: int) -> Mask:
    """Grows along the first axis: each window is the union of two of half its length."""
    grown, window, covered = np.pad(mask, ((radius, radius), (0, 0))), 2 * radius + 1, 1
    while covered < window:
        step = min(covered, window - covered)
        grown = grown[:-step] | grown[step:]
        covered += step
    return grown


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

    def statistics(self, where: Mask) -> pb.ChangeStatistics:
        pixels = int(np.count_nonzero(where))
        if not pixels:
            return pb.ChangeStatistics()
        absolute = self.absolute[where]
        values = pixels * _COLOURS
        statistics = pb.ChangeStatistics(
            pixels=pixels,
            changed_share=np.count_nonzero(self.changed[where]) / pixels,
            mean_difference=int(absolute.sum(dtype=np.int64)) / values,
        )
        if square := int(self.square[where].sum(dtype=np.int64)):
            statistics.psnr = 10 * math.log10(255**2 * values / square)
        return statistics
