"""Metrics of one edit: pure functions on features, pixels and masks.

Features are float vectors [D] of any length; pictures RGB uint8 [H, W, 3]; masks bool [H, W]. What no pixel
or text bears on is None, never a number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.floating]
Vectors = NDArray[np.floating]
Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

VISIBLE = 25
"""8-bit levels: a channel that moves by more (a tenth of the range) is seen without looking for it."""

VISIBLE_SHARE = 0.01
"""Of a picture's pixels: a no-op that visibly changes more of them is seen to have edited."""

SAME_TEXT = 1e-6
"""Length of a text direction below which the captions say the same."""


def cosine(a: Vector, b: Vector) -> float:
    """Return the cosine of two vectors, -1..1; 0 where one has no length, as it has no direction."""
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.clip(np.dot(a, b) / lengths, -1.0, 1.0)) if lengths else 0.0


def clip_im(image_in: Vector, image_out: Vector) -> float:
    """Return CLIP_im = cos(image_in, image_out): how much is kept (Brooks et al., arXiv:2211.09800, fig. 8).

    Copying the input scores 1.
    """
    return cosine(image_in, image_out)


def clip_out(image_out: Vector, text_out: Vector) -> float:
    """Return CLIP_out = cos(image_out, text_out), the caption after (Zhang et al., MagicBrush, CLIP-T)."""
    return cosine(image_out, text_out)


def clip_dir(image_in: Vector, image_out: Vector, text_in: Vector, text_out: Vector) -> float | None:
    """Return the directional similarity cos(image_out - image_in, text_out - text_in).

    On features of length 1 (Gal et al., StyleGAN-NADA, arXiv:2108.00946; InstructPix2Pix, section 4.1). An
    unchanged picture scores 0; None where the captions are the same, which leaves no direction to go.
    """
    images = _unit(image_out) - _unit(image_in)
    texts = _unit(text_out) - _unit(text_in)
    return None if float(np.linalg.norm(texts)) < SAME_TEXT else cosine(images, texts)


def dino(image_in: Vector, image_out: Vector) -> float:
    """Return the cosine of DINOv2 class features of input and output (Oquab et al., arXiv:2304.07193)."""
    return cosine(image_in, image_out)


def _unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def l1(a: Pixels, b: Pixels, where: Mask) -> float | None:
    """Return the mean absolute difference over the channels of a mask's pixels, 0..1; None if it is empty."""
    difference = _difference(a, b, where)
    return float(np.abs(difference).mean()) if difference.size else None


def mse(a: Pixels, b: Pixels, where: Mask) -> float | None:
    """Return the mean squared difference over the channels of a mask's pixels, 0..1; None if it is empty."""
    difference = _difference(a, b, where)
    return float(np.square(difference).mean()) if difference.size else None


def gain(error: float, baseline: float) -> float | None:
    """Return 1 - error/baseline: 1 is the truth, 0 as far off as the baseline, below 0 further off."""
    return 1.0 - error / baseline if baseline > 0 else None


def _difference(a: Pixels, b: Pixels, where: Mask) -> NDArray[np.float64]:
    return (a[where].astype(np.float64) - b[where]) / 255.0


def changed_share(a: Pixels, b: Pixels, where: Mask, above: int = 0) -> float | None:
    """Return the share of a mask's pixels with a channel that differs by more than `above` levels, 0..1."""
    moved = np.abs(a[where].astype(np.int16) - b[where]) > above
    return float(moved.any(axis=1).mean()) if len(moved) else None


def seam(a: Pixels, b: Pixels, band: Mask) -> float | None:
    """Return how much sharper the steps between neighbours are in a band of `b` than in that of `a`, -1..1.

    The mean absolute difference of pixels beside or above one another that both lie in the band; 0 where they
    differ as in `a`, None for a band without such pairs.
    """
    steps = [(_steps(b, band, axis), _steps(a, band, axis)) for axis in (0, 1)]
    after, before = (np.concatenate(column) for column in zip(*steps, strict=True))
    return float(after.mean() - before.mean()) if after.size else None


def _steps(picture: Pixels, band: Mask, axis: int) -> NDArray[np.float64]:
    ahead, behind = _shifted(axis, 1)
    difference = np.abs(picture[ahead].astype(np.float64) - picture[behind]) / 255.0
    steps: NDArray[np.float64] = difference[band[ahead] & band[behind]].ravel()
    return steps


def grown(mask: Mask, margin: int) -> Mask:
    """Return a mask with all pixels at most `margin` px (chessboard distance) from it."""
    result = mask.copy()
    for axis in (0, 1):
        spread = result.copy()
        for shift in range(1, min(margin, mask.shape[axis] - 1) + 1):
            ahead, behind = _shifted(axis, shift)
            spread[ahead] |= result[behind]
            spread[behind] |= result[ahead]
        result = spread
    return result


def _shifted(axis: int, shift: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    whole = slice(None)
    ahead, behind = slice(shift, None), slice(None, -shift)
    return ((ahead, whole), (behind, whole)) if axis == 0 else ((whole, ahead), (whole, behind))


def structure(before: Vectors, after: Vectors) -> float:
    """Return the structure distance: mean squared difference of two pictures' patch self-similarities, 0..4.

    On features [P, D] of length 1 (Tumanyan et al., Splice, arXiv:2201.00424; PIE-Bench, arXiv:2310.01506,
    there of the keys of DINO's last layer). 0 for a copy, and for one whose patches all change alike.
    """
    return float(np.square(before @ before.T - after @ after.T).mean())


def patch_likeness(before: Vectors, after: Vectors, shares: Vector) -> float | None:
    """Return the mean cosine of patch features [P, D] of length 1, weighted by shares [P]; None of none."""
    weight = float(shares.sum())
    return float((before * after).sum(axis=1) @ shares) / weight if weight > 0 else None


def iou(found: Mask, truth: Mask) -> float:
    """Return intersection over union, 0..1; 1 where both masks are empty."""
    union = int((found | truth).sum())
    return int((found & truth).sum()) / union if union else 1.0


def same_expression(read: str, gold: str) -> bool:
    """Tell whether two referring expressions say the same: case, outer articles and spaces do not count."""
    return _bare(read) == _bare(gold)


def _bare(expression: str) -> str:
    words = re.sub(r"\s+", " ", expression.strip().strip(".").lower())
    return re.sub(r"^(the|a|an) ", "", words)


def share(flags: Sequence[bool]) -> float | None:
    """Return the share of flags that are set: an accuracy, or the no-op false-edit rate; None of none."""
    return sum(flags) / len(flags) if flags else None
