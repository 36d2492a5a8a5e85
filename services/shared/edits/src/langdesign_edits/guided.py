"""What an edit at the network's size did to a picture's colours, so that it can be done to its detail.

Around each pixel the edit is taken for an affine map of the original's colours: the guided filter (He, Sun
and Tang, "Guided Image Filtering", 2013, eq. 19) with the coefficients of the small picture used in the large
one (He and Sun, "Fast Guided Filter", arXiv:1505.00996). Where the original hardly varies, so that a fit is
noise, the coefficients lean to a prior instead of to 0: what was kept keeps its detail, what was recoloured
takes the detail along in its new colour, and what was replaced loses it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langdesign_edits.pictures import Pixels

_RADIUS = 2  # px of the small picture: as near to edges as nine numbers a pixel can be fitted
_NOISE = 9.0  # variance, squared 8-bit levels, below which the fit leans to the prior
_NEIGHBOURHOOD = 8  # parts of the shorter side from which is told whether the structure stayed
_LOST = 0.1  # share of explained structure up to which a thing was replaced; drawn edits have less
_STAYED = 0.5  # share from which a thing stayed; drawn recolourings have over 0.9
_EDGE = 4.0  # gradient, 8-bit levels, from which an edge counts about the same however strong it is
_SILENT = 1.0  # squared gradient, 8-bit levels, of what has no structure that could be lost
_CHANGE_RADIUS = 2  # px over which a change is felt, so that pixels which happen to agree make no speckles
_MOST_GAIN = 2.0  # how much stronger detail gets at most
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601

Floats = NDArray[np.float32]


def transfer(before: Pixels, after: Pixels, tolerance: float) -> Floats:
    """Return, for each pixel of two small pictures, how differences of colour before become those after.

    Args:
        before: the original at the network's size, uint8 `[h, w, 3]`.
        after: the edit of it, of the same shape.
        tolerance: the change, root mean square of 8-bit levels, above 0, up to which the original is kept.

    Returns:
        Matrices `[h, w, 3, 3]`, -2..2, to be applied to a column of colours: exactly the identity where
        nothing changed around a pixel.

    """
    original, edited = before.astype(np.float32), after.astype(np.float32)
    kept = _kept(original, edited, tolerance)
    stayed = _structure(original @ _LUMA, edited @ _LUMA, 1 - kept)[..., None, None]
    kept = kept[..., None, None]
    identity = np.eye(3, dtype=np.float32)
    prior = kept * identity + (1 - kept) * _recolouring(original, edited)
    fitted = _fit(original, edited, prior)
    return np.clip(kept * identity + (1 - kept) * stayed * fitted, -_MOST_GAIN, _MOST_GAIN)


def _kept(original: Floats, edited: Floats, tolerance: float) -> Floats:
    """Return 1 where nothing changed, falling with the mean square change around a pixel, `[h, w]`."""
    change = np.square(edited - original).mean(axis=2)
    share: Floats = np.exp(-np.maximum(window_mean(change, _CHANGE_RADIUS), 0) / tolerance**2)
    share[share > 1 - 1e-6] = 1
    return share


def _recolouring(original: Floats, edited: Floats) -> Floats:
    """Return the matrices `[h, w, 3, 3]` of a thing that keeps its shading and takes another colour.

    Its detail is light and shade, in the proportions of the new colour.
    """
    grey, new = window_mean(original @ _LUMA, _RADIUS), window_mean(edited, _RADIUS)
    ratio = np.clip((new + 1) / (grey[..., None] + 1), 0, _MOST_GAIN)
    matrices: Floats = ratio[..., :, None] * _LUMA
    return matrices


def _structure(before: Floats, after: Floats, changed: Floats) -> Floats:
    """Return how far an edit left the structure around a pixel, 0..1, `[h, w]`.

    From the coefficient of determination of the gradients of grey pictures, over what changed. Where there is
    no structure, none is lost: 1.
    """
    ours, theirs = _gradient(before), _gradient(after)
    pairs = (ours, theirs), (ours, ours), (theirs, theirs)
    products = [(one * other).sum(axis=0) for one, other in pairs]
    radius = max(1, min(before.shape) // _NEIGHBOURHOOD)
    both, first, second = (window_mean(product * changed, radius) for product in products)
    silent = _SILENT * window_mean(changed, radius) + 1e-6
    agreement = np.maximum(both, 0) ** 2 + silent**2
    most = np.maximum(first, 0) * np.maximum(second, 0) + silent**2
    share: Floats = np.clip((agreement / most - _LOST) / (_STAYED - _LOST), 0, 1)
    return share


def _gradient(grey: Floats) -> Floats:
    """Return the central differences of a picture down and to the right, `[2, h, w]`, 0 past its edges."""
    padded = np.pad(grey, 1, mode="edge")
    down, right = padded[2:, 1:-1] - padded[:-2, 1:-1], padded[1:-1, 2:] - padded[1:-1, :-2]
    gradient = np.stack([down, right]) / 2
    # Saturated: a thing's outline, which its replacement may share, is not to drown what is inside of it.
    saturated: Floats = gradient / np.sqrt(1 + np.square(gradient).sum(axis=0) / _EDGE**2)
    return saturated


def _fit(original: Floats, edited: Floats, prior: Floats) -> Floats:
    """Return the matrices that fit the edit best, ridge regression towards a prior, `[h, w, 3, 3]`."""
    identity = np.eye(3, dtype=np.float32)
    own = _covariance(original, original) + _NOISE * identity
    across = _covariance(edited, original) + _NOISE * prior
    # A own = across, own symmetric: solved as own A^T = across^T.
    return np.swapaxes(np.linalg.solve(own, np.swapaxes(across, -1, -2)), -1, -2)


def _covariance(one: Floats, other: Floats) -> Floats:
    """Return the covariances of two pictures' colours around each pixel, `[h, w, 3, 3]`."""
    products = window_mean(one[..., :, None] * other[..., None, :], _RADIUS)
    means = window_mean(one, _RADIUS)[..., :, None] * window_mean(other, _RADIUS)[..., None, :]
    return products - means


def window_mean(array: Floats, radius: int) -> Floats:
    """Return the means of `[h, w, ...]` over windows of `2 radius + 1` px a side, cut at the edges."""
    means = array.astype(np.float64)
    for axis in (0, 1):
        side = means.shape[axis]
        sums = np.insert(np.cumsum(means, axis=axis), 0, 0, axis=axis)
        places = np.arange(side)
        above, below = np.minimum(places + radius + 1, side), np.maximum(places - radius, 0)
        shape = [1] * means.ndim
        shape[axis] = side
        means = (np.take(sums, above, axis=axis) - np.take(sums, below, axis=axis)) / (above - below).reshape(
            shape
        )
    return means.astype(np.float32)
