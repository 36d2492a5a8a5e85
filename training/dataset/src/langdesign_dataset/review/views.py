"""What changed between two pictures, made visible."""

from __future__ import annotations

import numpy as np

from ..samples.sample import Pixels, Region

_CHANGED = np.array([214, 36, 92], np.float64)  # where pixels differ
_OUTLINE = np.array([12, 18, 28], np.uint8)  # of the region in which they may; seen on red and on pale
_FULL = 48.0  # a difference of so many steps, of 255, is painted in full
_FAINT = 0.35  # of the contrast is left to the picture below


def change_view(before: Pixels, after: Pixels, region: Region | None) -> Pixels:
    """Return the picture before, pale and grey, with its change painted and the region outlined.

    Args:
        before: RGB uint8 [H, W, 3].
        after: likewise.
        region: bool [H, W] in which a change may lie; None draws no outline.

    Returns:
        RGB uint8 [H, W, 3].

    """
    difference = np.abs(before.astype(np.float64) - after).max(axis=2, keepdims=True)
    pale = 255 - _FAINT * (255 - before.mean(axis=2, keepdims=True))
    share = np.minimum(difference / _FULL, 1)
    shown: Pixels = ((1 - share) * pale + share * _CHANGED).round().astype(np.uint8)
    if region is not None:
        shown[outline(region)] = _OUTLINE
    return shown


def outline(region: Region) -> Region:
    """Return the pixels of a region that touch its outside, bool [H, W]; the picture's rim is no outside."""
    padded = np.pad(region, 1, mode="edge")
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    edge: Region = region & ~inner
    return edge
