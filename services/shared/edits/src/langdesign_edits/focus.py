"""Which part of a picture a network sees for an edit, and at which size.

A diffusion network knows one size. A region of a photo is shown to it as a crop at that size, with context
around the region, and a small region enlarged where the network was made for that; the whole of a photo is
shown scaled down. `langdesign_edits.put_back` is the way back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image

from langdesign_edits.errors import InvalidRegion, UnworkableShape
from langdesign_edits.pictures import Pixels
from langdesign_edits.regions import Mask, tight_box

WORKING_SIZE, SIZE_MULTIPLE = 512, 64
"""Side of the square that a network knows, and what its sides divide by, px, where its checkpoint is silent:
those of Stable Diffusion 1."""

ENLARGEMENT = 1.0
"""How many times a region's crop may be enlarged, along a side, where the checkpoint is silent: never."""

MOST_ENLARGEMENT = 4.0
"""Beyond it, a crop shows a network more of the scaling's blur than of the picture."""

CONTEXT = 0.5
"""How far the crop reaches beyond the region on each side, over the region's larger side."""

_MIN_SIDE = 8  # px: the engine's least
_WORTHWHILE = 1.2  # times that a crop is to enlarge a picture which the network could see as it is
_MAX_DISTORTION = 0.05  # of the aspect, by rounding to the network's multiple; beyond it nothing is rounded
_DISTORTION_COST = 4.0  # 1% of distortion is worth 4% of scale
_CONTEXT_GAIN = 0.1  # what twice the area is worth, in logarithms of the scale: where there is room, use it
_SHAPE_COST = 0.02  # what another aspect than the region's costs: among equals, the likest
_NARROWEST = 0.5  # a crop's shorter side over its longer one, where the picture allows: networks know squares
_LONGEST = 16  # the longer side over the shorter one
_BAND = 1 << 18  # px that are worked on at once, so that memory does not grow with the picture
_WIDE_BAND = 1 << 20  # px of a band that is scaled: each sees rows of its neighbours too


class Window(NamedTuple):
    """A rectangle, pixels of the full picture."""

    top: int
    left: int
    height: int
    width: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """The rows and columns of an array `[H, W, ...]` that it holds."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    def within(self, other: Window) -> tuple[slice, slice]:
        """Return its rows and columns in an array of another window that holds it."""
        return self._replace(top=self.top - other.top, left=self.left - other.left).slices


@dataclass(frozen=True, slots=True)
class Focus:
    """What the network sees of a picture."""

    box: Window  # pixels of the full picture
    size: tuple[int, int]  # (height, width) that the network works at
    native: bool  # the whole picture as it is, nothing scaled

    @property
    def scale(self) -> float:
        """Pixels of the picture to one of the network, along a side; below 1 where the crop is enlarged."""
        return math.sqrt(self.box.height * self.box.width / (self.size[0] * self.size[1]))

    @property
    def scaled(self) -> bool:
        """Whether the crop is of another size than its box."""
        return self.size != (self.box.height, self.box.width)


def choose(
    height: int,
    width: int,
    mask: Mask | None,
    working: int,
    multiple: int,
    context: float = CONTEXT,
    *,
    enlargement: float = ENLARGEMENT,
) -> Focus:
    """Return the box around a region, and the size at which the network is to see it.

    A crop is enlarged up to `enlargement` times; a region that is smaller still gets more context, so that
    the least crop fills the network's area unless the picture is smaller. A picture of no more pixels than
    the network's own is taken as it is, unless a crop enlarges its region by a fifth or more. The aspect is
    kept within 5%. Sides are multiples of `multiple`, but where the picture is taken as it is, or where
    rounding would distort it more: the engine mirrors those.

    Args:
        height: of the picture, px.
        width: of the picture, px.
        mask: the region `[H, W]`; without one, or with an empty one, the whole picture is edited.
        working: the side of the square that the network knows, px; other aspects have its area.
        multiple: what the network's sides divide by, px.
        context: how far to reach beyond the region on each side, over the region's larger side.
        enlargement: how many times the crop of a region may be enlarged, 1 or more; without a region, nothing
            is.

    Raises:
        UnworkableShape: if the part is too narrow to be scaled to the working size.
        InvalidRegion: if the mask has another size than the picture.

    """
    if mask is not None and mask.shape != (height, width):
        raise InvalidRegion(
            f"is {mask.shape[1]}x{mask.shape[0]} px, the picture {width}x{height}",
            hint="give one of the picture's size",
            field="mask",
        )
    region = None if mask is None else tight_window(mask)
    least = 1.0 if region is None else 1.0 / enlargement
    known = _area(height, multiple) * _area(width, multiple) <= working**2 or height * width <= working**2
    if not known:
        return _around(region, (height, width), working, multiple, context, least)
    if least * _WORTHWHILE > 1:
        return whole(height, width)
    try:
        focus = _around(region, (height, width), working, multiple, context, least)
    except UnworkableShape:  # of a crop; the network takes the picture as it is
        return whole(height, width)
    return focus if focus.scale * _WORTHWHILE <= 1 else whole(height, width)


def _around(
    region: Window | None, limits: tuple[int, int], working: int, multiple: int, context: float, least: float
) -> Focus:
    """Return the focus on a region, shown at `least` pixels of the picture to one of the network or more."""
    needed = _needed(*limits, region, context)
    side, other = _best_size(needed, limits, working, multiple, least)
    fit = max(least, needed.height / side, needed.width / other)
    box = _grown(needed, (round(fit * side), round(fit * other)), limits)
    return Focus(box, _size(box, (side, other), working, multiple, least), native=False)


def whole(height: int, width: int) -> Focus:
    """Return the focus on a whole picture as it is: `native`."""
    return Focus(Window(0, 0, height, width), (height, width), native=True)


def crop(picture: Pixels, focus: Focus) -> Pixels:
    """Return what the network sees of a picture `[H, W, 3 or 4]`: the colours, uint8 `[h, w, 3]`.

    Scaled with Lanczos' window, which Pillow widens by the scale where the crop gets smaller: it passes the
    least of what a smaller picture cannot hold, and keeps edges sharper than averaging, as in the pictures
    that networks are trained on; enlarging, it keeps them sharper than other kernels. Worked on in
    bands of rows, so that memory stays small.
    """
    part = picture[focus.box.slices]
    if not focus.scaled:
        return np.ascontiguousarray(part[..., :3])
    (height, width), rows = focus.size, focus.box.height / focus.size[0]
    reach = math.ceil(3 * max(rows, 1.0)) + 1  # Lanczos' window, in rows of the picture
    result = np.empty((height, width, 3), np.uint8)
    for first, last in bands(height, rows * part.shape[1], _WIDE_BAND):
        top = max(0, math.floor(first * rows) - reach)
        bottom = min(part.shape[0], math.ceil(last * rows) + reach)
        band = Image.fromarray(np.ascontiguousarray(part[top:bottom, :, :3]))
        box = (0.0, first * rows - top, float(part.shape[1]), min(last * rows - top, float(bottom - top)))
        small = band.resize((width, last - first), Image.Resampling.LANCZOS, box=box)
        result[first:last] = np.asarray(small)
    return result


def crop_mask(mask: Mask, focus: Focus) -> Mask:
    """Return a mask `[H, W]` as the network sees it, `[h, w]`: a pixel is inside if any it covers is.

    So no pixel of the region is left without an edit, and no thin shape is lost. What is inside by the way
    is cut off again at full resolution.
    """
    part = mask[focus.box.slices]
    if not focus.scaled:
        return np.ascontiguousarray(part)
    for axis in (0, 1):
        part = _any_in_cells(part, focus.size[axis], axis)
    return part


def _any_in_cells(mask: Mask, count: int, axis: int) -> Mask:
    """Return whether any pixel is inside, for each of `count` equal cells along an axis."""
    side = mask.shape[axis]
    edges = np.arange(count + 1) * side
    if count >= side:  # a cell lies in one pixel, or in two
        inside: Mask = mask.take(edges[:-1] // count, axis) | mask.take(-(-edges[1:] // count) - 1, axis)
        return inside
    cells = np.stack([edges[:-1] // count, -(-edges[1:] // count)], axis=1).ravel()
    # `reduceat` reduces from each index to the next: the ends of cells are dropped, and the last is open.
    found: Mask = np.logical_or.reduceat(mask, cells[:-1], axis=axis)
    return np.take(found, np.arange(0, 2 * count, 2), axis=axis)


def bands(rows: int, row_cost: float, most: int = _BAND) -> Iterator[tuple[int, int]]:
    """Yield the first and last (exclusive) rows of bands that cost at most so many pixels, or are one row."""
    step = max(1, int(most / row_cost))
    for first in range(0, rows, step):
        yield first, min(rows, first + step)


def tight_window(mask: Mask) -> Window | None:
    """Return the smallest window around a mask `[H, W]`; None when it is empty."""
    box = tight_box(mask)
    return None if box is None else Window(box.y, box.x, box.height, box.width)


def _area(side: int, multiple: int) -> int:
    return -(-side // multiple) * multiple


def _needed(height: int, width: int, region: Window | None, context: float) -> Window:
    """Return the region's box with its context; all of the picture without a region."""
    if region is None:
        return Window(0, 0, height, width)
    sides = region.height, region.width
    reach = 2 * math.ceil(context * max(sides))
    grown = [side + reach for side in sides]
    least = math.ceil(_NARROWEST * max(min(grown[0], height), min(grown[1], width)))
    return _grown(region, (max(grown[0], least), max(grown[1], least)), (height, width))


def _grown(inner: Window, size: tuple[int, int], limits: tuple[int, int]) -> Window:
    """Return a window of a size around another, moved and cut to lie within the picture."""
    places = []
    for start, side, wanted, limit in zip(inner[:2], inner[2:], size, limits, strict=True):
        length = min(max(wanted, side), limit)
        places.append((min(max(0, start - (length - side) // 2), limit - length), length))
    return Window(places[0][0], places[1][0], places[0][1], places[1][1])


def _best_size(
    needed: Window, limits: tuple[int, int], working: int, multiple: int, least: float
) -> tuple[int, int]:
    """Return the (height, width) within the working area that shows a window largest and least distorted."""
    wanted = needed.height / needed.width

    def cost(pair: tuple[int, int]) -> float:
        fit = max(least, needed.height / pair[0], needed.width / pair[1])
        rows, columns = (min(fit * side, limit) for side, limit in zip(pair, limits, strict=True))
        area = pair[0] * pair[1]
        scale = max(least, math.sqrt(rows * columns / area))
        shape = _SHAPE_COST * abs(math.log(pair[0] / pair[1] / wanted))
        distorted = _DISTORTION_COST * _distortion((rows, columns), pair)
        return math.log(scale) - _CONTEXT_GAIN * math.log(area) + distorted + shape

    return min(_sizes(wanted, working, multiple), key=cost)


def _sizes(aspect: float, working: int, multiple: int) -> list[tuple[int, int]]:
    """Return the sizes within the working area that are large, or near to an aspect."""
    most = max(1, working**2 // multiple**2)
    counts = {(rows, most // rows) for rows in range(1, most + 1)}
    counts |= {(rows, max(1, round(rows / aspect))) for rows in range(1, most + 1)}
    return [
        (rows * multiple, columns * multiple)
        for rows, columns in sorted(counts)
        if rows * columns <= most and max(rows, columns) <= _LONGEST * min(rows, columns)
    ]


def _distortion(box: tuple[float, float], size: tuple[int, int]) -> float:
    return abs(math.log(box[0] / size[0]) - math.log(box[1] / size[1]))


def _size(box: Window, best: tuple[int, int], working: int, multiple: int, least: float) -> tuple[int, int]:
    """Return the size at which a box is shown: the best, unless it enlarges too far or distorts."""
    height, width = box.height, box.width
    fills = height >= round(least * best[0]) and width >= round(least * best[1])
    if fills and _distortion((height, width), best) <= _MAX_DISTORTION:
        return best
    sizes = _sizes(height / width, working, multiple)
    scale = min(max(least, height / rows, width / columns) for rows, columns in sizes)
    size = round(height / scale), round(width / scale)
    if min(size) < _MIN_SIDE:
        raise UnworkableShape(
            f"spans {width}x{height} px, too narrow to be shown to the network",
            hint="crop the picture, or name a smaller region",
            field="region",
        )
    return size
