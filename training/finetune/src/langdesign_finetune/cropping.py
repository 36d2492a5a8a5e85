"""Crops around what an edit changes: as serving chooses them, with contexts, sizes and places that vary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from langdesign_edits.focus import Focus, choose, tight_window
from numpy.typing import NDArray

_LEAST = 1.25  # times that the crop of a region is enlarged at least; below, it shows what the whole does


@dataclass(frozen=True)
class Cropping:
    """How crops are cut."""

    share: float = 0.6  # of a batch; the rest sees whole pictures
    enlargement: float = 3.0  # of a crop at most
    context: tuple[float, float] = (0.25, 0.75)  # around a region, over its larger side
    moved: float = 0.5  # how far crops move from the region's middle, over the way to where it would be cut


def draw_focus(draw: np.random.Generator, region: NDArray[np.bool_], cropping: Cropping) -> Focus | None:
    """Return a crop around a region, as serving may choose it; None where the region is not small.

    Args:
        draw: the randomness.
        region: square, bool [H, H], of what is to change.
        cropping: see there.

    """
    side = region.shape[0]
    context, times, *places = draw.random(4)
    least, most = cropping.context
    focus = choose(
        side,
        side,
        region,
        side,
        side,
        least + context * (most - least),
        enlargement=_LEAST + times * (cropping.enlargement - _LEAST),
    )
    inside = tight_window(region)
    if focus.native or inside is None:
        return None
    box = focus.box
    top, left = (
        _moved(box[axis], box[axis + 2], (inside[axis], inside[axis + 2]), side, cropping.moved, place)
        for axis, place in enumerate(places)
    )
    return Focus(box._replace(top=top, left=left), focus.size, native=False)


def _moved(start: int, length: int, inside: tuple[int, int], limit: int, share: float, place: float) -> int:
    """Return where a stretch begins that still holds another, moved by a random part of the way."""
    first, last = max(0, inside[0] + inside[1] - length), min(limit - length, inside[0])
    low, high = start + share * (first - start), start + share * (last - start)
    return round(low + place * (high - low))
