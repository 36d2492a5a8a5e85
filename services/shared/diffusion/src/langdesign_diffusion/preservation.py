"""What is promised outside the regions, and what an edit did change."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from einops import rearrange
from numpy.typing import NDArray
from torch.nn import functional

from langdesign_diffusion.imaging import Pixels


@dataclass(frozen=True, slots=True)
class RegionChange:
    """How one part of the image changed."""

    pixels: int  # how many pixels the part has
    psnr_db: float | None  # peak signal-to-noise ratio; None where nothing changed
    changed_share: float  # share of pixels with any changed channel, 0..1
    mean_colour_difference: float  # mean CIE76 difference in CIELAB; 2.3 is just noticeable


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """How the image changed inside the regions (their feather included) and outside."""

    inside: RegionChange | None  # None: there is no pixel inside
    outside: RegionChange | None  # None: there is no pixel outside


def feathered(mask: NDArray[np.bool_], feather: int) -> NDArray[np.float32]:
    """Return weights `[H, W]`: 1 on the mask, falling to 0 over `feather` px around it.

    Exactly 0 at more than `feather` px (chessboard distance) from the mask.
    """
    weight = torch.from_numpy(mask.astype(np.float32))[None, None]
    grown, blurred = feather - feather // 2, feather // 2
    weight = functional.max_pool2d(weight, 2 * grown + 1, stride=1, padding=grown)
    for size in ((2 * blurred + 1, 1), (1, 2 * blurred + 1)):
        padding = (size[0] // 2, size[1] // 2)
        weight = functional.avg_pool2d(weight, size, stride=1, padding=padding, count_include_pad=False)
    feathered_mask: NDArray[np.float32] = weight[0, 0].clamp(0.0, 1.0).numpy()
    return feathered_mask


def latent_weights(weights: NDArray[np.float32], latent_shape: tuple[int, int]) -> torch.Tensor:
    """Return the padded image's weights at the latent's size, `[1, 1, h, w]`: the most of each cell."""
    return functional.adaptive_max_pool2d(torch.from_numpy(weights)[None, None], latent_shape)


def blend_latents(
    sample: torch.Tensor, original: torch.Tensor, noise: torch.Tensor, sigma: float, weights: torch.Tensor
) -> torch.Tensor:
    """Put the original, noised to `sigma`, back where the weights `[1, 1, h, w]` are 0.

    Blended diffusion (Avrahami et al., arXiv:2206.02779), in x = x0 + sigma * noise.
    """
    return torch.lerp(original + sigma * noise, sample, weights)


def composite(original: Pixels, edited: Pixels, weights: NDArray[np.float32]) -> Pixels:
    """Blend the colours by weights `[H, W]`; where they are 0 the original stays bit for bit."""
    mixed = original + weights[..., None] * (edited.astype(np.float32) - original)
    rounded = np.rint(mixed).clip(0, 255).astype(np.uint8)
    return np.where(weights[..., None] > 0, rounded, original)


def measure_change(original: Pixels, edited: Pixels, inside: NDArray[np.bool_]) -> ChangeReport:
    """Compare the colours of two images `[H, W, 3 or 4]` inside and outside of a mask `[H, W]`."""
    before, after = original[..., :3], edited[..., :3]
    return ChangeReport(
        inside=_measure(before[inside], after[inside]),
        outside=_measure(before[~inside], after[~inside]),
    )


def _measure(original: Pixels, edited: Pixels) -> RegionChange | None:
    count = len(original)
    if count == 0:
        return None
    changed = (original != edited).any(axis=1)
    if not changed.any():
        return RegionChange(pixels=count, psnr_db=None, changed_share=0.0, mean_colour_difference=0.0)
    before, after = original[changed], edited[changed]
    squares = float(((before.astype(np.float64) - after) ** 2).sum()) / (count * original.shape[1])
    distance = np.linalg.norm(_lab(before) - _lab(after), axis=1)
    return RegionChange(
        pixels=count,
        psnr_db=10.0 * math.log10(255.0**2 / squares),
        changed_share=float(changed.mean()),
        mean_colour_difference=float(distance.sum()) / count,
    )


_RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    dtype=np.float32,
)  # IEC 61966-2-1, D65


def _lab(colours: Pixels) -> NDArray[np.float32]:
    """Return sRGB colours `[N, 3]` in CIELAB (D65)."""
    levels = np.arange(256, dtype=np.float32) / 255.0
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4).astype(np.float32)
    xyz = linear[colours] @ (_RGB_TO_XYZ / _RGB_TO_XYZ.sum(axis=1, keepdims=True)).T
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = rearrange(f, "n c -> c n")
    lab: NDArray[np.float32] = np.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], axis=1)
    return lab
