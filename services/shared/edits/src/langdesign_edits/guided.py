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
        Matrices `[3, 3, h, w]` to be applied to a column of colours, the magnitudes of a row no more than 2
        together: exactly the identity where nothing changed around a pixel.

    """
    original, edited = planes(before), planes(after)
    kept = _kept(original, edited, tolerance)
    stayed = _structure(_grey(original), _grey(edited), 1 - kept)
    gains = _fit(original, edited, _prior(original, edited, kept))
    gains *= (1 - kept) * stayed
    for channel in range(len(gains)):
        gains[channel, channel] += kept
    return _bounded(gains)


def planes(picture: Pixels) -> Floats:
    """Return the colours `[3, h, w]` of a picture `[h, w, 3]`: channel by channel, as arithmetic is fast."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32)


def _grey(colours: Floats) -> Floats:
    grey: Floats = np.einsum("c h w, c -> h w", colours, _LUMA)
    return grey


def _kept(original: Floats, edited: Floats, tolerance: float) -> Floats:
    """Return 1 where nothing changed, falling with the mean square change around a pixel, `[h, w]`."""
    change = np.square(edited - original).mean(axis=0)
    share: Floats = np.exp(-window_mean(change, _CHANGE_RADIUS) / np.float32(tolerance**2))
    share[share > 1 - 1e-6] = 1
    return share


def _prior(original: Floats, edited: Floats, kept: Floats) -> Floats:
    """Return the matrices `[3, 3, h, w]` that a fit leans to.

    The identity where colours were kept. Where they were not, those of a thing that keeps its shading and
    takes another colour: its detail is light and shade, in the proportions of the new colour.
    """
    grey, new = window_mean(_grey(original), _RADIUS), window_mean(edited, _RADIUS)
    ratio = np.clip((new + 1) / (grey + 1), 0, _MOST_GAIN)
    prior: Floats = ((1 - kept) * ratio)[:, None] * _LUMA[:, None, None]
    for channel in range(len(prior)):
        prior[channel, channel] += kept
    return prior


def _structure(before: Floats, after: Floats, changed: Floats) -> Floats:
    """Return how far an edit left the structure around a pixel, 0..1, `[h, w]`.

    From the coefficient of determination of the gradients of grey pictures, over what changed. Where there is
    no structure, none is lost: 1.
    """
    ours, theirs = _gradient(before), _gradient(after)
    pairs = (ours, theirs), (ours, ours), (theirs, theirs)
    products = [np.einsum("a h w, a h w -> h w", one, other) for one, other in pairs]
    radius = max(1, min(before.shape) // _NEIGHBOURHOOD)
    weighted = np.stack([*products, np.ones_like(changed)]) * changed
    both, first, second, share_changed = window_mean(weighted, radius)
    silent = _SILENT * share_changed + 1e-6
    agreement = np.maximum(both, 0) ** 2 + silent**2
    most = first * second + silent**2
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
    """Return the matrices that fit the edit best, ridge regression towards a prior, `[3, 3, h, w]`."""
    own, across = covariance(original, original, _RADIUS), covariance(original, edited, _RADIUS)
    for channel in range(len(own)):
        own[channel, channel] += _NOISE
    across += _NOISE * prior.swapaxes(0, 1)
    # A own = across^T, own symmetric: solved as own A^T = across.
    return solve(own, across).swapaxes(0, 1)


def _bounded(gains: Floats) -> Floats:
    """Shrink the rows of matrices `[3, 3, h, w]`, in place, that make detail more than twice as strong.

    Where a new colour begins within a thing, a fit takes its edge for strong detail of a faint shading, and
    the grain beside it would become speckles.
    """
    magnitude = np.abs(gains).sum(axis=1, keepdims=True)
    gains *= _MOST_GAIN / np.maximum(magnitude, _MOST_GAIN)
    return gains


def covariance(one: Floats, other: Floats, radius: int) -> Floats:
    """Return the covariances of the planes `[a, h, w]` and `[b, h, w]` around each pixel, `[a, b, h, w]`."""
    products = window_mean(one[:, None] * other, radius)
    products -= window_mean(one, radius)[:, None] * window_mean(other, radius)
    return products


def solve(matrices: Floats, right: Floats) -> Floats:
    """Solve systems at each pixel, `[n, n, h, w]` and `[n, m, h, w]`, in place; return their solutions.

    By elimination without a search for pivots, which positive definite matrices do not need; LAPACK, matrix
    by matrix, takes ten times as long.
    """
    size = len(matrices)
    for pivot in range(size):
        right[pivot] /= matrices[pivot, pivot]
        matrices[pivot, pivot + 1 :] /= matrices[pivot, pivot]
        for row in range(pivot + 1, size):
            factor = matrices[row, pivot]
            matrices[row, pivot + 1 :] -= factor * matrices[pivot, pivot + 1 :]
            right[row] -= factor * right[pivot]
    for pivot in range(size - 1, 0, -1):
        for row in range(pivot):
            right[row] -= matrices[row, pivot] * right[pivot]
    return right


def window_mean(array: Floats, radius: int) -> Floats:
    """Return the means of `[..., h, w]` over windows of `2 radius + 1` px a side, cut at the edges."""
    means: Floats = _window_sums(_window_sums(array, radius, -2), radius, -1)
    for side, shape in zip(array.shape[-2:], ((-1, 1), (-1,)), strict=True):
        places = np.arange(side)
        counts = np.minimum(places + radius + 1, side) - np.maximum(places - radius, 0)
        means /= counts.reshape(shape).astype(np.float32)
    return means


def _window_sums(array: Floats, radius: int, axis: int) -> Floats:
    """Return the sums over windows along an axis.

    From sums over 1, 2, 4, 8... pixels, by the binary digits of the window's length. Nothing is subtracted,
    so float32 loses nothing, unlike with running sums.
    """
    length, side = 2 * radius + 1, array.shape[axis]
    room = [(0, 0)] * array.ndim
    room[axis] = (radius, radius)
    block = np.moveaxis(np.pad(array, room), axis, 0)
    sums, size, start = np.zeros_like(block[:side]), 1, 0
    while size <= length:
        if length & size:
            sums += block[start : start + side]
            start += size
        if 2 * size <= length:
            block = block[:-size] + block[size:]
        size *= 2
    return np.moveaxis(sums, 0, axis)
