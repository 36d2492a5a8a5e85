"""Nightstands, dressers, wardrobes, cabinets, bookshelves and shelves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from .draws import between, chance, pick
from .legs import handle, legs
from .mesh import Assembly, Mesh, Point
from .primitives import block, box, cylinder, ellipsoid, lathe, tube

_FRONT = 0.02  # thickness of a door or a drawer's front
_GAP = 0.012  # between fronts: wide enough to be seen across a room


def _carcass(made: Assembly, rng: Generator, width: float, depth: float, height: float) -> float:
    """A closed body on a plinth or legs, with an overhanging top or none; return where its fronts start."""
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
    """A front of width and height whose lower middle is `at` on the carcass: flat, framed or louvred."""
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
        count = round((height - 0.06) / 0.045)
        rows = np.linspace(z + 0.04, z + height - 0.06, count)
        slat = box((width - 0.07, 0.022, 0.024), (0, 0, 0), 0.004)
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
    """A nightstand with drawers, or with one drawer over an open shelf."""
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
    """A chest of drawers, low and wide or tall and narrow."""
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
    """A wardrobe of two to four doors, some with drawers below."""
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
    """A sideboard or a tall cabinet: doors, with drawers or an open shelf between."""
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


_BOOKS = ("art", "paper", "cushion", "frame")


def _books(
    made: Assembly, rng: Generator, left: float, right: float, z: float, tall: float, depth: float
) -> None:
    """A row of books on a board, standing from `left` to `right`, the last perhaps leaning."""
    x = left
    while x < right - 0.03:
        thick = between(rng, 0.02, 0.05)
        size = (thick, depth * between(rng, 0.6, 0.8), tall * between(rng, 0.62, 0.9))
        made.add(pick(rng, *_BOOKS), block(size, (x + thick / 2, 0.1 * depth, z)))
        x += thick + 0.002


def _ornament(made: Assembly, rng: Generator, x: float, z: float, tall: float) -> None:
    """A small thing on a board: a bowl, a vase, a box, a potted plant or a ball."""
    kind = pick(rng, "vase", "box", "bowl", "plant", "stack")
    size = min(tall * 0.75, 0.22)
    if kind == "vase":
        profile = [(0, 0), (0.2, 0), (0.34, 0.3), (0.3, 0.6), (0.12, 0.8), (0.16, 1.0), (0, 0.98)]
        made.add("cushion", lathe([(r * size, h * size) for r, h in profile], (x, 0, z), 14))
    elif kind == "box":
        made.add("paper", box((size, size * 0.8, size * 0.6), (x, 0, z), 0.004))
    elif kind == "bowl":
        profile = [(0, 0), (0.25, 0), (0.55, 0.3), (0.6, 0.42), (0.55, 0.42), (0, 0.12)]
        made.add("cushion", lathe([(r * size, h * size) for r, h in profile], (x, 0, z), 16))
    elif kind == "plant":
        made.add("paper", cylinder(0.045, 0.08, (x, 0, z), top=0.055, segments=14))
        blobs = [
            ellipsoid((0.1, 0.1, 0.09), (x + dx, dy, z + h), 8)
            for dx, dy, h in ((-0.03, 0, 0.07), (0.035, 0.02, 0.08), (0, -0.03, 0.11))
        ]
        made.add("leaf", blobs)
    else:
        for row in range(3):
            book = block((0.2, 0.15, 0.028), (0, 0, z + 0.029 * row)).turned("z", between(rng, -8, 8))
            made.add(_BOOKS[row], book.moved(x))


def bookshelf(rng: Generator) -> Assembly:
    """A bookcase, closed at the back or open on a metal frame, with books and a few things."""
    made = Assembly()
    width, depth, height = between(rng, 0.7, 1.05), between(rng, 0.28, 0.34), between(rng, 1.5, 2.0)
    count = round(height / between(rng, 0.34, 0.4))
    board, low = 0.026, between(rng, 0.04, 0.1)
    airy = chance(rng, 0.3)
    side = 0.028 if airy else board
    if airy:
        posts = [
            (x, y)
            for x in (-width / 2 + side / 2, width / 2 - side / 2)
            for y in (-depth / 2 + side / 2, depth / 2 - side / 2)
        ]
        made.add("metal", [box((side, side, height), (x, y, 0), 0.003) for x, y in posts])
    else:
        made.add("main", [box((side, depth, height), (s * (width - side) / 2, 0, 0), 0.004) for s in (-1, 1)])
        made.add("main", box((width - 0.01, 0.012, height - low), (0, depth / 2 - 0.007, low), 0.001))
    levels = np.linspace(low, height - board, count + 1)
    span = width - (0 if airy else 2 * side)
    made.add("main", [box((span, depth - 0.004, board), (0, 0, float(z)), 0.004) for z in levels])
    for z in levels[:-1]:
        _fill(made, rng, float(z) + board, float(levels[1] - levels[0]) - board, width / 2 - 0.04, depth)
    return made


def _fill(made: Assembly, rng: Generator, z: float, tall: float, half: float, depth: float) -> None:
    """Put books, books and an ornament, or two ornaments on one board."""
    style = pick(rng, "books", "left", "right", "things")
    cut = between(rng, -0.1, 0.3) * half
    if style in {"books", "left"}:
        _books(made, rng, -half, half * between(rng, 0.6, 1) if style == "books" else cut, z, tall, depth)
    if style == "right":
        _books(made, rng, -cut, half, z, tall, depth)
    if style in {"left", "right", "things"}:
        side = 1 if style == "left" else -1
        _ornament(made, rng, side * half * 0.62, z, tall)
    if style == "things":
        _ornament(made, rng, half * 0.45, z, tall)


def shelf(rng: Generator) -> Assembly:
    """One or two boards on the wall on brackets or without, with a few things on them."""
    made = Assembly()
    width, depth, thick = between(rng, 0.75, 1.15), between(rng, 0.19, 0.25), between(rng, 0.028, 0.045)
    rows = pick(rng, 1, 2, 2)
    support = pick(rng, "brackets", "hidden", "sides") if rows == 2 else pick(rng, "brackets", "hidden")
    for row in range(rows):
        z = 0.34 * row
        made.add("main", box((width, depth, thick), (0, 0, z), 0.006))
        if support == "brackets":
            made.add("metal", [_bracket(s * 0.34 * width, z, depth) for s in (-1, 1)])
        _load(made, rng, width, depth, z + thick)
    if support == "sides":
        tall = 0.34 + thick + 0.18
        made.add(
            "main", [box((thick, depth, tall), (s * (width + thick) / 2, 0, -0.02), 0.005) for s in (-1, 1)]
        )
    return made


def _bracket(x: float, z: float, depth: float) -> Mesh:
    back, front = depth / 2 - 0.008, -depth * 0.3
    return tube(
        [
            (x, back, z - 0.14),
            (x, back - 0.01, z - 0.11),
            (x, front, z - 0.012),
            (x, front - 0.02, z - 0.006),
        ],
        0.009,
        6,
    )


def _load(made: Assembly, rng: Generator, width: float, depth: float, z: float) -> None:
    half = width / 2 - 0.08
    side = pick(rng, -1, 1)
    ends: Sequence[float] = (-half, -half * 0.35) if side < 0 else (half * 0.35, half)
    _books(made, rng, ends[0], ends[1], z, 0.27, depth)
    _ornament(made, rng, -side * half * 0.75, z, 0.28)
    if chance(rng, 0.6):
        _ornament(made, rng, -side * half * 0.2, z, 0.24)
