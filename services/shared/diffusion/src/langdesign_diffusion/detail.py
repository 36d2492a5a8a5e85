"""Detail that the autoencoder loses, given back where an edit left the picture as it was.

A latent holds less than a picture: even an edit of nothing comes back softer, its grain, weave and small
print redrawn. What is lost on the way is known, since the input's own way there and back is.
"""

from __future__ import annotations

import numpy as np
import torch
from langdesign_edits import Pixels
from numpy.typing import NDArray
from torch.nn import functional

_WINDOW = 5  # px over which a change is felt, so that single pixels which happen to agree make no speckles


def with_detail(edited: Pixels, decoded: Pixels, original: Pixels, tolerance: float) -> Pixels:
    """Add what the autoencoder lost of the original to an edit, the less the more the edit changed.

    With d the root mean square of `edited - decoded` in a small window, the share exp(-(d / tolerance)^2) of
    `original - decoded` is added. So where the edit changed nothing the original comes back bit for bit, and
    where it changed much it stays as decoded.

    Args:
        edited: the decoded edit, `[H, W, 3]`.
        decoded: the original through the autoencoder, of the same shape.
        original: the input's colours, of the same shape.
        tolerance: in 8-bit levels, above 0.

    """
    share = np.exp(-_change(edited, decoded) / tolerance**2)
    lost = original.astype(np.float32) - decoded
    restored: Pixels = np.rint(edited + share[..., None] * lost).clip(0, 255).astype(np.uint8)
    return restored


def _change(edited: Pixels, decoded: Pixels) -> NDArray[np.float32]:
    """Return the mean square difference of two pictures around each pixel, `[H, W]`, of 8-bit levels."""
    difference = edited.astype(np.float32) - decoded
    squares = torch.from_numpy(np.einsum("h w c, h w c -> h w", difference, difference) / difference.shape[2])
    windowed: NDArray[np.float32] = functional.avg_pool2d(
        squares[None, None], _WINDOW, stride=1, padding=_WINDOW // 2, count_include_pad=False
    )[0, 0].numpy()
    return windowed
