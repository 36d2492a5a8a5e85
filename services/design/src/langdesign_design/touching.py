"""Which pixels an edit was to change, and what a whole path of edits did to the root."""

from __future__ import annotations

import dataclasses

import numpy as np
from langdesign.design.v1 import design_pb2 as pb
from langdesign.editing.v1 import editing_pb2
from langdesign_edits import ChangeStatistics, Mask, Pixels, dilated, measure_change
from langdesign_edits.focus import Window, tight_window

from .areas import Area, Size


def touched_area(mask: Mask | None, inside: int, size: Size) -> Area:
    """Return what an edit was to change: its mask and the feather around it.

    The editing service chooses the feather by the crop that its network saw, and reports how many pixels lie
    inside. That number tells the feather, since a mask that grows gains pixels with every step until it fills
    the picture. Where no feather gives the number, it is the largest that gives fewer.

    Args:
        mask: ``[H, W]``; None where the whole picture was edited, or nothing.
        inside: `PreservationReport.inside.pixels` of the edit; 0 for a no-op.
        size: Height and width of the picture, pixels.

    """
    if not inside:
        return Area.none(size)
    if mask is None:
        return Area.whole(size)
    window = tight_window(mask)
    if window is None:
        return Area.none(size)
    return _grown(mask, window, _feather(mask, window, inside))


def path_report(root: Pixels, pixels: Pixels, touched: Area) -> pb.PathReport:
    """Return what a path of edits changed of the root, inside of what they were to change and outside.

    Args:
        root: uint8 ``[H, W, 3 or 4]``.
        pixels: The picture at the path's end, of the same shape.
        touched: What at least one edit of the path was to change.

    """
    near = None if touched.everything else touched.on_picture()
    report = measure_change(root, pixels, near)
    return pb.PathReport(inside=_message(report.inside), outside=_message(report.outside))


def _feather(mask: Mask, window: Window, inside: int) -> int:
    """Return the most pixels that a mask can grow by, and still have at most so many."""
    low, high = 0, 1
    while high < max(mask.shape) and _grown(mask, window, high).pixels <= inside:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _grown(mask, window, middle).pixels <= inside else (low, middle)
    return low


def _grown(mask: Mask, window: Window, reach: int) -> Area:
    top, left = max(0, window.top - reach), max(0, window.left - reach)
    bottom = min(mask.shape[0], window.top + window.height + reach)
    right = min(mask.shape[1], window.left + window.width + reach)
    around = Window(top, left, bottom - top, right - left)
    size = int(mask.shape[0]), int(mask.shape[1])
    return Area(size, around, np.ascontiguousarray(dilated(mask[around.slices], reach)))


def _message(statistics: ChangeStatistics) -> editing_pb2.ChangeStatistics:
    return editing_pb2.ChangeStatistics(**dataclasses.asdict(statistics))
