"""Decoded pictures."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""``[H, W, 3]`` RGB or ``[H, W, 4]`` RGBA, uint8 0..255, alpha not premultiplied."""


class ImageFormat(StrEnum):
    """The picture formats that are read and written."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture, as displayed: EXIF orientation is applied, its colour profile stands beside it.

    Attributes:
        pixels: ``[H, W, 3]`` RGB or ``[H, W, 4]`` RGBA, uint8 0..255, alpha not premultiplied, read-only.
        format: The encoding that it came in.
        profile: The ICC profile that its colours are in, such as Display P3; empty for sRGB.

    """

    pixels: Pixels
    format: ImageFormat
    profile: bytes = b""

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.pixels.shape[1])

    @cached_property
    def hidden(self) -> NDArray[np.bool_] | None:
        """``[H, W]``: where nothing is seen, since alpha is 0; None where all is seen. Looked for once."""
        if self.pixels.shape[2] == 3:
            return None
        hidden: NDArray[np.bool_] = self.pixels[:, :, 3] == 0
        return hidden if hidden.any() else None

    @property
    def rgb(self) -> Pixels:
        """``[H, W, 3]``: the colours without alpha."""
        return np.ascontiguousarray(self.pixels[:, :, :3])
