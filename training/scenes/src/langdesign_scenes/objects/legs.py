"""Legs and handles: what many pieces share."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from .mesh import Mesh, Point
from .primitives import box, cylinder, ellipsoid, lathe, tube

_TURNED = ((0.0, 0.0), (0.55, 0.0), (0.62, 0.05), (0.45, 0.09), (0.8, 0.3), (1.0, 0.62), (0.85, 0.72),
           (0.5, 0.76), (0.95, 0.8), (0.95, 1.0), (0.0, 1.0))  # fmt: skip
"""Radius over the thickest and height over the leg's, of a turned leg."""


def corners(width: float, depth: float, inset: float) -> list[tuple[float, float]]:
    """Where four legs stand under a footprint."""
    return [
        (x * (width / 2 - inset), y * (depth / 2 - inset)) for x, y in itertools.product((-1, 1), repeat=2)
    ]


def legs(shape: str, width: float, depth: float, height: float, thick: float = 0.045) -> list[Mesh]:
    """Legs under a footprint, from the floor up to `height`.

    `shape`: "square", "tapered", "splayed", "turned", "hairpin", "sled", "block" or "bun".
    """
    inset = thick * 0.5 + 0.01
    if shape == "sled":
        return [
            _loop(x, depth - 2 * inset, height, thick * 0.3) for x in (inset - width / 2, width / 2 - inset)
        ]
    return [_leg(shape, x, y, height, thick) for x, y in corners(width, depth, inset)]


def _leg(shape: str, x: float, y: float, height: float, thick: float) -> Mesh:
    out = (np.sign(x), np.sign(y))
    if shape == "square":
        return box((thick, thick, height), (x, y, 0), 0.004)
    if shape == "turned":
        return lathe([(r * thick * 0.62, z * height) for r, z in _TURNED], (x, y, 0), 14)
    if shape == "block":
        return box((thick * 1.5, thick * 1.5, height), (x, y, 0), 0.006)
    if shape == "bun":
        return ellipsoid((thick * 1.9, thick * 1.9, height * 1.15), (x, y, 0), 12)
    if shape == "hairpin":
        return _hairpin(x, y, height, thick * 0.16, out)
    spread = min(0.22 * height, 0.09) if shape == "splayed" else 0.0
    base = 0.5 * thick if shape == "splayed" else 0.0
    inner = (x - out[0] * base, y - out[1] * base)
    foot = (inner[0] + out[0] * spread, inner[1] + out[1] * spread, 0.0)
    return tube([foot, (*inner, height)], (thick * 0.3, thick * 0.52), 10)


def _hairpin(x: float, y: float, height: float, radius: float, out: Sequence[float]) -> Mesh:
    reach = min(0.1, 0.3 * height)
    foot = (x, y)
    top = [(x - out[0] * reach, y, height), (x, y - out[1] * reach, height)]
    points = [top[0], (*foot, 0.02), (foot[0], foot[1], radius), (*foot, 0.02), top[1]]
    points[1] = (foot[0] - out[0] * 0.008, foot[1], 0.02)
    points[3] = (foot[0], foot[1] - out[1] * 0.008, 0.02)
    return tube(points, radius, 6)


def _loop(x: float, depth: float, height: float, radius: float) -> Mesh:
    y, low, bend = depth / 2, radius, min(0.04, 0.3 * height)
    points: list[Point] = [(x, -y, height), (x, -y, low + bend), (x, -y + bend, low), (x, y - bend, low)]
    return tube([*points, (x, y, low + bend), (x, y, height)], radius, 8)


def handle(shape: str, at: Point, length: float = 0.12, upright: bool = False) -> list[Mesh]:
    """Return a handle on a front that looks to -y: "knob", "bar", "ring" or "pull"; `at` is its middle."""
    x, y, z = at
    if shape == "knob":
        return [ellipsoid((0.034, 0.03, 0.034), (x, y - 0.018, z - 0.017), 10)]
    if shape == "ring":
        return [cylinder(0.022, 0.012, bevel=0.003, segments=14).turned("x", 90).moved(x, y, z)]
    if shape == "pull":
        size = (0.014, 0.022, length) if upright else (length, 0.022, 0.014)
        return [box(size, (x, y - 0.011, z - size[2] / 2), 0.003)]
    along = np.array((0, 0, length / 2) if upright else (length / 2, 0, 0))
    middle = np.array((x, y - 0.028, z))
    bar = tube([middle - along, middle + along], 0.0075, 6)
    back = np.array((0, 0.028, 0))
    posts = [tube([end, end + back], 0.006, 5) for end in (middle - 0.7 * along, middle + 0.7 * along)]
    return [bar, *posts]
