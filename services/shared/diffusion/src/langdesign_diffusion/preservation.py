"""What is promised outside the regions, and what an edit did change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
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
    grown, blurred = feather - feather // 2, feather // 2
    weights = mask.astype(np.int32)
    for axis in (0, 1):
        weights = (_box_sums(weights, grown, axis) > 0).astype(np.int32)
    for axis in (0, 1):
        weights = _box_sums(weights, blurred, axis)
    cover = [_box_sums(np.ones(side, np.int32), blurred, 0) for side in mask.shape]
    windows = cover[0][:, None] * cover[1]
    shares: NDArray[np.float32] = np.divide(weights, windows, dtype=np.float32)
    return shares


def _box_sums(array: NDArray[np.int32], radius: int, axis: int) -> NDArray[np.int32]:
    """Return the sums over windows of `2 radius + 1` along an axis, cut at the edges, in one pass."""
    if radius == 0:
        return array
    side = array.shape[axis]
    sums = np.insert(np.cumsum(array, axis=axis, dtype=np.int32), 0, 0, axis=axis)
    places = np.arange(side)
    above = np.take(sums, np.minimum(places + radius + 1, side), axis=axis)
    return above - np.take(sums, np.maximum(places - radius, 0), axis=axis)


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
    result, touched = original.copy(), weights > 0
    before, after = original[touched].astype(np.float32), edited[touched].astype(np.float32)
    mixed = before + weights[touched, None] * (after - before)
    result[touched] = np.rint(mixed).clip(0, 255).astype(np.uint8)
    return result


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
    difference = before.astype(np.float32) - after
    squares = float(np.einsum("n c, n c -> ", difference, difference, dtype=np.float64))
    return RegionChange(
        pixels=count,
        psnr_db=10.0 * math.log10(255.0**2 * count * original.shape[1] / squares),
        changed_share=float(changed.mean()),
        mean_colour_difference=float(_colour_differences(before, after).sum()) / count,
    )


_RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)  # IEC 61966-2-1, D65
_XYZ_TO_LAB = np.array([[0, 116, 0], [500, -500, 0], [0, 200, -200]], np.float32)  # of f(x), f(y), f(z)


@cache
def _lab_tables() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return sRGB levels as linear light, the matrix to XYZ in 0..65535, and CIELAB's f of that.

    Tables, as powers of each pixel would cost more than a step on a GPU; a difference errs by less than 0.05.
    """
    levels = np.arange(256) / 255.0
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    matrix = 65535.0 * (_RGB_TO_XYZ / _RGB_TO_XYZ.sum(axis=1, keepdims=True)).T
    xyz = np.arange(65537) / 65535.0
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return linear.astype(np.float32), matrix.astype(np.float32), f.astype(np.float32)


def _colour_differences(before: Pixels, after: Pixels) -> NDArray[np.float32]:
    """Return the CIE76 differences of sRGB colours `[N, 3]`: Euclidean distances in CIELAB (D65)."""
    linear, matrix, f = _lab_tables()
    before_f, after_f = (f[(linear[image] @ matrix + 0.5).astype(np.int32)] for image in (before, after))
    lab = (before_f - after_f) @ _XYZ_TO_LAB.T
    differences: NDArray[np.float32] = np.sqrt(np.einsum("n c, n c -> n", lab, lab))
    return differences
