"""Pictures, mirrors and clocks; their backs are at y = 0 before they are centred."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from ..parts import Role
from .draws import between, chance, pick
from .mesh import Array, Assembly, Mesh
from .primitives import box, ellipsoid, prism, ring, rounded_rectangle


def _upright(mesh: Mesh, y: float = 0.0) -> Mesh:
    """Stand up a plate that lies on z = 0, so that its upper side looks to -y and its lower is at `y`."""
    return mesh.turned("x", 90).moved(0, y, 0)


def _frame(width: float, height: float, rim: float, deep: float) -> list[Mesh]:
    """Four mitreless bars about an opening of width and height, about the origin."""
    long = [
        box((width + 2 * rim, deep, rim), (0, -deep / 2, z), 0.006) for z in (height / 2, -height / 2 - rim)
    ]
    return long + [
        box((rim, deep, height), (s * (width + rim) / 2, -deep / 2, -height / 2), 0.006) for s in (-1, 1)
    ]


def picture(rng: Generator) -> Assembly:
    """Return a framed picture, matted or not; main is the art's ground, "art" and "paper" its figures."""
    made = Assembly()
    width, height = pick(rng, (0.5, 0.7), (0.7, 0.5), (0.6, 0.6), (0.9, 0.62), (0.62, 0.9))
    scale = between(rng, 0.9, 1.15)
    width, height = width * scale, height * scale
    rim, deep = between(rng, 0.016, 0.03), 0.03
    mat = between(rng, 0.03, 0.05) if chance(rng, 0.4) else 0.0
    made.add("frame", _frame(width, height, rim, deep))
    if mat:
        made.add("paper", box((width, 0.01, height), (0, -0.008, -height / 2), 0.0005))
    wide, tall = width - 2 * mat, height - 2 * mat
    made.add("main", box((wide, 0.012, tall), (0, -0.010, -tall / 2), 0.0005).flat_uv(0, 2))
    pick(rng, _hills, _discs, _blocks, _stems)(made, rng, wide, tall)
    return made


def _shape(outline: Array, layer: int) -> Mesh:
    """Return a thin figure on the art's ground; a higher layer lies over a lower."""
    return _upright(prism(outline, 0.0015, bevel=0.0002), -0.0155 - 0.0012 * layer)


def _circle(radius: float, x: float, z: float) -> Array:
    turn = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    return np.column_stack([x + radius * np.cos(turn), z + radius * np.sin(turn)])


def _hills(made: Assembly, rng: Generator, width: float, height: float) -> None:
    """Return a sun over ranges of hills."""
    size = min(width, height)
    sun = _circle(
        size * between(rng, 0.11, 0.17), between(rng, -0.2, 0.2) * width, height * between(rng, 0.12, 0.26)
    )
    made.add("paper", _shape(sun, 0))
    ranges: tuple[tuple[float, Role], ...] = ((-0.2, "art"), (-0.36, "frame"))
    for layer, (base, role) in enumerate(ranges):
        x = np.linspace(-0.5, 0.5, 21) * width
        ridge = base * height + 0.07 * height * np.sin(x / width * between(rng, 5, 9) + between(rng, 0, 6))
        low = np.array([(width / 2, -height / 2), (-width / 2, -height / 2)])
        outline = np.concatenate([np.column_stack([x, ridge])[::-1], low[::-1]])
        made.add(role, _shape(outline, layer + 1))


def _discs(made: Assembly, rng: Generator, width: float, height: float) -> None:
    """Overlapping discs."""
    size = min(width, height)
    roles: tuple[Role, ...] = ("art", "paper", "frame")
    for layer, role in enumerate(roles):
        radius = size * between(rng, 0.08, 0.19)
        x, z = between(rng, -0.25, 0.25) * width, between(rng, -0.27, 0.27) * height
        made.add(role, _shape(_circle(radius, x, z), layer))


def _blocks(made: Assembly, rng: Generator, width: float, height: float) -> None:
    """Fields of colour."""
    cut = between(rng, -0.25, -0.08) * height
    made.add("art", _field(width * 0.8, -0.4 * height, cut))
    if chance(rng, 0.6):
        made.add("paper", _field(width * 0.8, 0.24 * height, 0.4 * height))


def _field(width: float, low: float, high: float) -> Mesh:
    return _shape(rounded_rectangle(width, high - low, 0.02), 0).moved(z=(low + high) / 2)


def _stems(made: Assembly, rng: Generator, width: float, height: float) -> None:
    """Return a branch with leaves."""
    size = min(width, height)
    stem = np.array([(-0.006, -0.42), (0.006, -0.42), (0.006, 0.36), (-0.006, 0.36)]) * height
    made.add("paper", _shape(stem, 0))
    leaf = _circle(1.0, 0, 0) * (0.17 * size, 0.07 * size)
    for row, level in enumerate(np.linspace(-0.22, 0.34, 6) * height):
        side = 1 if row % 2 else -1
        cos, sin = np.cos(0.6), np.sin(0.6)
        turned = leaf @ np.array([[cos, sin], [-sin, cos]]) * (side, 1)
        figure = _shape(turned[::side], 0).moved(side * 0.15 * size, 0, float(level))
        made.add("art" if row % 3 else "paper", figure)


def mirror(rng: Generator) -> Assembly:
    """Return a mirror: round, oval, rectangular, rounded or arched."""
    made = Assembly()
    style = pick(rng, "round", "rectangle", "arch", "pill", "round")
    width = between(rng, 0.5, 0.75)
    height = width if style == "round" else width * between(rng, 1.35, 1.7)
    rim, deep = between(rng, 0.05, 0.085), 0.03
    outline = _mirror_outline(style, width, height)
    grown = _mirror_outline(style, width + 2 * rim, height + 2 * rim)
    made.add("main", _upright(ring(outline, grown, deep)))
    made.add("main", _upright(prism(grown, 0.008, bevel=0.002)))
    made.add("mirror", _upright(prism(outline, 0.008, bevel=0.001), -0.008))
    return made


def _mirror_outline(style: str, width: float, height: float) -> Array:
    if style == "round":
        return _circle(width / 2, 0, 0)
    if style == "rectangle":
        return rounded_rectangle(width, height, 0.015, 3)
    if style == "pill":
        return rounded_rectangle(width, height, width * 0.49, 10)
    turn = np.linspace(0, np.pi, 21)
    arch = np.column_stack([np.cos(turn), np.sin(turn)]) * width / 2 + (0, (height - width) / 2)
    foot = np.array([(-width / 2, -height / 2), (width / 2, -height / 2)])
    return np.concatenate([arch, foot])


def clock(rng: Generator) -> Assembly:
    """Return a wall clock with hands and marks, round or rounded square."""
    made = Assembly()
    radius = between(rng, 0.15, 0.21)
    style = pick(rng, "round", "round", "square", "rays")
    face = radius * between(rng, 0.7, 0.78)
    outer = _square_ring(radius) if style == "square" else _circle(radius, 0, 0)
    inner = outer * (face / radius)
    made.add("main", _upright(ring(inner, outer, 0.04)))
    made.add("main", _upright(prism(outer, 0.01, bevel=0.002)))
    made.add("paper", _upright(prism(inner, 0.008, bevel=0.001), -0.01))
    if style == "rays":
        made.add("main", [_ray(radius, angle) for angle in range(0, 360, 20)])
    _dial(made, rng, face)
    return made


def _square_ring(radius: float) -> Array:
    return rounded_rectangle(2 * radius, 2 * radius, 0.35 * radius, 6)


def _ray(radius: float, angle: float) -> Mesh:
    long = radius * (0.55 if angle % 40 else 0.35)
    return box((0.018, 0.014, long), (0, -0.01, radius * 0.97), 0.004).turned("y", angle)


def _dial(made: Assembly, rng: Generator, face: float) -> None:
    """Hour marks, two hands and a hub, in front of the face."""
    for hour in range(12):
        long = face * (0.2 if hour % 3 == 0 else 0.11)
        mark = box((face * 0.055, 0.003, long), (0, -0.0195, face * 0.93 - long), 0.0005)
        made.add("screen", mark.turned("y", hour * 30))
    minute = between(rng, 0, 360)
    hour_angle = 30 * float(rng.integers(12)) + minute / 12
    for angle, long, wide, y in ((minute, 0.82, 0.05, -0.026), (hour_angle, 0.55, 0.075, -0.023)):
        hand = box((face * wide, 0.003, face * long), (0, y, -0.1 * face), 0.0005)
        made.add("screen", hand.turned("y", angle))
    made.add("screen", ellipsoid((face * 0.14, 0.016, face * 0.14), (0, -0.024, -face * 0.07), 10))
