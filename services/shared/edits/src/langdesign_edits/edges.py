"""A map that a network made of a small picture, enlarged so that its edges are those of the picture.

The guided filter as in `langdesign_edits.guided`: around each pixel of the small picture the map is taken for
an affine function of the colours, which is then applied to the larger picture's colours. Where colours hardly
vary they say nothing, and the map stays as it was.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from langdesign_edits.enlarging import interpolated, taps_of
from langdesign_edits.guided import Floats, covariance, planes, solve, window_mean
from langdesign_edits.pictures import Pixels

_RADIUS = 6  # px of the map: of 1..12, the best on masks of rendered rooms together with the next line
_NOISE = 50.0  # variance, squared 8-bit levels, below which colours say nothing


def follow_edges(values: Floats, guide: Pixels) -> Floats:
    """Return a map at its guide's size.

    Args:
        values: ``[h, w]`` float32, such as probabilities.
        guide: ``[H, W, 3]`` uint8, the picture that the map is of, no smaller than the map.

    Returns:
        ``[H, W]`` float32 of the values' range. Where the picture has no edges it is the map, interpolated.

    """
    height, width = guide.shape[:2]
    down, across = values.shape
    small = Image.fromarray(guide).resize((across, down), Image.Resampling.BILINEAR)
    small_planes = _planes(planes(np.asarray(small)), values)
    rows, columns = taps_of(0, height, height, down), taps_of(0, width, width, across)
    found = interpolated(small_planes, rows, columns, cubic=False)
    slopes, offset, told, plain = found[:-3], found[-3], found[-2], found[-1]
    slopes *= planes(guide)
    followed: Floats = plain + told * (slopes.sum(axis=0) + offset - plain)
    return np.clip(followed, values.min(), values.max(), out=followed)


def _planes(colours: Floats, values: Floats) -> Floats:
    """Return slopes over the colours, offset, how much the colours tell, and the map, `[6, h, w]`."""
    own, across = covariance(colours, colours, _RADIUS), covariance(colours, values[None], _RADIUS)
    variance = np.trace(own)
    for channel in range(len(own)):
        own[channel, channel] += _NOISE
    slopes = solve(own, across)[:, 0]
    offset = window_mean(values, _RADIUS) - (slopes * window_mean(colours, _RADIUS)).sum(axis=0)
    told = variance / (variance + _NOISE)
    smooth = window_mean(np.concatenate([slopes, offset[None], told[None]]), _RADIUS)
    return np.concatenate([smooth, values[None]])
