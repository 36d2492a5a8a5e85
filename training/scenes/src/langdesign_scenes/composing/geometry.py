"""Boxes that bound things, and whether they meet."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..description import Thing, Window
from ..objects import extent
from ..vocabulary import KINDS

Point = tuple[float, float]


def front(yaw: float) -> Point:
    """Return the unit vector on the floor towards which a thing of this yaw (degrees) looks."""
    angle = math.radians(yaw)
    return math.sin(angle), -math.cos(angle)


def right(yaw: float) -> Point:
    """Return the unit vector on the floor to a thing's side, +x at yaw 0."""
    angle = math.radians(yaw)
    return math.cos(angle), math.sin(angle)


def yaw_towards(direction: Point) -> float:
    """Return the yaw, degrees, at which a thing looks in this direction."""
    return math.degrees(math.atan2(direction[0], -direction[1]))


@dataclass(frozen=True)
class Solid:
    """A box that stands upright, turned about z; metres and degrees."""

    centre: tuple[float, float, float]
    size: tuple[float, float, float]  # width, depth, height
    yaw: float = 0.0

    @property
    def bottom(self) -> float:
        """Height of its lower face."""
        return self.centre[2] - self.size[2] / 2

    @property
    def top(self) -> float:
        """Height of its upper face."""
        return self.centre[2] + self.size[2] / 2

    def footprint(self) -> NDArray[np.float64]:
        """Return its corners on the floor, [4, 2], in turn."""
        across = np.array(right(self.yaw)) * self.size[0] / 2
        along = np.array(front(self.yaw)) * self.size[1] / 2
        middle = np.array(self.centre[:2])
        return np.stack([middle + a * across + b * along for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))])

    def corners(self) -> NDArray[np.float64]:
        """Return its eight corners, [8, 3]."""
        flat = self.footprint()
        return np.concatenate([np.column_stack([flat, np.full(4, z)]) for z in (self.bottom, self.top)])


def measures(kind: str, style: int, scale: float) -> tuple[float, float, float]:
    """Return width, depth and height of an object in metres."""
    width, depth, height = extent(kind, style)
    return width * scale, depth * scale, height * scale


def solid(thing: Thing) -> Solid:
    """Return the box that bounds a thing where it stands or hangs."""
    size = measures(thing.kind, thing.style, thing.scale)
    x, y, z = thing.position
    stands = KINDS[thing.kind].stands
    if stands == "wall":  # its back is at the wall, its middle at its height
        ahead = front(thing.yaw)
        return Solid((x + ahead[0] * size[1] / 2, y + ahead[1] * size[1] / 2, z), size, thing.yaw)
    middle = z - size[2] / 2 if stands == "ceiling" else z + size[2] / 2
    return Solid((x, y, middle), size, thing.yaw)


def window_solid(window: Window, size: tuple[float, float, float]) -> Solid:
    """Return a thin box in front of a window, for what must not stand or hang there."""
    along, height = window.centre
    flat = (window.size[0], 0.06, window.size[1])
    if window.wall == "back wall":
        return Solid((along, size[1], height), flat)
    side = -1 if window.wall == "left wall" else 1
    return Solid((side * size[0] / 2, along, height), flat, -90.0 * side)


def meet(one: Solid, other: Solid, margin: float = 0.0) -> bool:
    """Whether two boxes come nearer than the margin on the floor and overlap in height (separating axes)."""
    if one.bottom >= other.top - 1e-4 or other.bottom >= one.top - 1e-4:
        return False
    first, second = one.footprint(), other.footprint()
    for yaw in (one.yaw, other.yaw):
        for axis in (np.array(right(yaw)), np.array(front(yaw))):
            a, b = first @ axis, second @ axis
            if a.min() >= b.max() + margin or b.min() >= a.max() + margin:
                return False
    return True


def within(one: Solid, size: tuple[float, float, float], slack: float = 1e-3) -> bool:
    """Whether a box lies in the room."""
    flat = one.footprint()
    return bool(
        abs(flat[:, 0]).max() <= size[0] / 2 + slack
        and flat[:, 1].min() >= -slack
        and flat[:, 1].max() <= size[1] + slack
        and one.bottom >= -slack
        and one.top <= size[2] + slack
    )


def clear(one: Solid, others: Iterable[Solid], margin: float) -> bool:
    """Whether a box keeps the margin to all others."""
    return not any(meet(one, other, margin) for other in others)
