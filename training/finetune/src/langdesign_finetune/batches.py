"""What batches are made of: draws that depend on a seed and a step alone, and pictures as tensors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .pictures import Pixels


def draws(seed: int, step: int) -> np.random.Generator:
    """Return the source of a step's choices; steps and seeds give independent ones."""
    return np.random.default_rng((seed, step))


def noise(draw: np.random.Generator, shape: Sequence[int]) -> Tensor:
    """Draw standard normal noise, float32."""
    return torch.from_numpy(draw.standard_normal(shape, dtype=np.float32))


def images(pixels: Pixels, device: torch.device | str = "cpu") -> Tensor:
    """Turn RGB uint8 [N, H, W, 3] into float32 [N, 3, H, W] in -1..1, channels last in memory."""
    copied = torch.from_numpy(np.array(pixels, order="C"))  # torch warns of memory it may not write
    return copied.to(device).permute(0, 3, 1, 2).float() / 127.5 - 1


def pixels(images: Tensor) -> Pixels:
    """Turn float [N, 3, H, W] in -1..1 into RGB uint8 [N, H, W, 3], clipped and rounded."""
    levels = ((images.detach().float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return np.ascontiguousarray(levels.permute(0, 2, 3, 1).cpu().numpy())


def mirror(rows: Pixels, chosen: NDArray[np.bool_]) -> Pixels:
    """Mirror the chosen of [N, H, W, 3] pictures, left to right."""
    return np.where(chosen[:, None, None, None], rows[:, :, ::-1], rows)


def spread(items: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return up to `count` items at even distances, always the same ones."""
    places = np.linspace(0, len(items) - 1, min(count, len(items))).round().astype(np.int64)
    return items[places] if len(items) else items
