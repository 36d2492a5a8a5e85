"""Bookshelves and wall shelves, with what stands on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from ..parts import Role
from .draws import between, chance, pick
from .mesh import Assembly, Mesh
from .primitives import block, box, cylinder, ellipsoid, lathe, tube

_BOOKS: tuple[Role, ...] = ("art", "paper", "cushion", "frame")


def _books(
    made: Assembly, rng: Generator, left: float, right: float, z: float, tall: float, depth: float
) -> None:
    """Return a row of books on a board, standing from `left` to `right`, the last perhaps leaning."""
    x = left
    while x < right - 0.03:
        thick = between(rng, 0.02, 0.05)
        size = (thick, depth * between(rng, 0.6, 0.8), tall * between(rng, 0.62, 0.9))
        made.add(pick(rng, *_BOOKS), block(size, (x + thick / 2, 0.1 * depth, z)))
        x += thick + 0.002


def _ornament(made: Assembly, rng: Generator, x: float, z: float, tall: float) -> None:
    """Return a small thing on a board: a bowl, a vase, a box, a potted plant or a ball."""
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
    """Return a bookcase, closed at the back or open on a metal frame, with books and a few things."""
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
        made.add("main", [box((side, side, height), (x, y, 0), 0.003) for x, y in posts])
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
    width, depth, thick = between(rng, 0.75, 1.15), between(rng, 0.2, 0.26), between(rng, 0.035, 0.05)
    rows = pick(rng, 1, 2, 2)
    support = pick(rng, "brackets", "hidden", "sides") if rows == 2 else pick(rng, "brackets", "hidden")
    for row in range(rows):
        z = 0.34 * row
        made.add("main", box((width, depth, thick), (0, 0, z), 0.006))
        if support == "brackets":
            made.add("metal", [_bracket(s * 0.34 * width, z, depth) for s in (-1, 1)])
        _load(made, rng, width, depth, z + thick)
    if support == "sides":
        tall = 0.34 + thick + 0.28
        made.add("main", box((width, 0.012, tall), (0, depth / 2 - 0.006, 0), 0.001))
        made.add("main", [box((thick, depth, tall), (s * (width + thick) / 2, 0, 0), 0.005) for s in (-1, 1)])
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
    _books(made, rng, ends[0], ends[1], z, 0.25, depth)
    _ornament(made, rng, -side * half * between(rng, 0.4, 0.75), z, 0.26)
