"""Rugs, curtains and blinds."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from .draws import between, chance, pick
from .mesh import Array, Assembly, Mesh
from .primitives import box, cylinder, ellipsoid, prism, rounded_rectangle, sheet, tube


def rug(rng: Generator) -> Assembly:
    """Return a rug: a rectangle, a runner, an oval or a circle; some with a border or a fringe."""
    made = Assembly()
    shape = pick(rng, "rectangle", "rectangle", "rectangle", "round", "runner")
    thick = between(rng, 0.012, 0.02)
    if shape == "round":
        width = depth = between(rng, 1.4, 2.1)
        made.add("main", cylinder(width / 2, thick, segments=48).flat_uv())
    else:
        width = between(rng, 1.7, 2.5) if shape == "rectangle" else between(rng, 1.6, 2.2)
        depth = width * between(rng, 0.6, 0.72) if shape == "rectangle" else between(rng, 0.65, 0.8)
        made.add("main", prism(rounded_rectangle(width, depth, 0.04), thick, bevel=0.005).flat_uv())
    if chance(rng, 0.35):
        made.add("cushion", _border(shape, width, depth, thick))
    elif shape != "round" and chance(rng, 0.5):
        made.add("paper", _fringe(width, depth, thick))
    return made


def _border(shape: str, width: float, depth: float, thick: float) -> list[Mesh]:
    """Return a band let into the rug near its rim."""
    inset, band, z = 0.1, 0.06, thick - 0.002
    if shape == "round":
        turn = np.linspace(0, 2 * np.pi, 49)
        ring = np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=-1)
        radii = np.array((width / 2 - inset - band, width / 2 - inset))
        return [sheet(radii[:, None, None] * ring[None]).moved(z=thick + 0.002)]
    long, short = width - 2 * inset, depth - 2 * inset
    rows = [box((long, band, 0.004), (0, s * (short - band) / 2, z), 0.001) for s in (-1, 1)]
    return rows + [
        box((band, short - 2 * band, 0.004), (s * (long - band) / 2, 0, z), 0.001) for s in (-1, 1)
    ]


def _fringe(width: float, depth: float, thick: float) -> list[Mesh]:
    ys = np.linspace(-depth / 2 + 0.03, depth / 2 - 0.03, round(depth / 0.05))
    return [
        box((0.06, 0.022, thick * 0.5), (s * (width / 2 + 0.03), float(y), 0), 0.003)
        for s in (-1, 1)
        for y in ys
    ]


def curtain(rng: Generator) -> Assembly:
    """Pleated panels on a rod: two with a gap, two tied back, or one."""
    made = Assembly()
    width, height = between(rng, 1.4, 2.1), between(rng, 2.05, 2.35)
    style = pick(rng, "pair", "pair", "tied", "single")
    spans = {"single": [(-0.5, between(rng, 0.2, 0.5))]}.get(style) or _pair(between(rng, 0.3, 0.38))
    for left, right in spans:
        made.add("main", _panel(rng, left * width, right * width, height, style == "tied"))
    radius, z = 0.014, height + 0.02
    made.add("metal", tube([(-width / 2 - 0.08, -0.07, z), (width / 2 + 0.08, -0.07, z)], radius, 8))
    for side in (-1, 1):
        x = side * (width / 2 + 0.09)
        made.add("metal", ellipsoid((0.05, 0.05, 0.05), (x, -0.07, z - 0.025), 10))
        made.add("metal", box((0.02, 0.08, 0.02), (side * (width / 2 + 0.03), -0.035, z - 0.01), 0.003))
    return made


def _pair(share: float) -> list[tuple[float, float]]:
    return [(-0.5, share - 0.5), (0.5 - share, 0.5)]


def _panel(rng: Generator, left: float, right: float, height: float, tied: bool) -> Mesh:
    """One panel of cloth whose folds deepen downward; uv runs along the cloth."""
    span = right - left
    folds = max(3, round(span / between(rng, 0.1, 0.14)))
    s = np.linspace(0, 1, folds * 8 + 1)
    t = np.linspace(0, 1, 13)[:, None]
    phase = between(rng, 0, 2 * np.pi)
    wander = 0.12 * np.sin(2 * np.pi * s * 1.5 + phase) * t
    depth = 0.022 + 0.02 * np.sqrt(t)
    wave = np.sin(2 * np.pi * folds * s + 2.2 * wander * np.pi)
    side = -1 if left + right < 0 else 1
    pull = _waist(t) if tied else np.zeros_like(t)
    x = left + span * (s + 0.012 * np.sin(2 * np.pi * 3 * s + phase) * t)
    outer = right if side > 0 else left
    x = outer + (x - outer) * (1 - 0.62 * pull)
    y = -0.07 - depth * wave * (1 + 0.3 * pull)
    z = np.broadcast_to(height * (1 - t) + 0.008 * np.cos(2 * np.pi * folds * s) * t, x.shape)
    length = span * 1.45
    uv = np.stack(np.broadcast_arrays(left + length * s[None], height * (1 - t)), axis=-1)
    return sheet(np.stack([x, y, z], axis=-1), uv)


def _waist(t: Array) -> Array:
    """How far a tied panel is drawn to its side at each share of its height, 1 at the tie."""
    above = np.clip(t / 0.6, 0, 1) ** 2.2
    below = 1 - 0.45 * np.clip((t - 0.6) / 0.4, 0, 1) ** 0.7
    return above * below


def blind(rng: Generator) -> Assembly:
    """Slats, a roller or a roman blind, wholly or partly let down."""
    made = Assembly()
    width, height = between(rng, 0.95, 1.5), between(rng, 1.05, 1.55)
    style = pick(rng, "slats", "slats", "roller", "roman")
    made.add(
        "frame" if style == "slats" else "main",
        box((width + 0.02, 0.06, 0.06), (0, -0.03, height - 0.06), 0.008),
    )
    if style == "slats":
        _slats(made, rng, width, height)
    elif style == "roller":
        made.add("main", box((width, 0.004, height - 0.05), (0, -0.03, 0.01), 0.0005).flat_uv(0, 2))
        made.add("frame", box((width, 0.018, 0.028), (0, -0.03, 0), 0.005))
    else:
        made.add("main", _roman(width, height, int(rng.integers(5, 8))))
    made.add(
        "paper",
        tube(
            [(width / 2 - 0.06, -0.065, height - 0.05), (width / 2 - 0.06, -0.065, height * 0.35)], 0.004, 5
        ),
    )
    return made


def _slats(made: Assembly, rng: Generator, width: float, height: float) -> None:
    wide = pick(rng, 0.06, 0.078)
    count = round((height - 0.1) / (wide * 0.86))
    tilt = between(rng, 35, 68)
    slat = box((width, wide, 0.004), bevel=0.001).turned("x", tilt)
    made.add("main", [slat.moved(0, -0.03, float(z)) for z in np.linspace(0.05, height - 0.09, count)])
    made.add("main", box((width, 0.05, 0.022), (0, -0.03, 0.0), 0.005))
    xs = (-0.36 * width, 0.0, 0.36 * width) if width > 1.2 else (-0.34 * width, 0.34 * width)
    made.add("paper", [box((0.02, 0.003, height - 0.06), (x, -0.06, 0.02), 0.0005) for x in xs])


def _roman(width: float, height: float, folds: int) -> Mesh:
    """Soft horizontal folds: each bulges out below and returns to the cloth above."""
    t = np.linspace(0, 1, folds * 6 + 1)
    step = np.mod(t * folds, 1)
    step[-1] = 1
    bulge = 0.045 * np.sin(np.pi * step**0.55) ** 0.9
    xs = np.linspace(-width / 2, width / 2, 7)
    z = height - 0.06 - t * (height - 0.06)
    x, y, z = np.broadcast_arrays(xs[None], -0.022 - bulge[:, None], z[:, None])
    return sheet(np.stack([x, y, z], axis=-1), np.stack([x, z], axis=-1))
