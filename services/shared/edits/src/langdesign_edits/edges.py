"""What a segmentation network is shown of a picture, and its map of it with the edges of the picture.

One rule for services, training and bench. A network draws at a quarter of the size that it sees, so its edges
are blurred at any size. The guided filter as in `langdesign_edits.guided`: around each pixel of the map it is
taken for an affine function of the colours, which is then applied to the picture's colours. Where colours
hardly vary they say nothing, and the map stays as it was.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from langdesign_edits.enlarging import interpolated, taps_of
from langdesign_edits.guided import Floats, covariance, planes, solve, window_mean
from langdesign_edits.pictures import Pixels

LARGEST_GUIDE = 4
"""Times as large as what the network sees is the picture whose edges a map follows, at most."""

_RADIUS = 4  # px of half the map's size: of 3..10 as good as any on rendered rooms, with the next line
_NOISE = 10.0  # variance, squared 8-bit levels, below which colours say nothing


def scaled(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return pixels at a size (width, height), with the filter that segmentation networks scale with."""
    if size == pixels.shape[1::-1]:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))


def shown(pixels: Pixels, working: int) -> Pixels:
    """Return what is sent to a network that sees a square of `working` px a side.

    Pictures of more pixels are sent as that square, just as the network itself would scale them; others as
    they are.
    """
    height, width = pixels.shape[:2]
    return scaled(pixels, (working, working)) if height * width > working**2 else pixels


def guide_of(pixels: Pixels, working: int) -> Pixels | None:
    """Return the picture whose edges the map of what was `shown` follows, reduced to `LARGEST_GUIDE`.

    None of a larger picture that is narrower than what was shown.
    """
    height, width = pixels.shape[:2]
    if height * width > working**2 and min(height, width) <= working:
        return None
    most = LARGEST_GUIDE * working
    return scaled(pixels, (min(width, most), min(height, most)))


def outlined(values: Floats, pixels: Pixels, working: int) -> Floats:
    """Return a map of what was `shown`, ``[h, w]``, at the picture's size, ``[H, W]``, along its edges."""
    guide = guide_of(pixels, working)
    followed = values if guide is None else follow_edges(values, guide)
    return followed if followed.shape == pixels.shape[:2] else _enlarged(followed[None], pixels)[0]


def follow_edges(values: Floats, guide: Pixels) -> Floats:
    """Return a map at its guide's size.

    The colours are read at half the map's size, which is still twice as fine as a network draws.

    Args:
        values: ``[h, w]`` float32, such as probabilities.
        guide: ``[H, W, 3]`` uint8, the picture that the map is of, no smaller than the map.

    Returns:
        ``[H, W]`` float32 of the values' range. Where the picture has no edges it is the map, interpolated.

    """
    size = values.shape[0], values.shape[1]
    half = (size[1] + 1) // 2, (size[0] + 1) // 2
    colours = planes(scaled(guide, half))
    drawn = np.asarray(Image.fromarray(values).resize(half, Image.Resampling.BOX))
    found = _enlarged(_planes(colours, drawn), guide)
    slopes, offset, told = found[:-2], found[-2], found[-1]
    plain = values if size == guide.shape[:2] else _enlarged(values[None], guide)[0]
    slopes *= planes(guide)
    followed: Floats = plain + told * (slopes.sum(axis=0) + offset - plain)
    return np.clip(followed, values.min(), values.max(), out=followed)


def _enlarged(maps: Floats, guide: Pixels) -> Floats:
    """Return maps `[n, h, w]` at the size of a guide."""
    height, width = guide.shape[:2]
    rows, columns = taps_of(0, height, height, maps.shape[1]), taps_of(0, width, width, maps.shape[2])
    return interpolated(maps, rows, columns, cubic=False)


def _planes(colours: Floats, values: Floats) -> Floats:
    """Return slopes over the colours, offset, and how much the colours tell, `[5, h, w]`."""
    own, across = covariance(colours, colours, _RADIUS), covariance(colours, values[None], _RADIUS)
    variance = np.trace(own)
    for channel in range(len(own)):
        own[channel, channel] += _NOISE
    slopes = solve(own, across)[:, 0]
    offset = window_mean(values, _RADIUS) - (slopes * window_mean(colours, _RADIUS)).sum(axis=0)
    told = variance / (variance + _NOISE)
    return window_mean(np.concatenate([slopes, offset[None], told[None]]), _RADIUS)
