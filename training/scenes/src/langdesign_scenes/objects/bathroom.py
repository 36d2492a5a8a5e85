"""Sinks, bathtubs and toilets."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from .draws import between, chance, pick
from .legs import handle, legs
from .mesh import Assembly, Mesh
from .primitives import block, box, cushion, cylinder, ellipsoid, lathe, tube


def _tap(x: float, y: float, z: float, tall: float, reach: float) -> list[Mesh]:
    """Return a tap whose spout bends over towards -y, with a lever."""
    turn = np.linspace(0, np.pi * 0.95, 9)
    radius = reach / 2
    rise = tall - radius
    bow = np.column_stack([np.full(9, x), y - radius * (1 - np.cos(turn)), z + rise + radius * np.sin(turn)])
    spout = tube(np.concatenate([[[x, y, z]], bow]), 0.013, 10)
    base = cylinder(0.026, 0.03, (x, y, z), segments=16)
    return [spout, base, tube([(x + 0.02, y, z + 0.03), (x + 0.075, y - 0.01, z + 0.06)], 0.007, 6)]


def sink(rng: Generator) -> Assembly:
    """Return a wash basin on a pedestal or a vanity, or a kitchen sink in a cupboard."""
    build = pick(rng, _pedestal_sink, _vanity, _vanity, _kitchen_sink)
    return build(rng)


def _bowl(width: float, depth: float, height: float, power: float, rim: float = 0.03) -> Mesh:
    """Return a basin of these outer measures, hollow, its rim on top."""
    inner = 1 - 2 * rim / min(width, depth)
    belly = [(0.0, 0.0), (0.5, 0.0), (0.62, 0.04 * height), (0.9, 0.6 * height), (1.0, 0.92 * height)]
    lip = [(1.0, height - 0.006), (0.985, height), (inner + 0.01, height), (inner, height - 0.006)]
    inside = [(inner * 0.92, 0.5 * height), (inner * 0.6, 0.2 * height), (0.0, 0.16 * height)]
    return lathe([*belly, *lip, *inside], segments=36, power=power, size=(width / 2, depth / 2))


def _pedestal_sink(rng: Generator) -> Assembly:
    made = Assembly()
    width, depth, height = between(rng, 0.54, 0.64), between(rng, 0.44, 0.5), between(rng, 0.83, 0.88)
    tall = 0.2
    made.add("main", _bowl(width, depth, tall, pick(rng, 2.4, 3.2)).moved(z=height - tall))
    made.add("main", box((width * 0.7, 0.1, 0.1), (0, depth / 2 - 0.05, height - 0.1), 0.02))
    column = [
        (0, 0),
        (0.15, 0),
        (0.15, 0.03),
        (0.1, 0.1),
        (0.085, 0.45),
        (0.11, height - tall + 0.06),
        (0, height - tall + 0.06),
    ]
    made.add("main", lathe(column, segments=24))
    made.add("metal", _tap(0, depth / 2 - 0.06, height - 0.002, 0.16, 0.13))
    return made


def _vanity(rng: Generator) -> Assembly:
    """Return a cupboard with a plate and a basin upon it."""
    made = Assembly()
    width, depth, height = between(rng, 0.65, 0.95), between(rng, 0.46, 0.52), between(rng, 0.74, 0.8)
    low = pick(rng, 0.06, 0.14)
    made.add("frame", box((width - 0.03, depth - 0.03, height - low - 0.03), (0, 0.01, low), 0.006))
    if low > 0.1:
        made.add(
            "frame", legs(pick(rng, "tapered", "square"), width - 0.06, depth - 0.06, low + 0.002, 0.045)
        )
    else:
        made.add("frame", box((width - 0.1, depth - 0.1, low), (0, 0.02, 0)))
    made.add("main", box((width, depth, 0.05), (0, 0, height - 0.05), 0.01))
    made.add("main", box((width, 0.02, 0.09), (0, depth / 2 - 0.01, height - 0.002), 0.006))
    wide = min(0.52, 0.72 * width)
    made.add("main", _bowl(wide, 0.36, 0.13, pick(rng, 2.0, 4.0), 0.02).moved(0, -0.03, height))
    made.add("metal", _tap(0, depth / 2 - 0.06, height, 0.27, 0.17))
    _cupboard(made, width - 0.03, -depth / 2 + 0.025, low, height - 0.05, pick(rng, "knob", "pull"))
    return made


def _cupboard(made: Assembly, width: float, front: float, low: float, high: float, grip: str) -> None:
    """Two doors on a cupboard's front."""
    each, tall = width / 2, high - low
    for side in (-1, 1):
        x = side * each / 2
        made.add("main", box((each - 0.014, 0.018, tall - 0.016), (x, front - 0.009, low + 0.008), 0.005))
        at = (x - side * (each / 2 - 0.05), front - 0.018, low + tall * 0.72)
        made.add("metal", handle(grip, at, 0.12, upright=True))


def _kitchen_sink(rng: Generator) -> Assembly:
    """Return a worktop on a cupboard with an apron basin let in."""
    made = Assembly()
    width, depth, height = between(rng, 0.85, 1.15), between(rng, 0.58, 0.62), between(rng, 0.88, 0.92)
    made.add("frame", box((width - 0.02, depth - 0.08, 0.08), (0, 0.03, 0)))
    made.add("frame", box((width, depth - 0.03, height - 0.32), (0, 0.015, 0.08), 0.005))
    wide, front = width * 0.62, depth * 0.72
    side = (width - wide) / 2
    slab = 0.05
    z = height - slab
    cheek = (side + 0.02, depth - 0.03, 0.2)
    made.add("main", [box(cheek, (s * (width - cheek[0]) / 2, 0.015, z - 0.2), 0.004) for s in (-1, 1)])
    made.add("main", box((width - 0.02, depth - front, 0.2), (0, front / 2 - 0.005, z - 0.2), 0.004))
    made.add("main", [box((side, depth, slab), (s * (width - side) / 2, 0, z), 0.006) for s in (-1, 1)])
    made.add("main", box((wide + 0.01, depth - front, slab), (0, front / 2, z), 0.006))
    y = -(depth - front) / 2
    made.add("main", _trough(wide, front + 0.02, 0.22).moved(0, y - 0.01, height - 0.22))
    _cupboard(made, width, -depth / 2 + 0.03, 0.09, height - 0.23, pick(rng, "bar", "knob", "pull"))
    made.add("metal", _tap(0, depth / 2 - 0.07, height, 0.32, 0.22))
    return made


def _trough(width: float, depth: float, height: float) -> Mesh:
    rim = 0.03
    inner = 1 - 2 * rim / depth
    profile = [
        (0, 0),
        (0.97, 0),
        (1, 0.02),
        (1, height - 0.008),
        (0.985, height),
        (inner + 0.015, height),
        (inner, height - 0.01),
        (inner * 0.95, 0.05),
        (0, 0.04),
    ]
    return lathe(profile, segments=40, power=14, size=(width / 2, depth / 2))


def bathtub(rng: Generator) -> Assembly:
    """Return a bathtub: built in, free-standing and rounded, or on claw feet."""
    made = Assembly()
    style = pick(rng, "free", "claw", "built", "free")
    width, depth = between(rng, 1.55, 1.72), between(rng, 0.72, 0.8)
    height = between(rng, 0.54, 0.6)
    if style == "built":
        _built_in(made, width, depth, height)
    elif style == "claw":
        made.add("main", _tub(width, depth, height - 0.12, 2.8, 0.72, rolled=True).moved(z=0.12))
        for x, y in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
            foot = [
                (x * 0.3 * width, y * 0.26 * depth, 0.19),
                (x * 0.345 * width, y * 0.36 * depth, 0.1),
                (x * 0.36 * width, y * 0.38 * depth, 0.022),
            ]
            made.add("metal", tube(foot, (0.03, 0.024, 0.02), 8))
            made.add("metal", ellipsoid((0.06, 0.06, 0.045), (x * 0.36 * width, y * 0.38 * depth, 0), 10))
    else:
        made.add(
            "main",
            _tub(
                width, depth, height, pick(rng, 2.6, 3.6), between(rng, 0.72, 0.86), rolled=chance(rng, 0.4)
            ),
        )
    made.add("metal", _tub_tap(width, depth, height, style))
    return made


def _tub(width: float, depth: float, height: float, power: float, base: float, rolled: bool) -> Mesh:
    lip = [(1.0, height - 0.02), (1.0, height - 0.008), (0.985, height), (0.93, height)]
    if rolled:
        lip = [
            (0.965, height - 0.045),
            (1.0, height - 0.035),
            (1.012, height - 0.016),
            (0.985, height),
            (0.93, height - 0.006),
        ]
    outer = [(0, 0), (base - 0.04, 0), (base, 0.02), (base + (1 - base) * 0.45, height * 0.45)]
    inner = [
        (0.905, height - 0.02),
        (0.82, height * 0.5),
        (base * 0.88, 0.13),
        (base * 0.7, 0.09),
        (0, 0.085),
    ]
    return lathe([*outer, *lip, *inner], segments=48, power=power, size=(width / 2, depth / 2))


def _built_in(made: Assembly, width: float, depth: float, height: float) -> None:
    """Return a tub in a square surround."""
    inner = [
        (0.84, 0),
        (0.835, -0.02),
        (0.76, -0.25),
        (0.64, height * 0.2 - height + 0.03),
        (0, height * 0.17 - height + 0.03),
    ]
    rim = [(1.0, -0.05), (1.0, -0.008), (0.985, 0), *inner]
    made.add("main", lathe(rim, (0, 0, height), 56, 9.0, (width / 2, depth / 2)))
    panel = [(0, 0.01), (0.97, 0.01), (0.97, height - 0.045), (0.9, height - 0.045)]
    made.add("main", lathe(panel, (0, 0, 0), 56, 30.0, (width / 2, depth / 2)))


def _tub_tap(width: float, depth: float, height: float, style: str) -> list[Mesh]:
    if style == "built":
        return _rim_tap(0.46 * width, height)
    x, y = 0.0, depth / 2 + 0.05
    pillar = tube([(x, y, 0), (x, y, height + 0.22)], 0.016, 10)
    spout = tube([(x, y, height + 0.2), (x, y - 0.1, height + 0.22), (x, y - 0.2, height + 0.19)], 0.014, 8)
    return [
        pillar,
        spout,
        cylinder(0.045, 0.015, (x, y, 0), segments=16),
        tube([(x - 0.07, y, height + 0.16), (x + 0.07, y, height + 0.16)], 0.011, 8),
    ]


def _rim_tap(x: float, z: float) -> list[Mesh]:
    """Return a tap on a tub's end whose spout looks along -x."""
    pillar = tube([(x, 0, z), (x, 0, z + 0.13)], 0.015, 8)
    spout = tube([(x + 0.012, 0, z + 0.12), (x - 0.06, 0, z + 0.125), (x - 0.13, 0, z + 0.1)], 0.014, 8)
    levers = [ellipsoid((0.05, 0.05, 0.05), (x, y, z), 10) for y in (-0.09, 0.09)]
    return [pillar, spout, *levers]


def toilet(rng: Generator) -> Assembly:
    """Return a toilet with its cistern, its lid closed."""
    made = Assembly()
    seat, width = between(rng, 0.4, 0.43), between(rng, 0.36, 0.39)
    boxy = chance(rng, 0.35)
    power = 3.0 if boxy else 2.3
    bowl = [
        (0, 0),
        (0.58, 0),
        (0.6, 0.02),
        (0.52, 0.1),
        (0.6, 0.2),
        (0.9, seat - 0.08),
        (1, seat - 0.03),
        (1, seat - 0.005),
        (0.97, seat),
        (0, seat),
    ]
    made.add("main", lathe(bowl, (0, -0.09, 0), 36, power, (width / 2, 0.24)))
    made.add("main", box((width * 0.62, 0.3, seat - 0.03), (0, 0.12, 0), 0.03))
    made.add(
        "frame",
        lathe(
            [(0, 0), (0.9, 0), (0.9, 0.012), (0, 0.012)],
            (0, -0.085, seat - 0.004),
            36,
            power,
            (width / 2, 0.235),
        ),
    )
    lid = [(0, 0), (1.0, 0), (1.02, 0.01), (1.0, 0.024), (0.9, 0.032), (0, 0.038)]
    made.add("main", lathe(lid, (0, -0.085, seat + 0.008), 36, power, (width / 2, 0.235)))
    tall = between(rng, 0.34, 0.4)
    tank = cushion((width + 0.02, 0.18, tall), (0, 0.24, seat - 0.01), 0.025 if boxy else 0.045)
    made.add("main", tank, cushion((width + 0.045, 0.2, 0.035), (0, 0.238, seat + tall - 0.012), 0.015))
    if chance(rng, 0.5):
        made.add("metal", cylinder(0.025, 0.01, (0, 0.235, seat + tall + 0.022), segments=16))
    else:
        made.add("metal", block((0.07, 0.014, 0.016), (-0.3 * width, 0.145, seat + tall - 0.08)))
    return made
