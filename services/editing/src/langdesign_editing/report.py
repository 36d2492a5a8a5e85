"""Measures what an edit changed, on the pixels of the result: the service's own check of the engine."""

import math

import numpy as np
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign_media import Mask
from numpy.typing import NDArray

from langdesign_editing.engine import Pixels


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
    difference = np.abs(before.astype(np.int16) - after.astype(np.int16))
    return pb.PreservationReport(
        preserve=preserve,
        inside=_statistics(difference[inside]),
        outside=_statistics(difference[~inside]),
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
    height = mask.shape[0]
    counts = np.zeros((height + 1, mask.shape[1]), np.int32)
    np.cumsum(mask, axis=0, out=counts[1:])
    rows = np.arange(height)
    within = counts[np.minimum(rows + radius + 1, height)] - counts[np.maximum(rows - radius, 0)]
    return np.asarray(within > 0)


def _statistics(difference: NDArray[np.int16]) -> pb.ChangeStatistics:
    """Statistics of ``[N, C]`` absolute differences, 0..255."""
    pixels = difference.shape[0]
    if not pixels:
        return pb.ChangeStatistics()
    square = float(np.mean(np.square(difference, dtype=np.float32)))
    statistics = pb.ChangeStatistics(
        pixels=pixels,
        changed_share=float(np.mean(difference.any(axis=1))),
        mean_difference=float(difference.mean()),
    )
    if square > 0:
        statistics.psnr = 10 * math.log10(255**2 / square)
    return statistics
