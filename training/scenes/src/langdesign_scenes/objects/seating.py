"""Chairs, stools and benches."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.random import Generator

from .draws import between, chance, pick, stand_role
from .legs import legs
from .mesh import Array, Assembly, Mesh
from .primitives import box, cushion, cylinder, prism, rounded_rectangle, shell, tube


def chair(rng: Generator) -> Assembly:
    """Return a dining chair: a shell, an upholstered one, or of wood with slats, spindles or a panel."""
    width, depth = between(rng, 0.43, 0.5), between(rng, 0.43, 0.49)
    seat, height = between(rng, 0.44, 0.47), between(rng, 0.8, 0.96)
    build = pick(rng, _shell_chair, _upholstered_chair, _slat_chair, _slat_chair, _round_chair)
    return build(rng, width, depth, seat, height)


def _shell_chair(rng: Generator, width: float, depth: float, seat: float, height: float) -> Assembly:
    """One bent plate, as of moulded plastic or plywood."""
    made = Assembly()
    curve = _seat_curve(depth, seat, min(height, 0.86), between(rng, 10, 18))
    across = np.linspace(-1, 1, 11)
    grid = np.empty((len(across), len(curve), 3))
    t = np.linspace(0, 1, len(curve))
    waist = 1 - 0.1 * np.exp(-(((t - 0.52) / 0.12) ** 2)) - 0.22 * np.clip((t - 0.8) / 0.2, 0, 1) ** 2
    nose = 1 - 0.12 * np.clip((0.12 - t) / 0.12, 0, 1) ** 2
    half = 0.52 * width * waist * nose
    cup = between(rng, 0.02, 0.055)
    grid[..., 0] = across[:, None] * half
    grid[..., 1] = curve[:, 0] - cup * across[:, None] ** 2 * np.clip((t - 0.5) / 0.3, 0, 1)
    grid[..., 2] = curve[:, 1] + cup * across[:, None] ** 2 * np.clip((0.7 - t) / 0.3, 0, 1)
    made.add("main", shell(grid, 0.018))
    made.add(
        "frame",
        legs(
            pick(rng, "splayed", "splayed", "sled", "tapered"),
            width * 0.84,
            depth * 0.84,
            seat - 0.015,
            0.036,
        ),
    )
    return made


def _seat_curve(depth: float, seat: float, height: float, lean: float) -> Array:
    """Points [N, 2] of (y, z) from the seat's front edge along the seat and up the back."""
    flat = [(y, seat - 0.015 * np.sin(np.pi * (y / depth + 0.5))) for y in np.linspace(-0.5, 0.3, 6) * depth]
    flat[0] = (flat[0][0], seat - 0.015)
    slope = np.tan(np.deg2rad(lean))
    rise = [(depth * 0.42 + (z - seat - 0.09) * slope, z) for z in np.linspace(seat + 0.09, height, 7)]
    return np.array([*flat, (depth * 0.385, seat + 0.025), *rise])


def _upholstered_chair(rng: Generator, width: float, depth: float, seat: float, height: float) -> Assembly:
    made = Assembly()
    thick = between(rng, 0.08, 0.11)
    made.add("main", cushion((width, depth, thick), (0, 0, seat - thick + 0.02), 0.035, (0, 0, 0.015)))
    tall = height - seat - 0.03
    if chance(rng, 0.5):
        back = cushion((width, 0.07, tall), (0, 0, 0), 0.033, (0, 0.012, 0))
    else:
        back = _rounded_pad(width, tall, 0.065)
    lean = between(rng, 6, 12)
    made.add("main", back.turned("x", -lean).moved(0, depth * 0.5 - 0.05, seat + 0.02))
    kind = pick(rng, "tapered", "square", "splayed", "turned")
    made.add("frame", legs(kind, width * 0.94, depth * 0.94, seat - thick + 0.03, 0.04))
    return made


def _rounded_pad(width: float, height: float, thick: float) -> Mesh:
    """Return a padded oval back."""
    return cushion((width, thick, height), (0, 0, 0), 0.03, (0.0, 0.01, 0.05)).scaled(0.97)


def _slat_chair(rng: Generator, width: float, depth: float, seat: float, height: float) -> Assembly:
    made = Assembly()
    thick = 0.03
    pad = chance(rng, 0.35)
    plate = rounded_rectangle(width, depth, 0.05)
    made.add("main", prism(plate, thick, (0, 0, seat - thick), 0.008))
    if pad:
        made.add("cushion", cushion((width * 0.94, depth * 0.92, 0.04), (0, 0, seat), 0.019, (0, 0, 0.012)))
    lean = between(rng, 5, 10)
    back = _open_back(rng, width, height - seat + 0.02)
    made.add("main", [mesh.turned("x", -lean).moved(0, depth * 0.5 - 0.035, seat - 0.02) for mesh in back])
    kind = pick(rng, "tapered", "square", "splayed", "turned")
    role = stand_role(rng)
    made.add(role, legs(kind, width * 0.95, depth * 0.95, seat - thick + 0.005, 0.04))
    if kind != "splayed":
        made.add(
            role,
            [box((width * 0.84, 0.018, 0.05), (0, y, seat - 0.085)) for y in (-0.42 * depth, 0.42 * depth)],
        )
        made.add(
            role, [box((0.018, depth * 0.82, 0.03), (x, 0, 0.18)) for x in (-0.42 * width, 0.42 * width)]
        )
    return made


def _open_back(rng: Generator, width: float, tall: float) -> list[Mesh]:
    """Return posts with ladder rungs, upright slats, spindles or a panel between; upright at y = 0."""
    x = width / 2 - 0.022
    posts = [tube([(s * x, 0, 0), (s * x, 0, tall - 0.01)], (0.02, 0.016), 8) for s in (-1, 1)]
    rail = box((width, 0.03, 0.07), (0, 0, tall - 0.08), 0.01)
    low = box((width - 0.05, 0.02, 0.04), (0, 0, 0.14), 0.006)
    style = pick(rng, "ladder", "slats", "spindles", "panel")
    if style == "ladder":
        rungs = np.linspace(0.16, tall - 0.09, 3 if tall < 0.42 else 4)
        return posts + [box((width - 0.05, 0.018, 0.055), (0, 0, float(z)), 0.006) for z in rungs]
    if style == "panel":
        return [*posts, box((width - 0.06, 0.016, tall - 0.2), (0, 0, 0.16), 0.006), rail]
    count = 4 if style == "slats" else 6
    places = np.linspace(-x, x, count + 2)[1:-1]
    if style == "slats":
        bars = [box((0.042, 0.014, tall - 0.2), (float(p), 0, 0.15), 0.005) for p in places]
        return [*posts, rail, low, *bars]
    bars = [tube([(float(p), 0, 0.02), (float(p), 0, tall - 0.06)], 0.009, 6) for p in places]
    return [*posts, rail, *bars]


def _round_chair(rng: Generator, width: float, depth: float, seat: float, height: float) -> Assembly:
    """Return a round seat with a curved back rail on posts."""
    made = Assembly()
    radius = 0.5 * width
    tall = between(rng, 0.28, 0.34)
    padded = chance(rng, 0.5)
    if padded:
        made.add("main", cushion((width, width, 0.08), (0, 0, seat - 0.05), 0.038, (0, 0, 0.015)))
    else:
        made.add("main", cylinder(radius, 0.035, (0, 0, seat - 0.035), 0.01, segments=28))
    angles = np.deg2rad(np.linspace(5, 175, 15))
    rail = np.empty((15, 5, 3))
    heights = np.linspace(seat + tall - between(rng, 0.09, 0.16), seat + tall, 5)
    rail[..., 0] = np.cos(angles)[:, None] * (radius + 0.02)
    rail[..., 1] = np.sin(angles)[:, None] * (radius + 0.02)
    rail[..., 2] = heights + 0.05 * (np.sin(angles)[:, None] - 0.6)
    made.add("main", shell(rail, 0.026))
    reach = radius + 0.004
    posts = [np.deg2rad(a) for a in (12, 50, 90, 130, 168)]
    made.add(
        "frame",
        [
            tube(
                [
                    (np.cos(a) * radius * 0.92, np.sin(a) * radius * 0.92, seat - 0.02),
                    (np.cos(a) * reach, np.sin(a) * reach, seat + tall - 0.06),
                ],
                0.011,
                6,
            )
            for a in posts
        ],
    )
    made.add("frame", legs(pick(rng, "splayed", "tapered"), width * 0.78, depth * 0.78, seat - 0.02, 0.038))
    return made


def stool(rng: Generator) -> Assembly:
    """Return a stool, low or of a bar's height, round or square, with a foot rail if it is high."""
    made = Assembly()
    height = pick(rng, between(rng, 0.44, 0.5), between(rng, 0.62, 0.75))
    width = between(rng, 0.32, 0.4)
    thick = between(rng, 0.035, 0.07)
    at = (0.0, 0.0, height - thick)
    shape = pick(rng, "round", "round", "square", "saddle")
    if shape == "round":
        made.add("main", cylinder(width / 2, thick, at, 0.014, segments=28))
    elif shape == "square":
        made.add("main", prism(rounded_rectangle(width, width, 0.05), thick, at, 0.012))
    else:
        made.add("main", cushion((width * 1.15, width * 0.8, thick), at, 0.02, (0, 0, -0.012)))
    foot = 0.74 if shape == "round" else 0.9
    deep = width * 0.8 if shape == "saddle" else width
    kind = pick(rng, "splayed", "tapered", "square", *(["hairpin"] if height < 0.55 else []))
    role = stand_role(rng) if thick > 0.055 else "main"
    made.add(role, legs(kind, width * foot, deep * foot, height - thick + 0.004, 0.042))
    if height > 0.55:
        reach = width * foot * 0.5 - 0.03 + (0.035 if kind == "splayed" else 0)
        deep_reach = deep * foot * 0.5 - 0.03 + (0.035 if kind == "splayed" else 0)
        made.add(role, _foot_rail(reach, deep_reach, 0.24))
    return made


def _foot_rail(x: float, y: float, z: float) -> list[Mesh]:
    ends = [(-x, -y, z), (x, -y, z), (x, y, z), (-x, y, z), (-x, -y, z)]
    return [tube([a, b], 0.011, 6) for a, b in pairwise(ends)]


def bench(rng: Generator) -> Assembly:
    """Return a bench: planks or a plate on legs, trestles or cheeks."""
    made = Assembly()
    width, depth, height = between(rng, 1.05, 1.45), between(rng, 0.36, 0.44), between(rng, 0.43, 0.48)
    thick = between(rng, 0.035, 0.055)
    if chance(rng, 0.4):
        each = depth / 3
        made.add(
            "main",
            [box((width, each - 0.018, thick), (0, y, height - thick), 0.006) for y in (-each, 0, each)],
        )
    else:
        made.add("main", box((width, depth, thick), (0, 0, height - thick), 0.012))
    stand = pick(rng, "square", "tapered", "splayed", "hairpin", "sled", "cheeks")
    if stand == "cheeks":
        made.add(
            "main",
            [box((thick, depth * 0.92, height - thick), (x * (width / 2 - 0.12), 0, 0)) for x in (-1, 1)],
        )
        made.add("main", box((width - 0.26, 0.03, 0.09), (0, 0, height - thick - 0.1)))
    else:
        made.add(
            "metal" if stand in {"hairpin", "sled"} else "main",
            legs(stand, width * 0.94, depth * 0.9, height - thick, 0.055),
        )
    return made
