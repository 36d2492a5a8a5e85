"""The colour that regions end up with, and how near two ways to edit come to each other there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from .bootstrap import Interval, first_mean, interval
from .metrics import Mask, Pixels

WITHIN = 0.1
"""Share of the way that a colour moved, or of a channel's range, up to which two results are the same."""


@dataclass(frozen=True)
class Comparison:
    """What two ways to edit made of one region's mean colour."""

    moved: float  # the first way's distance from the picture before, in a*b*
    apart: float  # the distance of the two results, in a*b*
    levels: float  # the largest difference of a channel's means, as a share of the 8-bit range

    @property
    def share(self) -> float:
        """How far the results are apart, as a share of the way that the first one moved."""
        return self.apart / self.moved if self.moved else float("inf")


def compare(before: Pixels, first: Pixels, second: Pixels, region: Mask) -> Comparison:
    """Compare the mean colours of pictures RGB uint8 [H, W, 3] in a region bool [H, W]."""
    start, one, other = (mean_ab(picture, region) for picture in (before, first, second))
    channels = first[region].mean(axis=0) - second[region].mean(axis=0)
    return Comparison(
        float(np.linalg.norm(one - start)),
        float(np.linalg.norm(other - one)),
        float(np.abs(channels).max() / 255),
    )


def mean_ab(picture: Pixels, region: Mask) -> NDArray[np.float64]:
    """Return the mean a* and b* (CIELAB, D50) of a picture in sRGB over a region, `[2]`."""
    converted = ImageCms.applyTransform(Image.fromarray(picture), _to_lab())
    signed = np.asarray(converted)[..., 1:].astype(np.int8)  # Pillow has a* and b* as bytes with a sign
    mean: NDArray[np.float64] = signed[region].mean(axis=0, dtype=np.float64)
    return mean


@dataclass(frozen=True)
class Nearness:
    """How near the results of two ways are over many regions."""

    regions: int  # whose colour the first way moved
    within: Interval  # share of them within a tenth of that way
    median: float  # of their distances as a share of that way
    worst: float
    levels: Interval  # share of all regions, moved or not, whose channels are within a tenth of the range


def nearness(comparisons: Sequence[Comparison], least: float, seed: int) -> Nearness | None:
    """Sum comparisons up; None where no region moved by `least` or more, in a*b*."""
    shares = np.array([one.share for one in comparisons if one.moved >= least])
    if not shares.size:
        return None
    levels = np.array([one.levels for one in comparisons])
    return Nearness(
        shares.size,
        interval([(shares <= WITHIN).astype(np.float64)], first_mean, seed),
        float(np.median(shares)),
        float(shares.max()),
        interval([(levels <= WITHIN).astype(np.float64)], first_mean, seed),
    )


@cache
def _to_lab() -> Any:
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    return ImageCms.buildTransform(*profiles, "RGB", "LAB")
