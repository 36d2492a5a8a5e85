"""What a picture and its index map go through before they are trained on; nothing changes what is meant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from langdesign_rela.resizing import nearest
from numpy.typing import NDArray
from PIL import Image

from .pictures import Pixels

Window = tuple[slice, slice]


@dataclass(frozen=True)
class Augmentation:
    """How often, and how much."""

    mirror: float = 0.5  # share of pictures that are mirrored, with left and right exchanged in the words
    crop: float = 0.5  # share of pictures that are cropped, if that cuts off nothing that is meant
    smallest: float = 0.75  # crop, as a share of the side
    kept: float = 0.9  # share of its pixels that all that is meant must keep in a crop
    brightness: float = 0.08  # at most, as a share: a colour keeps its name
    tint: float = 0.02  # at most, per channel


def draw_window(rng: np.random.Generator, side: int, smallest: float) -> Window:
    """Draw a square of a picture of `side` pixels, of at least a share `smallest` of its side."""
    size = round(side * rng.uniform(smallest, 1.0))
    top, left = rng.integers(side - size + 1, size=2)
    return slice(top, top + size), slice(left, left + size)


def cropped(image: Pixels, index_map: Pixels, window: Window) -> tuple[Pixels, Pixels]:
    """Resize a window of a picture [S, S, 3] and of its index map [S, S] to the whole."""
    side, part = image.shape[0], index_map[window]
    resized = Image.fromarray(image[window]).resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(resized), nearest(part, (side, side))


def tinted(rng: np.random.Generator, image: Pixels, augmentation: Augmentation) -> NDArray[np.float32]:
    """Change brightness and tint a little; RGB in 0..255."""
    gain = 1 + rng.uniform(-augmentation.brightness, augmentation.brightness)
    tint = 1 + rng.uniform(-augmentation.tint, augmentation.tint, 3)
    return np.clip(image * (gain * tint), 0, 255).astype(np.float32)
