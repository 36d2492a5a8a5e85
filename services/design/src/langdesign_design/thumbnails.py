"""Pictures at smaller sizes."""

from __future__ import annotations

import asyncio
import io

import numpy as np
from langdesign_edits import Pixels
from langdesign_media import ImageGuard
from PIL import Image

THUMBNAIL_SIDE = 256
"""Pixels of a thumbnail's longer side, at most."""
_QUALITY = 85


def reduced_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    """Return width and height at a longer side of at most so many pixels; never larger than they are."""
    return (width, height) if max(width, height) <= max_side else fitted_size(width, height, max_side)


def fitted_size(width: int, height: int, side: int) -> tuple[int, int]:
    """Return width and height at a longer side of so many pixels, none of them 0."""
    longer = max(width, height)
    return max(1, round(width * side / longer)), max(1, round(height * side / longer))


def reduced(pixels: Pixels, max_side: int) -> Pixels:
    """Return a picture, uint8 ``[H, W, 3 or 4]``, with a longer side of at most so many pixels.

    Each pixel is the mean of the area that it covers, transparent ones weighing less.
    """
    height, width = pixels.shape[:2]
    size = reduced_size(width, height, max_side)
    if size == (width, height):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))


async def thumbnail(small: Pixels, profile: bytes, guard: ImageGuard) -> bytes:
    """Return a small picture, ``[h, w, 3 or 4]``, as JPEG in sRGB, laid on white.

    Args:
        small: As `reduced` returned it.
        profile: The ICC profile that its colours are in; empty for sRGB.
        guard: Converts colours.

    Raises:
        DecoderUnavailable: No decoder process could be had.

    """
    colours = await asyncio.to_thread(_on_white, small)
    if profile:
        colours = await guard.to_srgb(colours, profile)
    return await asyncio.to_thread(_as_jpeg, colours)


def _on_white(pixels: Pixels) -> Pixels:
    image = Image.fromarray(pixels)
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    return np.asarray(image)


def _as_jpeg(pixels: Pixels) -> bytes:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "JPEG", quality=_QUALITY, optimize=True)
    return target.getvalue()
