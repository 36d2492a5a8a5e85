"""Tables, coffee tables and desks."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from .draws import between, chance, pick, stand_role
from .legs import handle, legs
from .mesh import Assembly, Mesh
from .primitives import box, cylinder, lathe, prism, rounded_rectangle, tube


def _top(shape: str, width: float, depth: float, height: float, thick: float, bevel: float = 0.01) -> Mesh:
    at = (0.0, 0.0, height - thick)
    if shape == "round":
        return cylinder(0.5, thick, bevel=bevel, segments=36).scaled(width, depth).moved(*at)
    if shape == "rounded":
        outline = rounded_rectangle(width, depth, 0.28 * min(width, depth), 7)
        return prism(outline, thick, at, bevel)
    return box((width, depth, thick), at, bevel)


def _pedestal(reach: float, height: float) -> list[Mesh]:
    profile = [(0, 0), (0.62 * reach, 0), (0.6 * reach, 0.025), (0.2 * reach, 0.06), (0.1 * reach, 0.16)]
    upper = [(0.09 * reach, 0.7 * height), (0.2 * reach, height - 0.02), (0.3 * reach, height), (0, height)]
    return [lathe([*profile, *upper], segments=28)]


def _crossed(width: float, depth: float, height: float) -> list[Mesh]:
    """Trestles: an X at each end and a rail between."""
    meshes = []
    for x in (-0.36 * width, 0.36 * width):
        y = 0.38 * depth
        for sign in (-1, 1):
            lean = np.degrees(np.arctan2(2 * y * sign, height))
            bar = box((0.05, 0.06, float(np.hypot(height, 2 * y)) * 0.99), (0, 0, 0), 0.004)
            meshes.append(bar.turned("x", float(lean)).moved(x, sign * y, 0.01))
    return [*meshes, box((0.72 * width, 0.04, 0.05), (0, 0, 0.48 * height), 0.004)]


def _apron(width: float, depth: float, height: float, tall: float, inset: float) -> list[Mesh]:
    w, d, z = width - 2 * inset, depth - 2 * inset, height - tall
    long = [box((w, 0.022, tall), (0, y, z), 0.002) for y in (-d / 2, d / 2)]
    return long + [box((0.022, d, tall), (x, 0, z), 0.002) for x in (-w / 2, w / 2)]


def table(rng: Generator) -> Assembly:
    """Return a dining table: rectangular, oval or round, on legs, trestles or a pedestal."""
    made = Assembly()
    shape = pick(rng, "square", "square", "rounded", "round")
    height, thick = between(rng, 0.73, 0.76), between(rng, 0.03, 0.05)
    width, depth = between(rng, 1.3, 1.9), between(rng, 0.8, 0.95)
    if shape == "round" and chance(rng, 0.7):
        width = depth = between(rng, 0.95, 1.25)
    made.add("main", _top(shape, width, depth, height, thick))
    made.top = (
        width * (0.7 if shape == "round" else 0.9),
        depth * (0.7 if shape == "round" else 0.9),
        height,
    )
    _stand(made, rng, shape, width, depth, height - thick)
    return made


def _stand(made: Assembly, rng: Generator, shape: str, width: float, depth: float, height: float) -> None:
    role = stand_role(rng)
    if shape == "round" and chance(rng, 0.6):
        made.add(role, _pedestal(0.5 * min(width, depth), height))
        return
    if shape == "square" and chance(rng, 0.3):
        made.add(role, _crossed(width, depth, height))
        return
    kind = pick(rng, "square", "tapered", "splayed", "turned", "sled")
    shrink = 0.68 if shape == "round" else 0.94 if shape == "square" else 0.86
    thick = between(rng, 0.055, 0.08)
    made.add(role, legs(kind, width * shrink, depth * shrink, height, thick))
    if kind in {"square", "tapered", "turned"}:
        made.add(role, _apron(width * shrink, depth * shrink, height, 0.08, thick * 0.5 + 0.01))


def coffee_table(rng: Generator) -> Assembly:
    """Return a low table, with a shelf below or without."""
    made = Assembly()
    shape = pick(rng, "square", "rounded", "round")
    height, thick = between(rng, 0.36, 0.45), between(rng, 0.03, 0.05)
    width, depth = between(rng, 0.95, 1.25), between(rng, 0.52, 0.65)
    if shape == "round":
        width = depth = between(rng, 0.75, 0.95)
    made.add("main", _top(shape, width, depth, height, thick))
    share = 0.68 if shape == "round" else 0.9
    made.top = (width * share, depth * share, height)
    role = stand_role(rng)
    if shape == "round" and chance(rng, 0.35):
        made.add("main", cylinder(0.36 * width, height - thick, top=0.3 * width, segments=32))
        return made
    shrink = 0.68 if shape == "round" else 0.94 if shape == "square" else 0.86
    kind = pick(rng, "square", "tapered", "splayed", "hairpin", "sled")
    made.add(
        "metal" if kind == "hairpin" else role,
        legs(kind, width * shrink, depth * shrink, height - thick, 0.05),
    )
    if kind in {"square", "tapered"} and chance(rng, 0.6):
        under = _top(shape, width * shrink - 0.06, depth * shrink - 0.06, 0.4 * height, 0.02, 0.004)
        made.add(role, under)
    return made


def desk(rng: Generator) -> Assembly:
    """Return a desk with a drawer pedestal, drawers under the top, or none."""
    made = Assembly()
    width, depth = between(rng, 1.15, 1.5), between(rng, 0.58, 0.7)
    height, thick = between(rng, 0.73, 0.76), between(rng, 0.028, 0.04)
    made.add("main", box((width, depth, thick), (0, 0, height - thick), 0.008))
    made.top = (0.9 * width, 0.85 * depth, height)
    under = height - thick
    knob = pick(rng, "knob", "bar", "pull")
    layout = pick(rng, "pedestal", "drawers", "plain", "pedestal")
    kind = pick(rng, "square", "tapered", "splayed", "sled")
    if layout == "pedestal":
        _drawer_pedestal(made, rng, width, depth, under, knob)
        leg = pick(rng, "square", "tapered")
        x = -width / 2 + 0.04
        ends = [(x, y) for y in (0.04 - depth / 2, depth / 2 - 0.04)]
        made.add("frame", [_post(leg, *end, under) for end in ends])
    else:
        made.add("frame", legs(kind, 0.96 * width, 0.92 * depth, under, 0.05))
    if layout == "drawers":
        made.add("main", box((0.86 * width, 0.8 * depth, 0.1), (0, 0, under - 0.1), 0.004))
        for x in (-0.215 * width, 0.215 * width):
            made.add("main", box((0.41 * width, 0.02, 0.084), (x, -0.4 * depth - 0.01, under - 0.092), 0.004))
            made.add("metal", handle(knob, (x, -0.4 * depth - 0.02, under - 0.05)))
    elif layout == "plain" and chance(rng, 0.6):
        made.add("main", box((0.9 * width, 0.02, 0.28), (0, 0.36 * depth, under - 0.3), 0.004))
    return made


def _post(shape: str, x: float, y: float, height: float) -> Mesh:
    if shape == "square":
        return box((0.05, 0.05, height), (x, y, 0), 0.004)
    return tube([(x, y, 0), (x, y, height)], (0.016, 0.026), 10)


def _drawer_pedestal(
    made: Assembly, rng: Generator, width: float, depth: float, under: float, knob: str
) -> None:
    wide, x = 0.3 * width, 0.34 * width - 0.01
    low = pick(rng, 0.02, 0.1)
    tall = under - low
    made.add("frame", box((wide, 0.88 * depth, tall), (x, 0.02, low), 0.004))
    count = int(rng.integers(2, 4))
    each = tall / count
    front = -0.44 * depth + 0.02
    for row in range(count):
        z = low + row * each
        made.add("main", box((wide - 0.016, 0.02, each - 0.014), (x, front - 0.01, z + 0.007), 0.005))
        made.add("metal", handle(knob, (x, front - 0.02, z + each * 0.6)))
    if low > 0.05:
        made.add("frame", legs("tapered", wide, 0.8 * depth, low, 0.035)[0].moved(x))
        made.add("frame", [leg.moved(x) for leg in legs("tapered", wide, 0.8 * depth, low, 0.035)[1:]])
