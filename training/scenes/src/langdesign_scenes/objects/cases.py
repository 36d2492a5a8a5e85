"""Nightstands, dressers, wardrobes and cabinets."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from .draws import between, chance, pick
from .legs import handle, legs
from .mesh import Assembly, Point
from .primitives import block, box

_FRONT = 0.02  # thickness of a door or a drawer's front
_GAP = 0.012  # between fronts: wide enough to be seen across a room


def _carcass(made: Assembly, rng: Generator, width: float, depth: float, height: float) -> float:
    """Add a closed body on a plinth or legs, its top overhanging or not; return where fronts start."""
    stand = pick(rng, "plinth", "tapered", "splayed", "square", "bun", "sled")
    low = 0.06 if stand == "plinth" else between(rng, 0.09, 0.18)
    if stand == "plinth":
        made.add("frame", box((width - 0.06, depth - 0.06, low), (0, 0.01, 0)))
    else:
        made.add("frame", legs(stand, width - 0.03, depth - 0.05, low + 0.002, 0.045))
    slab = 0.028 if chance(rng, 0.6) else 0.0
    made.add("main", box((width, depth, height - low - slab), (0, 0, low), 0.005))
    if slab:
        made.add("main", box((width + 0.03, depth + 0.03, slab), (0, -0.005, height - slab), 0.008))
    made.top = (0.9 * width, 0.85 * depth, height)
    return low


def _front(made: Assembly, size: tuple[float, float], at: Point, style: str) -> None:
    """Return a front whose lower middle is `at` on the carcass: flat, framed or louvred."""
    width, height = size
    x, y, z = at
    made.add("frame", block((width + _GAP, 0.003, height + _GAP), (x, y - 0.0015, z - _GAP / 2)))
    made.add("main", box((width, _FRONT, height), (x, y - _FRONT / 2, z), 0.005))
    if style == "framed" and min(size) > 0.15:
        rim, y = 0.05, y - _FRONT - 0.004
        made.add(
            "main", [box((rim, 0.012, height), (x + s * (width - rim) / 2, y, z), 0.003) for s in (-1, 1)]
        )
        rails = [z, z + height - rim]
        made.add("main", [box((width - 2 * rim, 0.012, rim), (x, y, r), 0.003) for r in rails])
    elif style == "louvred" and min(size) > 0.15:
        count = min(16, round((height - 0.06) / 0.05))  # more would not be told apart
        rows = np.linspace(z + 0.04, z + height - 0.06, count)
        slat = box((width - 0.07, 0.022, 0.55 * (height - 0.1) / count), (0, 0, 0), 0.004)
        made.add("main", [slat.moved(x, y - _FRONT - 0.004, float(row)) for row in rows])


def _drawers(
    made: Assembly,
    rows: int,
    columns: int,
    area: tuple[float, float, float, float],
    y: float,
    look: tuple[str, str],
) -> None:
    """Drawers over an area (left, bottom, width, height) of the front at `y`."""
    left, bottom, width, height = area
    style, grip = look
    wide, tall = width / columns, height / rows
    for row in range(rows):
        for column in range(columns):
            x, z = left + wide * (column + 0.5), bottom + tall * row
            _front(made, (wide - _GAP, tall - _GAP), (x, y, z + _GAP / 2), style)
            spread = (-0.25 * wide, 0.25 * wide) if wide > 0.6 and grip in {"knob", "ring"} else (0.0,)
            for offset in spread:
                made.add(
                    "metal", handle(grip, (x + offset, y - _FRONT, z + tall * 0.55), min(0.3 * wide, 0.16))
                )


def _doors(
    made: Assembly, count: int, area: tuple[float, float, float, float], y: float, look: tuple[str, str]
) -> None:
    """Doors over an area (left, bottom, width, height) of the front at `y`, hinged in pairs."""
    left, bottom, width, height = area
    style, grip = look
    wide = width / count
    for index in range(count):
        x = left + wide * (index + 0.5)
        _front(made, (wide - _GAP, height - _GAP), (x, y, bottom + _GAP / 2), style)
        side = 1 if index % 2 == 0 else -1
        z = bottom + height * (0.5 if height > 1.0 else 0.68)
        long = 0.26 if height > 1.0 else 0.14
        depth = y - _FRONT - (0.01 if style == "framed" else 0.0)
        made.add("metal", handle(grip, (x + side * (wide / 2 - 0.045), depth, z), long, upright=True))


def _look(rng: Generator) -> tuple[str, str]:
    return pick(rng, "flat", "flat", "framed", "louvred"), pick(rng, "knob", "bar", "pull", "ring")


def nightstand(rng: Generator) -> Assembly:
    """Return a nightstand with drawers, or with one drawer over an open shelf."""
    made = Assembly()
    width, depth, height = between(rng, 0.42, 0.55), between(rng, 0.36, 0.42), between(rng, 0.48, 0.58)
    style, grip = pick(rng, "flat", "flat", "framed"), pick(rng, "knob", "bar", "pull", "ring")
    if chance(rng, 0.4):
        return _open_nightstand(made, rng, (width, depth, height), (style, grip))
    low = _carcass(made, rng, width, depth, height)
    area = (-width / 2 + 0.012, low + 0.01, width - 0.024, height - low - 0.045)
    _drawers(made, pick(rng, 1, 2, 2, 3), 1, area, -depth / 2, (style, grip))
    return made


def _open_nightstand(made: Assembly, rng: Generator, size: Point, look: tuple[str, str]) -> Assembly:
    width, depth, height = size
    made.add("main", legs(pick(rng, "square", "tapered"), width - 0.02, depth - 0.02, height - 0.02, 0.04))
    made.add("main", box((width, depth, 0.025), (0, 0, height - 0.025), 0.006))
    made.add("main", box((width - 0.04, depth - 0.03, 0.14), (0, 0, height - 0.165), 0.004))
    _drawers(made, 1, 1, (-width / 2 + 0.03, height - 0.16, width - 0.06, 0.13), -depth / 2 + 0.015, look)
    made.add("main", box((width - 0.03, depth - 0.03, 0.02), (0, 0, 0.14), 0.004))
    if chance(rng, 0.7):
        made.add("paper", box((0.2, 0.15, 0.03), (0.02, 0, 0.16), 0.003).turned("z", 12))
        made.add("art", box((0.21, 0.16, 0.024), (0.01, 0, 0.19), 0.003).turned("z", -6))
    made.top = (0.9 * width, 0.85 * depth, height)
    return made


def dresser(rng: Generator) -> Assembly:
    """Return a chest of drawers, low and wide or tall and narrow."""
    made = Assembly()
    tall = chance(rng, 0.35)
    width = between(rng, 0.72, 0.9) if tall else between(rng, 1.1, 1.5)
    height = between(rng, 1.0, 1.2) if tall else between(rng, 0.74, 0.9)
    depth = between(rng, 0.42, 0.48)
    low = _carcass(made, rng, width, depth, height)
    area = (-width / 2 + 0.014, low + 0.012, width - 0.028, height - low - 0.05)
    look = pick(rng, "flat", "flat", "framed"), pick(rng, "knob", "bar", "pull", "ring")
    _drawers(made, pick(rng, 4, 5) if tall else 3, 1 if tall else pick(rng, 2, 2, 3), area, -depth / 2, look)
    return made


def wardrobe(rng: Generator) -> Assembly:
    """Return a wardrobe of two to four doors, some with drawers below."""
    made = Assembly()
    count = pick(rng, 2, 2, 3, 4)
    width, depth, height = count * between(rng, 0.44, 0.52), between(rng, 0.55, 0.62), between(rng, 1.9, 2.15)
    low = _carcass(made, rng, width, depth, height)
    look = _look(rng)
    split = between(rng, 0.28, 0.45) if chance(rng, 0.4) else 0.0
    left, wide = -width / 2 + 0.014, width - 0.028
    if split:
        _drawers(
            made, 1, max(1, count // 2), (left, low + 0.012, wide, split), -depth / 2, (look[0], look[1])
        )
    bottom = low + 0.012 + split
    _doors(made, count, (left, bottom, wide, height - bottom - 0.04), -depth / 2, look)
    made.top = None
    return made


def cabinet(rng: Generator) -> Assembly:
    """Return a sideboard or a tall cabinet: doors, with drawers or an open shelf between."""
    made = Assembly()
    tall = chance(rng, 0.3)
    width = between(rng, 0.75, 0.95) if tall else between(rng, 1.1, 1.6)
    height = between(rng, 1.15, 1.4) if tall else between(rng, 0.72, 0.88)
    depth = between(rng, 0.38, 0.45)
    low = _carcass(made, rng, width, depth, height)
    look = _look(rng)
    left, wide, bottom = -width / 2 + 0.014, width - 0.028, low + 0.012
    rise = height - bottom - 0.04
    if tall:
        strip = 0.18
        _drawers(made, 1, 1, (left, bottom, wide, strip), -depth / 2, (look[0], look[1]))
        _doors(made, 2, (left, bottom + strip, wide, rise - strip), -depth / 2, look)
    elif chance(rng, 0.5):
        third = wide / 3
        plain = "framed" if look[0] == "framed" else "flat"
        _doors(made, 1, (left, bottom, third, rise), -depth / 2, look)
        _drawers(made, 3, 1, (left + third, bottom, third, rise), -depth / 2, (plain, look[1]))
        _doors(made, 1, (left + 2 * third, bottom, third, rise), -depth / 2, look)
    else:
        _doors(made, 2 if width < 1.25 else 4, (left, bottom, wide, rise), -depth / 2, look)
    return made
