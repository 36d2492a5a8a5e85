"""Potted plants."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from .draws import between, chance, pick
from .leaves import FIDDLE, OVAL, SWORD, blade, placed
from .mesh import Assembly, Mesh, join
from .primitives import ellipsoid, lathe, tube


def _pot(made: Assembly, rng: Generator, radius: float, height: float) -> float:
    """Return the height of the soil in a pot: tapered, round, straight, ribbed or on a wooden stand."""
    style = pick(rng, "tapered", "round", "straight", "square", "stand", "footed")
    low = 0.0
    if style == "stand":
        low = between(rng, 0.1, 0.18)
        xs = [(s * radius * 1.02, 0.0) for s in (-1, 1)] + [(0.0, s * radius * 1.02) for s in (-1, 1)]
        made.add("frame", [tube([(x, y, 0), (x, y, low + 0.6 * height)], 0.012, 8) for x, y in xs])
        made.add(
            "frame",
            [
                tube([(-radius, 0, low - 0.01), (radius, 0, low - 0.01)], 0.01, 6),
                tube([(0, -radius, low - 0.01), (0, radius, low - 0.01)], 0.01, 6),
            ],
        )
    profile = {
        "tapered": [(0.68, 0), (0.72, 0.02), (0.97, 0.84), (1.06, 0.85), (1.06, 1)],
        "round": [(0.55, 0), (0.62, 0.02), (0.98, 0.32), (1.06, 0.55), (0.98, 0.82), (0.86, 1)],
        "footed": [(0.5, 0), (0.52, 0.12), (0.9, 0.24), (1.0, 0.5), (1.0, 1)],
    }.get(style, [(0.96, 0), (1.0, 0.03), (1.0, 1)])
    rim = profile[-1][0]
    inside = [(rim - 0.1, 1.0), (rim - 0.12, 0.86), (0.0, 0.86)]
    outer = [(0.0, 0.0), *profile, *inside]
    power = 5.0 if style == "square" else 2.0
    made.add(
        "main",
        lathe(
            [(r * radius, h * height) for r, h in outer],
            (0, 0, low),
            32,
            power,
            (0.92, 0.92) if style == "square" else (1, 1),
        ),
    )
    soil = lathe([(0, 0), ((rim - 0.115) * radius, 0), (0, 0.02)], (0, 0, low + 0.885 * height), 20, power)
    made.add("soil", soil)
    return low + 0.9 * height


def plant(rng: Generator) -> Assembly:
    """Return a houseplant in a pot: a fiddle-leaf fig, a monstera, a snake plant, a palm or a bush."""
    made = Assembly()
    grow = pick(rng, *_PLANTS)
    radius = between(rng, 0.17, 0.22)
    soil = _pot(made, rng, radius, radius * between(rng, 1.5, 1.9))
    grow(made, rng, soil, radius)
    return made


def _fiddle(made: Assembly, rng: Generator, soil: float, radius: float) -> None:
    """Return a trunk with large leaves in a spiral."""
    tall = between(rng, 0.7, 1.05)
    bend = between(rng, -0.06, 0.06)
    trunk = [(0.0, 0.0, soil - 0.02), (bend, 0.0, soil + 0.4 * tall), (0.6 * bend, 0.02, soil + tall)]
    made.add("soil", tube(trunk, (0.016, 0.013, 0.007), 7))
    leaves = []
    for index, t in enumerate(np.linspace(0.3, 1.0, 34)):
        size = between(rng, 0.24, 0.32) * (1.1 - 0.3 * t)
        leaf = blade(FIDDLE, size, size * 0.7, between(rng, 0.3, 0.9), 0.25)
        at = (bend * (1.4 * t * (1.3 - t)), 0.01, soil + tall * float(t))
        leaves.append(placed(leaf, at, index * 137.5, between(rng, 15, 40) + 35 * float(t) ** 3))
    made.add("leaf", leaves)


def _monstera(made: Assembly, rng: Generator, soil: float, radius: float) -> None:
    """Broad slit leaves on arching stems."""
    for index in range(13):
        heading = index * 137.5 + between(rng, -15, 15)
        reach, rise = between(rng, 0.1, 0.26), between(rng, 0.25, 0.68)
        tip = (reach * np.cos(np.deg2rad(heading)), reach * np.sin(np.deg2rad(heading)), soil + rise)
        middle = (tip[0] * 0.35, tip[1] * 0.35, soil + rise * 0.72)
        made.add("leaf", tube([(0.0, 0.0, soil - 0.01), middle, tip], 0.006, 5))
        made.add("leaf", placed(_slit_leaf(between(rng, 0.22, 0.32)), tip, heading, between(rng, -25, 20)))


def _slit_leaf(size: float) -> Mesh:
    """Return a heart with lobes along its rim, about a drooping midrib."""
    turn = np.linspace(-np.pi, np.pi, 41)
    heart = 0.52 + 0.2 * np.cos(turn) - 0.12 * np.exp(-(((np.abs(turn) - np.pi) / 0.35) ** 2))
    lobes = 1 - 0.22 * (np.cos(turn * 11) < -0.55) * (np.abs(turn) > 0.4)
    reach = size * heart * lobes
    rim = np.column_stack([0.36 * size + reach * np.cos(turn), reach * np.sin(turn), np.zeros_like(turn)])
    rim[:, 2] = 0.22 * np.abs(rim[:, 1]) - 0.5 * np.clip(rim[:, 0], 0, None) ** 2 / size
    middle = np.array([[0.36 * size, 0, -0.06 * size]])
    fan = np.array([(len(turn), i, i + 1) for i in range(len(turn) - 1)])
    return Mesh(np.concatenate([rim, middle]), fan)


def _snake(made: Assembly, rng: Generator, soil: float, radius: float) -> None:
    """Upright swords."""
    leaves = []
    for index in range(17):
        heading = index * 137.5
        out = radius * 0.62 * np.sqrt(index / 17)
        tall = between(rng, 0.38, 0.72) * (1.1 - 0.35 * index / 17)
        leaf = blade(SWORD, tall, between(rng, 0.055, 0.075), between(rng, -0.1, 0.12), 0.5)
        at = (out * np.cos(np.deg2rad(heading)), out * np.sin(np.deg2rad(heading)), soil - 0.01)
        leaves.append(placed(leaf, at, heading + 40, 90 - between(rng, 2, 14)))
    made.add("leaf", leaves)


def _palm(made: Assembly, rng: Generator, soil: float, radius: float) -> None:
    """Arching fronds of narrow leaflets."""
    for index in range(12):
        heading = index * 137.5 + between(rng, -12, 12)
        long, rise = between(rng, 0.55, 0.85), between(rng, 58, 82)
        frond = _frond(long, between(rng, 0.7, 1.3))
        made.add("leaf", placed(frond, (0.0, 0.0, soil), heading, rise))


def _frond(length: float, droop: float) -> Mesh:
    t = np.linspace(0, 1, 12)
    angle = droop * t**1.3
    step = length / 11
    x = np.concatenate([[0], np.cumsum(step * np.cos(angle[1:]))])
    z = -np.concatenate([[0], np.cumsum(step * np.sin(angle[1:]))])
    rib = np.column_stack([x, 0 * x, z])
    leaflets = [tube(rib, np.linspace(0.006, 0.002, 12).tolist(), 4)]
    for index in range(3, 12):
        size = 0.24 * length * (1.2 - abs(t[index] - 0.55) * 1.2)
        leaf = blade(OVAL, size, 0.035, 0.6, 0.3)
        for side in (-1, 1):
            turned = leaf.turned("y", float(np.degrees(angle[index])) * 0.7).turned("z", side * 52)
            leaflets.append(turned.moved(*(float(value) for value in rib[index])))
    return join(leaflets)


def _bush(made: Assembly, rng: Generator, soil: float, radius: float) -> None:
    """Return a ball of many small leaves on a few stems."""
    high = between(rng, 0.22, 0.3)
    stemmed = between(rng, 0.3, 0.5) if chance(rng, 0.4) else 0.0
    if stemmed:
        made.add("soil", tube([(0, 0, soil - 0.01), (0, 0, soil + stemmed + 0.1)], 0.014, 7))
    centre = soil + stemmed + high * 0.75
    leaves = []
    for index in range(130):
        height = 1 - 2 * (index + 0.5) / 130
        if height < -0.75:
            continue
        heading = index * 137.5
        flat = np.sqrt(1 - height**2)
        grow = between(rng, 0.42, 1.0) * high
        at = (
            grow * flat * np.cos(np.deg2rad(heading)),
            grow * flat * np.sin(np.deg2rad(heading)),
            centre + grow * height,
        )
        leaf = blade(OVAL, between(rng, 0.09, 0.13), 0.06, 0.8, 0.3)
        leaves.append(placed(leaf, at, heading + between(rng, -50, 50), 50 * height + between(rng, -20, 20)))
    made.add("leaf", leaves)
    made.add("leaf", ellipsoid((high * 0.8, high * 0.8, high * 0.8), (0, 0, centre - high * 0.4), 10))


_Growth = Callable[[Assembly, Generator, float, float], None]
_PLANTS: tuple[_Growth, ...] = (_fiddle, _monstera, _snake, _palm, _bush)
