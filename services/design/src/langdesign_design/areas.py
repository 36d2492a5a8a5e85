"""Sets of pixels of a picture, kept as a window and a mask in it: small where they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from langdesign_edits import Mask
from langdesign_edits.focus import Window, tight_window

Size = tuple[int, int]
"""Height and width, pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """Some pixels of a picture, none or all of them.

    Attributes:
        size: Height and width of the picture, pixels.
        window: Holds them all; of height and width 0 where there are none.
        mask: ``[window.height, window.width]`` bool, read-only.

    """

    size: Size
    window: Window
    mask: Mask

    @classmethod
    def none(cls, size: Size) -> Area:
        """Return the area of no pixels."""
        return cls(size, Window(0, 0, 0, 0), np.zeros((0, 0), np.bool_))

    @classmethod
    def whole(cls, size: Size) -> Area:
        """Return the area of all pixels, which takes no memory."""
        return cls.box(size, Window(0, 0, *size))

    @classmethod
    def box(cls, size: Size, window: Window) -> Area:
        """Return the area of all pixels of a window, which takes no memory."""
        return cls(size, window, np.broadcast_to(np.True_, (window.height, window.width)))

    @classmethod
    def of(cls, mask: Mask) -> Area:
        """Return the area of a mask ``[H, W]``."""
        size = int(mask.shape[0]), int(mask.shape[1])
        window = tight_window(mask)
        if window is None:
            return cls.none(size)
        part = mask[window.slices]
        return cls.box(size, window) if part.all() else cls(size, window, np.array(part, np.bool_, order="C"))

    @property
    def filled(self) -> bool:
        """Whether it is all of its window, as `box` made it."""
        return self.mask.strides == (0, 0)

    @property
    def everything(self) -> bool:
        """Whether it is known to be the whole picture."""
        return self.filled and self.mask.shape == self.size

    @property
    def pixels(self) -> int:
        """How many pixels it has."""
        return self.mask.size if self.filled else int(np.count_nonzero(self.mask))

    @property
    def nbytes(self) -> int:
        """Bytes of memory that it takes."""
        return 0 if self.filled else self.mask.nbytes

    def on_picture(self) -> Mask:
        """Return it as a mask of the whole picture, ``[H, W]``."""
        full = np.zeros(self.size, np.bool_)
        full[self.window.slices] = self.mask
        return full

    def union(self, other: Area) -> Area:
        """Return the area of the pixels of either. Both are of pictures of one size."""
        if self.everything or not other.mask.size:
            return self
        if other.everything or not self.mask.size:
            return other
        top, left = min(self.window.top, other.window.top), min(self.window.left, other.window.left)
        bottom = max(one.window.top + one.window.height for one in (self, other))
        right = max(one.window.left + one.window.width for one in (self, other))
        window = Window(top, left, bottom - top, right - left)
        mask = np.zeros((window.height, window.width), np.bool_)
        for one in (self, other):
            mask[one.window.within(window)] |= one.mask
        return Area.box(self.size, window) if mask.all() else Area(self.size, window, mask)

    def overlap(self, other: Area) -> int:
        """Return how many pixels are in both. Both are of pictures of one size."""
        top, left = max(self.window.top, other.window.top), max(self.window.left, other.window.left)
        bottom = min(one.window.top + one.window.height for one in (self, other))
        right = min(one.window.left + one.window.width for one in (self, other))
        if bottom <= top or right <= left:
            return 0
        shared = Window(top, left, bottom - top, right - left)
        both = self.mask[shared.within(self.window)] & other.mask[shared.within(other.window)]
        return int(np.count_nonzero(both))
