"""A room while it is being furnished."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ..description import Finish, Thing, Window
from ..vocabulary import KINDS
from .finishes import Palette, Words
from .geometry import Point, Solid, clear, front, measures, meet, solid, window_solid, within

STYLES = 500  # seeds of shapes; so many serve
MARGIN = 0.04  # metres between things on the floor
HANGING = 0.03  # metres between things on a wall

YAWS = {"back wall": 0.0, "left wall": 90.0, "right wall": -90.0}


@dataclass(frozen=True)
class Pose:
    """Where a thing goes."""

    position: tuple[float, float, float]
    yaw: float
    on: str = "floor"
    wall: str = ""  # that its back is at


@dataclass(frozen=True)
class Want:
    """What is to be placed."""

    kind: str
    style: int
    scale: float
    nth: int = 0  # of `count` of its entry
    count: int = 1
    walls: tuple[str, ...] = tuple(YAWS)

    @property
    def size(self) -> tuple[float, float, float]:
        """Width, depth and height in metres."""
        return measures(self.kind, self.style, self.scale)


@dataclass
class Draft:
    """The room so far."""

    size: tuple[float, float, float]
    wall: Finish
    floor: Finish
    palette: Palette
    words: Words
    rng: np.random.Generator
    things: list[Thing] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    groups: dict[str, list[Thing]] = field(default_factory=dict)  # by the name of their entry
    walls: dict[str, str] = field(default_factory=dict)  # by id, that a thing's back is at

    def between(self, low: float, high: float) -> float:
        """Draw a number; the middle where the range is empty."""
        return float(self.rng.uniform(low, high)) if high > low else (low + high) / 2

    def length(self, wall: str) -> tuple[float, float]:
        """Return where a wall begins and ends along x or y."""
        return (-self.size[0] / 2, self.size[0] / 2) if wall == "back wall" else (0.0, self.size[1])

    def at(self, wall: str, along: float, off: float) -> Point:
        """Return the point on the floor that is `off` metres in front of a wall."""
        if wall == "back wall":
            return along, self.size[1] - off
        side = -1 if wall == "left wall" else 1
        return side * (self.size[0] / 2 - off), along

    def along(self, wall: str, point: Point) -> float:
        """Return where along a wall a point is."""
        return point[0] if wall == "back wall" else point[1]

    def fits(self, thing: Thing) -> bool:
        """Whether a thing lies in the room and meets nothing else."""
        box = solid(thing)
        if not within(box, self.size):
            return False
        hangs = KINDS[thing.kind].stands == "wall"
        if hangs and not clear(box, self._openings(thing.kind), HANGING):
            return False
        if not hangs and thing.on == "floor" and not clear(box, self._openings(thing.kind), 0.0):
            return False
        return not any(collide(thing, other) for other in self.things)

    def _openings(self, kind: str) -> Iterator[Solid]:
        if kind in {"curtain", "blind", "rug"}:
            return
        for window in self.windows:
            yield window_solid(window, self.size)

    def put(self, name: str, want: Want, pose: Pose, finish: Finish) -> Thing | None:
        """Place a thing if it fits, and return it."""
        count = sum(one.kind == want.kind for one in self.things) + 1
        thing = Thing(
            id=f"{want.kind.replace(' ', '-')}-{count}",
            kind=want.kind,
            style=want.style,
            position=pose.position,
            yaw=pose.yaw,
            scale=want.scale,
            finish=finish,
            on=pose.on,
        )
        if not self.fits(thing):
            return None
        self.things.append(thing)
        self.groups.setdefault(name, []).append(thing)
        self.walls[thing.id] = pose.wall
        return thing


def collide(one: Thing, other: Thing) -> bool:
    """Whether two things of a room get in each other's way; a rug may lie under anything but a rug."""
    if one.on == other.id or other.on == one.id:
        return False
    if (one.kind == "rug") != (other.kind == "rug"):
        return False
    hangs = KINDS[one.kind].stands == "wall" or KINDS[other.kind].stands == "wall"
    return meet(solid(one), solid(other), HANGING if hangs else MARGIN)


def moved(thing: Thing, kind: str, style: int, scale: float, wall: bool) -> Thing:
    """Return a thing of another kind in its place: back on back at a wall, middle on middle elsewhere."""
    old, new = measures(thing.kind, thing.style, thing.scale), measures(kind, style, scale)
    x, y, z = thing.position
    if wall and KINDS[kind].stands == "floor":
        ahead, shift = front(thing.yaw), (new[1] - old[1]) / 2
        x, y = x + ahead[0] * shift, y + ahead[1] * shift
    return replace(thing, kind=kind, style=style, scale=scale, position=(x, y, z))
