"""What is promised outside the regions."""

from __future__ import annotations

import numpy as np
import torch
from langdesign_edits import Pixels, Weights, blended
from torch.nn import functional


def latent_weights(weights: Weights, latent_shape: tuple[int, int]) -> torch.Tensor:
    """Return the padded image's weights at the latent's size, `[1, 1, h, w]`: the most of each cell."""
    return functional.adaptive_max_pool2d(torch.from_numpy(weights)[None, None], latent_shape)


def blend_latents(
    sample: torch.Tensor, original: torch.Tensor, noise: torch.Tensor, sigma: float, weights: torch.Tensor
) -> torch.Tensor:
    """Put the original, noised to `sigma`, back where the weights `[1, 1, h, w]` are 0.

    Blended diffusion (Avrahami et al., arXiv:2206.02779), in x = x0 + sigma * noise.
    """
    return torch.lerp(original + sigma * noise, sample, weights)


def composite(original: Pixels, edited: Pixels, weights: Weights) -> Pixels:
    """Blend the colours by weights `[H, W]`; where they are 0 the original stays bit for bit."""
    result, touched = original.copy(), weights > 0
    before, after = original[touched].astype(np.float32), edited[touched].astype(np.float32)
    result[touched] = blended(before, after, weights[touched, None])
    return result
