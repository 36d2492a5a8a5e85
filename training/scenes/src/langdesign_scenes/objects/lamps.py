"""Floor lamps, table lamps and pendants; the part that shines has role "glow"."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from .draws import between, pick
from .mesh import Array, Assembly, Mesh, Point, join
from .primitives import cylinder, ellipsoid, lathe, tube


def _shade(made: Assembly, low: float, top: float, height: float, at: Point) -> None:
    """Return an open shade with these radii below and above, and the light that shows in its openings."""
    thin = 0.006
    profile = [(low - thin, 0), (low, 0), (top, height), (top - thin, height), (low - thin, 0)]
    made.add("main", lathe(profile, at, 28))
    x, y, z = at
    inset = 0.1 * height
    for share, level in ((0.9, inset), (0.1, height - inset)):
        radius = low * share + top * (1 - share) - thin
        made.add("glow", cylinder(radius * 0.98, 0.004, (x, y, z + level), 0.001, segments=24))


def _bowl(radius: float, height: float) -> Mesh:
    """Return a dome that opens downward, its rim at z = 0."""
    turn = np.linspace(0, np.pi / 2, 8)
    outer = [(radius * float(np.cos(t)), height * float(np.sin(t))) for t in turn[:-1]]
    inner = [(r - 0.006, h * 0.985) for r, h in outer[::-1]]
    crown = [(0.02, height), (0.0, height), (0.0, height - 0.008)]
    return lathe([(radius - 0.006, 0), *outer, *crown, *inner], segments=28)


def lamp(rng: Generator) -> Assembly:
    """Return a floor lamp: a shade on a stem or a tripod, an arc, or a reading lamp."""
    build = pick(rng, _stem_lamp, _stem_lamp, _tripod_lamp, _arc_lamp, _reading_lamp)
    return build(rng)


def _foot(radius: float) -> Mesh:
    return lathe(
        [(0, 0), (radius, 0), (radius, 0.014), (radius * 0.9, 0.024), (0.03, 0.032), (0, 0.034)], segments=28
    )


def _shape(rng: Generator, wide: float) -> tuple[float, float, float]:
    """Radii below and above and height of a drum, a cone or a coolie shade."""
    style = pick(rng, "drum", "drum", "cone", "coolie")
    if style == "drum":
        return wide, wide * 0.94, wide * between(rng, 1.1, 1.5)
    if style == "cone":
        return wide, wide * 0.62, wide * between(rng, 1.2, 1.5)
    return wide * 1.1, wide * 0.35, wide * between(rng, 0.9, 1.15)


def _stem_lamp(rng: Generator) -> Assembly:
    made = Assembly()
    height = between(rng, 1.45, 1.7)
    low, top, tall = _shape(rng, between(rng, 0.2, 0.25))
    made.add("frame", _foot(between(rng, 0.13, 0.16)))
    made.add("frame", tube([(0, 0, 0.02), (0, 0, height - 0.3 * tall)], 0.013, 10))
    _shade(made, low, top, tall, (0, 0, height - tall))
    return made


def _tripod_lamp(rng: Generator) -> Assembly:
    made = Assembly()
    height = between(rng, 1.4, 1.6)
    low, top, tall = _shape(rng, between(rng, 0.21, 0.26))
    hub = height - tall - 0.04
    spread = between(rng, 0.24, 0.3)
    angles = np.deg2rad((-90, 30, 150))
    feet = [(spread * float(np.cos(a)), spread * float(np.sin(a)), 0.0) for a in angles]
    made.add(
        "frame", [tube([foot, (foot[0] * 0.1, foot[1] * 0.1, hub)], (0.013, 0.019), 10) for foot in feet]
    )
    made.add("metal", cylinder(0.045, 0.05, (0, 0, hub - 0.03), segments=16))
    made.add("metal", tube([(0, 0, hub), (0, 0, height - 0.3 * tall)], 0.011, 8))
    _shade(made, low, top, tall, (0, 0, height - tall))
    return made


def _arc_lamp(rng: Generator) -> Assembly:
    """Return a bow over to one side with a dome at its end."""
    made = Assembly()
    height, reach = between(rng, 1.6, 1.8), between(rng, 0.55, 0.8)
    made.add("frame", cylinder(0.15, 0.05, bevel=0.01, segments=28))
    turn = np.linspace(np.pi, 0.1, 16)
    rise = height * 0.55
    bow = np.column_stack([reach / 2 * (1 + np.cos(turn)), 0 * turn, rise + (height - rise) * np.sin(turn)])
    made.add("frame", tube(np.concatenate([[[0, 0, 0.03]], bow]), 0.013, 8))
    end = (float(bow[-1, 0]), 0.0, float(bow[-1, 2]))
    radius = between(rng, 0.2, 0.26)
    dome = _bowl(radius, radius * 0.85)
    made.add("main", dome.moved(end[0], 0, end[2] - radius * 0.85))
    made.add(
        "glow", ellipsoid((radius * 1.1, radius * 1.1, radius * 0.8), (end[0], 0, end[2] - radius * 0.95), 14)
    )
    return made


def _reading_lamp(rng: Generator) -> Assembly:
    """Return a bent stem with a cone that looks down."""
    made = Assembly()
    height = between(rng, 1.35, 1.5)
    made.add("frame", _foot(0.15))
    knee = [
        (0.0, 0.0, 0.02),
        (0.0, 0.0, height - 0.16),
        (0.03, -0.01, height - 0.06),
        (0.11, -0.04, height),
        (0.26, -0.09, height - 0.02),
    ]
    made.add("frame", tube(knee, 0.013, 8))
    low, tall = between(rng, 0.14, 0.18), between(rng, 0.2, 0.26)
    profile = [
        (low - 0.005, 0),
        (low, 0),
        (low * 0.5, tall),
        (0.025, tall + 0.03),
        (0, tall + 0.03),
        (0, tall),
        (low * 0.45, tall - 0.01),
        (low - 0.005, 0),
    ]
    made.add("main", lathe(profile, segments=24).moved(0.27, -0.09, height - tall))
    made.add("glow", ellipsoid((low * 1.2, low * 1.2, low * 1.2), (0.27, -0.09, height - tall + 0.005), 12))
    return made


_BASES: dict[str, tuple[tuple[float, float], ...]] = {
    "gourd": ((0, 0), (0.5, 0), (0.52, 0.05), (0.9, 0.22), (1.0, 0.38), (0.75, 0.6), (0.42, 0.72),
              (0.5, 0.84), (0.3, 0.96), (0.12, 1)),
    "ball": ((0, 0), (0.45, 0), (0.5, 0.04), (0.82, 0.18), (1.0, 0.42), (0.92, 0.64), (0.6, 0.84),
             (0.2, 0.95), (0.12, 1)),
    "column": ((0, 0), (0.85, 0), (0.85, 0.07), (0.5, 0.12), (0.45, 0.5), (0.5, 0.88),
               (0.3, 0.95), (0.12, 1)),
    "bottle": ((0, 0), (0.78, 0), (0.82, 0.04), (0.82, 0.55), (0.66, 0.7), (0.3, 0.84), (0.25, 0.96),
               (0.12, 1)),
    "cone": ((0, 0), (0.95, 0), (0.95, 0.03), (0.2, 0.92), (0.12, 1)),
}  # fmt: skip
"""Radius over the thickest and height over the base's, of a table lamp's base."""


def table_lamp(rng: Generator) -> Assembly:
    """Return a table lamp: a turned base with a shade, a mushroom, or a globe on a foot."""
    made = Assembly()
    style = pick(rng, "shade", "shade", "shade", "mushroom", "globe")
    height = between(rng, 0.42, 0.58)
    if style == "mushroom":
        return _mushroom(rng, height * 0.85)
    if style == "globe":
        radius = between(rng, 0.085, 0.11)
        made.add(
            "main",
            lathe(
                [(0, 0), (0.11, 0), (0.108, 0.02), (0.05, 0.08), (0.045, 0.12), (0.07, 0.17), (0, 0.18)],
                segments=22,
            ),
        )
        made.add(
            "main",
            lathe([(0.0, 0), (0.06, 0), (radius * 1.06, 0.09), (radius, 0.1), (0, 0.02)], (0, 0, 0.15), 22),
        )
        made.add("glow", ellipsoid((2 * radius, 2 * radius, 2 * radius), (0, 0, 0.175), 20))
        return made
    low, top, tall = _shape(rng, height * between(rng, 0.3, 0.34))
    base = height - tall * 0.92
    thick = between(rng, 0.06, 0.085)  # only what shines through is main: a base would shine too
    profile = _BASES[pick(rng, *sorted(_BASES))]
    made.add(
        "frame",
        lathe([(r * thick, h * base) for r, h in profile] + [(0, base)], segments=24),
    )
    made.add("metal", tube([(0, 0, base - 0.01), (0, 0, height - 0.2 * tall)], 0.007, 6))
    _shade(made, low, top, tall, (0, 0, height - tall))
    return made


def _mushroom(rng: Generator, height: float) -> Assembly:
    made = Assembly()
    radius = between(rng, 0.14, 0.18)
    stem = [(0, 0), (0.09, 0), (0.088, 0.015), (0.04, 0.07), (0.03, height * 0.6), (0, height * 0.6)]
    made.add("main", lathe(stem, segments=22))
    tall = height * 0.42
    made.add("main", _bowl(radius, tall).moved(0, 0, height - tall))
    made.add("glow", ellipsoid((radius * 1.2, radius * 1.2, tall * 0.9), (0, 0, height - tall - 0.02), 14))
    return made


def pendant(rng: Generator) -> Assembly:
    """Return a lamp on a cord: a dome, a cone, a drum, a globe, a woven basket or a cluster of three."""
    made = Assembly()
    drop = between(rng, 0.55, 0.95)
    style = pick(rng, "dome", "cone", "drum", "ribs", "cluster", "bell")
    made.add("metal", cylinder(0.055, 0.025, (0, 0, -0.025), segments=18))
    radius = between(rng, 0.19, 0.26)
    if style == "cluster":
        for x, level in zip((-0.2, 0.0, 0.2), rng.permutation((0.0, 0.12, 0.22)), strict=True):
            _hung(made, "bell", 0.11, drop - float(level), x)
        made.add("metal", cylinder(0.03, 0.02, (0, 0, -0.02), segments=14).scaled(9))
    else:
        _hung(made, style, radius, drop, 0.0)
    return made


def _hung(made: Assembly, style: str, radius: float, drop: float, x: float) -> None:
    """One shade whose lowest point is `drop` below the ceiling, with its cord."""
    tall = {"dome": 0.8, "cone": 0.95, "drum": 0.9, "ribs": 1.25, "bell": 1.2}[style] * radius
    z = -drop
    if style == "dome":
        made.add("main", _bowl(radius, tall).moved(x, 0, z))
    elif style == "drum":
        _shade(made, radius, radius * 0.96, tall, (x, 0, z))
    elif style == "ribs":
        made.add("main", _ribs(radius, tall).moved(x, 0, z))
    else:
        made.add("main", _bell(radius, tall, 0.35 if style == "cone" else 0.75).moved(x, 0, z))
    if style != "drum":
        bulb = radius * (0.55 if style == "ribs" else 0.9)
        made.add(
            "glow", ellipsoid((bulb, bulb, bulb), (x, 0, z + (0.4 * tall if style == "ribs" else -0.02)), 14)
        )
    made.add("metal", tube([(x, 0, z + tall * 0.96), (x, 0, -0.005)], 0.006, 6))
    made.add("metal", cylinder(0.022, 0.05, (x, 0, z + tall * 0.97), segments=12))


def _bell(radius: float, height: float, belly: float) -> Mesh:
    """Return a bell or, with little `belly`, a cone, that opens downward at z = 0."""
    shape = [(1.0, 0.0), (0.62 + 0.3 * belly, 0.35), (0.3 + 0.35 * belly, 0.7), (0.1 + 0.15 * belly, 0.95)]
    outer = [(r * radius, h * height) for r, h in shape]
    inner = [(max(r - 0.006, 0.004), h * 0.98) for r, h in outer[::-1]]
    return lathe([(radius - 0.006, 0), *outer, (0.0, height), (0.0, height - 0.006), *inner], segments=28)


def _ribs(radius: float, height: float) -> Mesh:
    """Return a woven ball of upright canes and rings."""
    turn = np.linspace(-0.46 * np.pi, 0.46 * np.pi, 10)
    ribs = [
        tube(_meridian(turn, angle, radius, height), 0.0075, 5)
        for angle in np.linspace(0, 2 * np.pi, 22, endpoint=False)
    ]
    hoops = [
        _hoop(radius * float(np.cos(t)), height / 2 * (1 + float(np.sin(t))))
        for t in np.linspace(-0.44, 0.44, 7) * np.pi
    ]
    return join([*ribs, *hoops])


def _meridian(turn: Array, angle: float, radius: float, height: float) -> Array:
    reach = radius * np.cos(turn)
    return np.column_stack([reach * np.cos(angle), reach * np.sin(angle), height / 2 * (1 + np.sin(turn))])


def _hoop(radius: float, z: float) -> Mesh:
    return lathe(
        [
            (radius - 0.007, z),
            (radius, z - 0.008),
            (radius + 0.007, z),
            (radius, z + 0.008),
            (radius - 0.007, z),
        ],
        segments=24,
    )
