"""Vases and baskets."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from .draws import between, pick
from .leaves import OVAL, blade, placed
from .mesh import Array, Assembly, Mesh
from .primitives import cushion, ellipsoid, lathe, tube

_VASES: dict[str, tuple[tuple[float, float], ...]] = {
    "amphora": ((0.35, 0), (0.4, 0.03), (0.85, 0.35), (1.0, 0.58), (0.8, 0.8), (0.42, 0.9), (0.5, 1.0)),
    "bottle": ((0.8, 0), (0.85, 0.03), (0.95, 0.3), (0.8, 0.52), (0.35, 0.7), (0.3, 0.9), (0.38, 1.0)),
    "cylinder": ((0.68, 0), (0.72, 0.02), (0.72, 0.98), (0.7, 1.0)),
    "bulb": ((0.4, 0), (0.6, 0.05), (0.98, 0.32), (0.95, 0.5), (0.5, 0.74), (0.4, 0.86), (0.55, 1.0)),
    "flare": ((0.5, 0), (0.55, 0.03), (0.42, 0.3), (0.5, 0.6), (0.9, 1.0)),
}
"""Radius over the widest and height over the vase's."""


def vase(rng: Generator) -> Assembly:
    """Return a vase, some with stems, leaves or dry blossoms."""
    made = Assembly()
    tall = between(rng, 0.22, 0.34)
    wide = tall * between(rng, 0.26, 0.4)
    profile = _VASES[pick(rng, *sorted(_VASES))]
    neck = profile[-1][0] * wide
    outer = [(0.0, 0.0), *((r * wide, h * tall) for r, h in profile)]
    inner = [(neck - 0.006, tall), (neck * 0.7, tall * 0.85), (0, tall * 0.8)]
    made.add("main", lathe([*outer, *inner], segments=26))
    style = pick(rng, "empty", "leaves", "blossoms", "grass")
    if style != "empty":
        _bouquet(made, rng, style, neck, tall)
    return made


def _bouquet(made: Assembly, rng: Generator, style: str, neck: float, tall: float) -> None:
    for index in range(7):
        heading = index * 137.5
        lean = between(rng, 0.03, 0.12)
        high = tall * between(rng, 0.55, 0.95)
        way = np.array((np.cos(np.deg2rad(heading)), np.sin(np.deg2rad(heading)), 0.0))
        foot = 0.4 * neck * way + (0, 0, 0.82 * tall)
        tip = way * (0.6 * neck + lean) + (0, 0, tall + high)
        bend = 0.5 * (foot + tip) - 0.3 * lean * way
        made.add("leaf", tube([foot, bend, tip], 0.0035, 5))
        if style == "blossoms":
            made.add("art", ellipsoid((0.055, 0.055, 0.05), tuple((tip - (0, 0, 0.025)).tolist()), 8))
        elif style == "grass":
            plume = tube(
                [tip - (0, 0, 0.07), tip, tip + 0.2 * lean * way + (0, 0, 0.08)], (0.006, 0.02, 0.003), 6
            )
            made.add("paper", plume)
        else:
            _sprig(made, foot, tip, heading)


def _sprig(made: Assembly, foot: Array, tip: Array, heading: float) -> None:
    for row, t in enumerate(np.linspace(0.45, 1.0, 5)):
        at = tuple((foot + (tip - foot) * t).tolist())
        made.add("leaf", placed(blade(OVAL, 0.07, 0.036, 0.5, 0.3), at, heading + 90 * row, 25))


def basket(rng: Generator) -> Assembly:
    """Return a basket of woven ribs, round or square, some with handles, a lid or a blanket in it."""
    made = Assembly()
    radius, tall = between(rng, 0.17, 0.24), between(rng, 0.28, 0.42)
    power = pick(rng, 2.0, 2.0, 4.0)
    belly = pick(rng, 0.0, 0.12, -0.1)
    rim = _woven(made, radius, tall, power, belly)
    extra = pick(rng, "handles", "handles", "blanket", "lid", "plain")
    if extra == "handles":
        made.add("main", [_loop_handle(s * (rim + 0.002), tall + 0.01) for s in (-1, 1)])
    elif extra == "blanket":
        made.add("cushion", _stuffed(rim * 1.7, tall))
    elif extra == "lid":
        lid = [
            (0, tall + 0.01),
            (rim + 0.012, tall + 0.01),
            (rim + 0.012, tall + 0.03),
            (0.5 * rim, tall + 0.045),
            (0, tall + 0.05),
        ]
        made.add("main", lathe(lid, segments=32, power=power))
        made.add("main", ellipsoid((0.05, 0.05, 0.04), (0, 0, tall + 0.045), 10))
    return made


def _woven(made: Assembly, radius: float, tall: float, power: float, belly: float) -> float:
    """Weave a basket's wall, its strands before and behind the stakes by turns; return its rim's radius."""
    rows, step = round(tall / 0.028), tall / round(tall / 0.028)
    shares = (np.arange(rows) + 0.5) / rows
    base = radius * (1 + belly * np.sin(np.pi * shares) - 0.12 * (1 - shares))
    wall = [(r + bulge, z + lift) for r, z in zip(base.tolist(), (shares * tall).tolist(), strict=True)
            for bulge, lift in ((-0.005, -0.45 * step), (0.0, 0.0), (-0.005, 0.45 * step))]  # fmt: skip
    rim = float(base[-1])
    lip = [(rim, tall), (rim + 0.008, tall + 0.012), (rim - 0.012, tall + 0.02), (rim - 0.022, tall)]
    inside = [(rim - 0.03, 0.3 * tall), (0.0, 0.28 * tall)]
    mesh = lathe([(0, 0), *wall, *lip, *inside], segments=48, power=power)
    angle = np.arctan2(mesh.vertices[:, 1], mesh.vertices[:, 0])
    row = np.floor(mesh.vertices[:, 2] / step)
    outside = np.hypot(mesh.vertices[:, 0], mesh.vertices[:, 1]) > 0.5 * radius
    pass_by = 1 + np.where(
        outside & (mesh.vertices[:, 2] < tall), 0.022 * np.cos(12 * angle + np.pi * row), 0
    )
    scale = np.column_stack([pass_by, pass_by, np.ones_like(pass_by)])
    made.add("main", Mesh(mesh.vertices * scale, mesh.faces))
    return rim


def _loop_handle(x: float, z: float) -> Mesh:
    turn = np.linspace(0, np.pi, 9)
    return tube(
        np.column_stack([np.full(9, x), 0.06 * np.cos(turn), z - 0.02 + 0.075 * np.sin(turn)]), 0.01, 7
    )


def _stuffed(width: float, tall: float) -> list[Mesh]:
    fold = cushion((width, width * 0.8, 0.12), (0, 0, tall - 0.06), 0.055, (0, 0, 0.02))
    return [
        fold,
        cushion((width * 0.8, width * 0.3, 0.07), (0.01, -0.02, tall + 0.045), 0.033, (0, 0, 0.012)).turned(
            "z", 15
        ),
    ]
