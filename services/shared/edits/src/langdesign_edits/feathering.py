"""Soft edges around masks, and what counts as inside of them."""

import numpy as np
from numpy.typing import NDArray

from langdesign_edits.pictures import Pixels
from langdesign_edits.regions import Mask

Weights = NDArray[np.float32]
"""``[H, W]`` float32, 0..1: how much of the edit shows."""


_SIDE_PER_FEATHER = 64  # px of a working side to one of feather: 8 at 512, 2 at 128


def default_feather(working: int) -> int:
    """Return over how many px of what the network sees an edit fades out where nobody says, 1 or more.

    As much of a picture for every network: thin things beside a region would be lost in the wide feather of
    a small network.

    Args:
        working: Side of the square that the network knows, px.

    """
    return max(1, round(working / _SIDE_PER_FEATHER))


def feathered(mask: Mask, feather: int) -> Weights:
    """Return weights ``[H, W]``: 1 on the mask, falling to 0 over ``feather`` pixels around it.

    Exactly 0 at more than ``feather`` pixels (chessboard distance) from the mask, so that `dilated` by the
    same width is where anything may show.
    """
    grown, blurred = feather - feather // 2, feather // 2
    weights = mask.astype(np.int32)
    for axis in (0, 1):
        weights = (_box_sums(weights, grown, axis) > 0).astype(np.int32)
    for axis in (0, 1):
        weights = _box_sums(weights, blurred, axis)
    cover = [_box_sums(np.ones(side, np.int32), blurred, 0) for side in mask.shape]
    windows = cover[0][:, None] * cover[1]
    shares: Weights = np.divide(weights, windows, dtype=np.float32)
    return shares


def blended(before: NDArray[np.float32], after: NDArray[np.float32], weights: Weights) -> Pixels:
    """Return what shows of an edit that is laid over a picture by weights, rounded to uint8.

    Where they are 0, it is the picture, bit for bit.

    Args:
        before: the picture's colours, 0..255, of any shape.
        after: the edit's, 0..255 about, likewise; written over.
        weights: 0..1, of a shape that fits theirs.

    """
    if not (weights == 1).all():
        after -= before
        after *= weights
        after += before
    np.rint(after, out=after)
    return np.clip(after, 0, 255, out=after).astype(np.uint8)


def dilated(mask: Mask, radius: int) -> Mask:
    """Return a mask ``[H, W]`` grown by a radius in pixels, chessboard distance."""
    return _dilated_rows(_dilated_rows(mask, radius).T, radius).T


def _box_sums(array: NDArray[np.int32], radius: int, axis: int) -> NDArray[np.int32]:
    """Return the sums over windows of `2 radius + 1` along an axis, cut at the edges, in one pass."""
    if radius == 0:
        return array
    side = array.shape[axis]
    sums = np.insert(np.cumsum(array, axis=axis, dtype=np.int32), 0, 0, axis=axis)
    places = np.arange(side)
    above = np.take(sums, np.minimum(places + radius + 1, side), axis=axis)
    return above - np.take(sums, np.maximum(places - radius, 0), axis=axis)


def _dilated_rows(mask: Mask, radius: int) -> Mask:
    """Grow along the first axis: each window is the union of two of half its length."""
    grown, window, covered = np.pad(mask, ((radius, radius), (0, 0))), 2 * radius + 1, 1
    while covered < window:
        step = min(covered, window - covered)
        grown = grown[:-step] | grown[step:]
        covered += step
    return grown
