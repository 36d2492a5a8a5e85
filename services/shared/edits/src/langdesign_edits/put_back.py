"""From the network's size back to the picture's: an edited crop in its picture, with the picture's detail."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import numpy as np
from PIL import Image

from langdesign_edits.enlarging import Enlargement, seen_pixels
from langdesign_edits.feathering import blended, feathered
from langdesign_edits.focus import Focus, Window, bands, crop, tight_window
from langdesign_edits.guided import Floats, planes
from langdesign_edits.pictures import Pixels
from langdesign_edits.preserve import Preserve
from langdesign_edits.regions import Mask

DETAIL = 10.0
"""Change, in 8-bit levels, up to which the original's detail is kept whole."""

_TILE = 64, 256  # px that are worked on at once, at most: what the processor's cache holds
_MOST_PRODUCTS = 1 << 18
"""Multiplications from which OpenBLAS hands a product of matrices to several threads: on shared cores these
wait for each other a hundred times as long as they work."""


def put_back(
    picture: Pixels,
    edited: Pixels,
    focus: Focus,
    mask: Mask | None,
    *,
    preserve: Preserve,
    feather: int,
    tolerance: float = DETAIL,
    seen: Pixels | None = None,
) -> Pixels:
    """Return the picture with the edit of its crop in it, at full size.

    With strict, the edit fades out around the region over `feather` px of the network, so over that many
    times the scale in the picture, or as many as the crop reaches beyond the region; all farther away stays
    bit for bit. With the others, what the network made of the region's surroundings is kept and fades out
    towards the edges of the crop. Outside of the crop, and in alpha, no pixel changes. Memory grows with the
    picture by the result alone.

    Args:
        picture: the original, uint8 `[H, W, 3 or 4]`.
        edited: what the network returned, uint8 `[h, w, 3 or 4]` of the focus' size.
        focus: as chosen for the picture and the mask.
        mask: the region `[H, W]`; without one the whole box is.
        preserve: what is promised outside the region.
        feather: px of the network over which the edit fades out, 0 or more.
        tolerance: the change, in 8-bit levels, above 0, up to which the original's detail is kept.
        seen: what `crop` returned, where it is at hand, so that nothing is scaled twice.

    Raises:
        ValueError: if the edit has another size than the focus says.

    """
    if edited.shape[:2] != focus.size:
        raise ValueError(f"the edit is {edited.shape[:2]}; give one of the focus' size, {focus.size}")
    result = picture.copy()
    inside = None if mask is None else _tight(mask, focus.box)
    if inside is None or preserve is not Preserve.STRICT or mask is None:
        touched, weigh = focus.box, partial(_faded, focus.box, inside or focus.box, picture.shape)
    else:
        width = feather_width(focus, mask, feather)
        touched, weigh = _grown(inside, width, focus.box), partial(_feathered, mask, width)
    before = crop(picture, focus) if seen is None else seen
    enlarged = Enlargement.of(before, edited[..., :3], focus, tolerance)
    width_of_tiles = _tile_width(focus.scale)
    for first, last in bands(touched.height, touched.width):
        band = Window(touched.top + first, touched.left, last - first, touched.width)
        weights = weigh(band)
        for tile in _tiles(band, width_of_tiles):
            _blend(result[tile.slices], enlarged, tile, weights[tile.within(band)])
    return result


def feather_width(focus: Focus, mask: Mask | None, feather: int) -> int:
    """Return over how many px of the picture an edit fades out for `feather` px of the network.

    As many times more as the picture is larger, unless the crop ends before that.
    """
    inside = None if mask is None else _tight(mask, focus.box)
    wide = round(feather * focus.scale)
    return wide if inside is None or mask is None else min(wide, _room(focus.box, inside, mask.shape))


def in_sketch(preview: Pixels, picture: Pixels, focus: Focus) -> Pixels:
    """Return a preview of the crop, uint8 `[h, w, 3]`, laid into a sketch of the picture at its scale.

    Sketched from every few pixels of the picture, as previews come often.
    """
    rows, columns = preview.shape[0] / focus.box.height, preview.shape[1] / focus.box.width
    size = max(1, round(picture.shape[1] * columns)), max(1, round(picture.shape[0] * rows))
    step = max(1, int(1 / max(rows, columns)) // 2)
    some = np.ascontiguousarray(picture[::step, ::step, :3])
    sketch = Image.fromarray(some).resize(size, Image.Resampling.BOX)
    sketch.paste(Image.fromarray(preview), (round(focus.box.left * columns), round(focus.box.top * rows)))
    return np.array(sketch)


def _blend(target: Pixels, enlarged: Enlargement, tile: Window, weights: Floats) -> None:
    """Lay a tile of the edit over the picture's, in place; where the weights are 0 it stays bit for bit."""
    if not weights.any():
        return
    before = planes(target[..., :3])
    target[..., :3] = blended(before, enlarged.tile(tile, before), weights).transpose(1, 2, 0)


def _tiles(window: Window, width: int) -> Iterator[Window]:
    """Yield the tiles of a window, small enough that their arithmetic stays in the processor's cache."""
    for top, bottom in _parts(window.top, window.height, _TILE[0]):
        for left, right in _parts(window.left, window.width, width):
            yield Window(top, left, bottom - top, right - left)


def _tile_width(scale: float) -> int:
    """Return how wide tiles are, px, such that none of their products is one for several threads."""
    rows = seen_pixels(_TILE[0], scale)
    width = _TILE[1]
    while width > 8 and max(_TILE[0], seen_pixels(width, scale)) * rows * width >= _MOST_PRODUCTS:
        width -= 8
    return width


def _parts(start: int, length: int, most: int) -> Iterator[tuple[int, int]]:
    count = -(-length // most)
    edges = [start + length * part // count for part in range(count + 1)]
    yield from pairwise(edges)


def _feathered(mask: Mask, width: int, tile: Window) -> Floats:
    """Return the tile of `feathered(mask, width)`, from the surroundings that it hangs on."""
    around = _grown(tile, width, Window(0, 0, *mask.shape))
    part = mask[around.slices]
    if not part.any() or part.all():
        return np.full((tile.height, tile.width), part.any(), np.float32)
    top, left = tile.top - around.top, tile.left - around.left
    return feathered(part, width)[top : top + tile.height, left : left + tile.width]


def _faded(box: Window, inside: Window, limits: tuple[int, ...], tile: Window) -> Floats:
    """Return weights that fall from 1 on a window to nearly 0 at the box's edges, unless the picture's."""
    ramps = []
    for axis in (0, 1):
        places = np.arange(tile[axis], tile[axis] + tile[axis + 2], dtype=np.float32)
        near = inside[axis] - box[axis] if box[axis] > 0 else 0
        end, box_end = inside[axis] + inside[axis + 2], box[axis] + box[axis + 2]
        far = box_end - end if box_end < limits[axis] else 0
        rising = (places - box[axis] + 1) / (near + 1) if near else np.ones_like(places)
        falling = (box_end - places) / (far + 1) if far else np.ones_like(places)
        ramps.append(np.clip(np.minimum(rising, falling), 0, 1))
    weights: Floats = ramps[0][:, None] * ramps[1]
    return weights


def _tight(mask: Mask, box: Window) -> Window | None:
    """Return the window of a mask within a box; None if it is empty."""
    within = tight_window(mask[box.slices])
    return within and within._replace(top=box.top + within.top, left=box.left + within.left)


def _room(box: Window, inside: Window, limits: tuple[int, ...]) -> int:
    """Return how many px lie between a window and those edges of a box that are not the picture's."""
    rooms = [max(limits)]
    for axis in (0, 1):
        end, box_end = inside[axis] + inside[axis + 2], box[axis] + box[axis + 2]
        rooms += [inside[axis] - box[axis]] if box[axis] > 0 else []
        rooms += [box_end - end] if box_end < limits[axis] else []
    return min(rooms)


def _grown(window: Window, reach: int, limits: Window) -> Window:
    """Return a window that reaches farther on each side, cut to lie within another."""
    top, left = max(window.top - reach, limits.top), max(window.left - reach, limits.left)
    bottom = min(window.top + window.height + reach, limits.top + limits.height)
    right = min(window.left + window.width + reach, limits.left + limits.width)
    return Window(top, left, bottom - top, right - left)
