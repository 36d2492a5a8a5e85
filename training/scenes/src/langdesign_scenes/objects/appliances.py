"""Televisions, fridges and ovens."""

from __future__ import annotations

from numpy.random import Generator

from .draws import between, chance, pick
from .legs import handle, legs
from .mesh import Assembly
from .primitives import block, box, cylinder, lathe, tube


def television(rng: Generator) -> Assembly:
    """Return a television on a low stand with doors or open compartments."""
    made = Assembly()
    width, depth, height = between(rng, 1.3, 1.6), between(rng, 0.38, 0.44), between(rng, 0.42, 0.52)
    low = between(rng, 0.1, 0.16)
    made.add(
        "frame",
        legs(
            pick(rng, "tapered", "splayed", "square", "sled"), width - 0.06, depth - 0.06, low + 0.002, 0.045
        ),
    )
    made.add("main", box((width, depth, height - low), (0, 0, low), 0.008))
    count = pick(rng, 2, 3, 4)
    each = (width - 0.04) / count
    for index in range(count):
        x = -width / 2 + 0.02 + each * (index + 0.5)
        tall = height - low - 0.05
        made.add("frame", block((each, 0.003, tall + 0.012), (x, -depth / 2 - 0.001, low + 0.019)))
        if count == 3 and index == 1:
            made.add("screen", block((each - 0.02, 0.004, tall), (x, -depth / 2 - 0.001, low + 0.025)))
            continue
        made.add("main", box((each - 0.014, 0.018, tall), (x, -depth / 2 - 0.009, low + 0.025), 0.005))
        made.add("metal", handle("pull", (x, -depth / 2 - 0.018, low + tall * 0.8), 0.09))
    _screen(made, rng, width * between(rng, 0.72, 0.86), height)
    return made


def _screen(made: Assembly, rng: Generator, width: float, z: float) -> None:
    tall = width * 0.58
    low = z + 0.065
    made.add("main", box((width, 0.035, tall), (0, 0.03, low), 0.008))
    made.add("screen", box((width - 0.03, 0.006, tall - 0.03), (0, 0.011, low + 0.016), 0.001))
    if chance(rng, 0.5):
        made.add(
            "main", box((0.3 * width, 0.2, 0.012), (0, 0.03, z), 0.004), box((0.08, 0.03, 0.08), (0, 0.04, z))
        )
        return
    for side in (-1, 1):
        x = side * 0.34 * width
        feet = [tube([(x, 0.03 + y, z + 0.008), (x, 0.03, low + 0.01)], 0.009, 6) for y in (-0.11, 0.11)]
        made.add("main", feet)


def fridge(rng: Generator) -> Assembly:
    """Return a fridge: freezer below or above, two wide doors, or a small round-edged one."""
    made = Assembly()
    style = pick(rng, "below", "above", "wide", "retro")
    width = between(rng, 0.84, 0.92) if style == "wide" else between(rng, 0.58, 0.66)
    height = between(rng, 1.45, 1.6) if style == "retro" else between(rng, 1.72, 1.85)
    depth = between(rng, 0.6, 0.66)
    edge = 0.05 if style == "retro" else 0.016
    door = 0.06
    made.add("frame", box((width - 0.04, depth - 0.06, 0.06), (0, 0.02, 0)))
    made.add(
        "main",
        box((width, depth - door - 0.008, height - 0.04), (0, (door + 0.008) / 2, 0.04), min(edge, 0.03)),
    )
    front = -depth / 2 + door / 2
    for x, z, wide, tall in _doors(style, width, height):
        made.add("frame", block((wide - 0.02, 0.012, tall - 0.02), (x, front + door / 2 + 0.004, z + 0.01)))
        made.add(
            "main",
            box((wide - 0.01, door, tall - 0.01), (x, front, z + 0.005), edge if style == "retro" else 0.012),
        )
        grip_x = x + (wide / 2 - 0.06) * (-1 if style != "wide" or x > 0 else 1)
        grip_z = z + tall * (0.25 if z > 0.5 else 0.72)
        made.add(
            "metal", handle("bar", (grip_x, front - door / 2, grip_z), min(0.34, 0.45 * tall), upright=True)
        )
    return made


def _doors(style: str, width: float, height: float) -> list[tuple[float, float, float, float]]:
    """Middle, bottom, width and height of each door."""
    low, tall = 0.06, height - 0.07
    if style == "wide":
        return [(s * width / 4, low, width / 2, tall) for s in (-1, 1)]
    cut = tall * {"below": 0.36, "above": 0.7, "retro": 0.72}[style]
    return [(0.0, low, width, cut), (0.0, low + cut, width, tall - cut)]


def oven(rng: Generator) -> Assembly:
    """Return a free-standing cooker: an oven with a window, knobs and a hob with gas rings or glass."""
    made = Assembly()
    width, depth, height = pick(rng, 0.6, 0.6, 0.75, 0.9), between(rng, 0.6, 0.64), between(rng, 0.88, 0.92)
    made.add("frame", box((width - 0.04, depth - 0.08, 0.09), (0, 0.02, 0)))
    made.add("main", box((width, depth - 0.04, height - 0.09), (0, 0.02, 0.08), 0.008))
    made.add("metal", box((width + 0.004, depth, 0.02), (0, 0, height - 0.012), 0.005))
    front = -depth / 2 + 0.04
    _oven_door(made, width, front, height)
    panel = height - 0.14
    made.add("main", box((width, 0.045, 0.12), (0, front - 0.02, panel), 0.008))
    knobs = 4 if width < 0.7 else 6
    for index in range(knobs):
        x = width * (-0.4 + 0.8 * index / (knobs - 1))
        knob = cylinder(0.022, 0.028, bevel=0.005, segments=16).turned("x", 90)
        made.add("metal", knob.moved(x, front - 0.042, panel + 0.06))
    _hob(made, rng, width, depth, height + 0.008)
    if chance(rng, 0.4):
        made.add("main", box((width, 0.03, 0.12), (0, depth / 2 - 0.015, height), 0.008))
    return made


def _oven_door(made: Assembly, width: float, front: float, height: float) -> None:
    low, tall = 0.22, height - 0.22 - 0.15
    made.add("main", box((width - 0.01, 0.04, 0.115), (0, front - 0.018, 0.095), 0.008))
    made.add("main", box((width - 0.01, 0.045, tall - 0.006), (0, front - 0.02, low), 0.01))
    made.add("screen", box((width * 0.72, 0.006, tall * 0.56), (0, front - 0.044, low + tall * 0.16), 0.002))
    made.add("metal", handle("bar", (0, front - 0.042, low + tall * 0.87), width * 0.74))


def _hob(made: Assembly, rng: Generator, width: float, depth: float, z: float) -> None:
    places = [(x * width * 0.24, y * depth * 0.22) for x in (-1, 1) for y in (-1, 1)]
    if chance(rng, 0.5):
        made.add("screen", box((width - 0.04, depth - 0.06, 0.006), (0, 0, z - 0.001), 0.002))
        made.add(
            "metal",
            [
                lathe([(0.078, 0), (0.086, 0), (0.086, 0.001), (0.078, 0.001)], (x, y, z + 0.005), 22)
                for x, y in places
            ],
        )
        return
    for x, y in places:
        made.add("screen", cylinder(0.045, 0.018, (x, y, z), segments=16))
        made.add(
            "screen",
            box((0.2, 0.012, 0.014), (x, y, z + 0.022), 0.002),
            box((0.012, 0.2, 0.014), (x, y, z + 0.022), 0.002),
        )
        ends = [(x - 0.094, y), (x + 0.094, y), (x, y - 0.094), (x, y + 0.094)]
        made.add("screen", [block((0.012, 0.012, 0.024), (a, b, z)) for a, b in ends])
