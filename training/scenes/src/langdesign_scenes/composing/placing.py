"""Where things go in a room: each place proposes poses, best first, until one fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..description import Thing
from ..objects import top, top_extent
from .draft import YAWS, Draft, Pose, Want
from .geometry import Point, front, measures, right, yaw_towards

Poses = Iterator[Pose]
Place = Callable[[Draft, Want, Thing], Poses]

TRIES = 10
REACH = 1.1  # metres from the front wall within which nothing stands: the camera looks over it


def shifted(anchor: Thing, across: float, ahead: float) -> Point:
    """Return the point on the floor so many metres to a thing's right and in front of its middle."""
    side, way = right(anchor.yaw), front(anchor.yaw)
    x, y, _ = anchor.position
    return x + side[0] * across + way[0] * ahead, y + side[1] * across + way[1] * ahead


def _standing(point: Point, yaw: float, wall: str = "") -> Pose:
    return Pose((point[0], point[1], 0.0), yaw, wall=wall)


def against_wall(draft: Draft, want: Want, _: Thing | None = None) -> Poses:
    """Against a wall; on the side walls in the far part of the room."""
    width, depth, height = want.size
    hung = height if want.kind == "shelf" else 0.0
    for _try in range(TRIES):
        wall = want.walls[int(draft.rng.integers(len(want.walls)))]
        low, high = draft.length(wall)
        low = low + width / 2 if wall == "back wall" else max(REACH, low) + width / 2
        along = draft.between(low, high - width / 2)
        if hung:
            point = draft.at(wall, along, 0.0)
            yield Pose((*point, draft.between(1.4, 1.7)), YAWS[wall], on=wall, wall=wall)
        else:
            yield _standing(draft.at(wall, along, depth / 2 + 0.02), YAWS[wall], wall)


def corner(draft: Draft, want: Want, _: Thing | None = None) -> Poses:
    """In a far corner or along a side wall, turned towards the middle of the room."""
    width, depth, _height = want.size
    reach = max(width, depth) / 2 * 1.15
    turned = want.kind in {"armchair", "chair"}
    for nth in range(TRIES):
        side = -1 if draft.rng.random() < 0.5 else 1
        x = side * (draft.size[0] / 2 - reach - draft.between(0.03, 0.15))
        deep = draft.size[1] - reach - draft.between(0.03, 0.15)
        y = deep if nth < 4 else draft.between(REACH + 0.5, deep)
        yaw = -side * draft.between(20, 50) if turned else draft.between(-15, 15)
        yield _standing((x, y), yaw)


def beside(draft: Draft, want: Want, anchor: Thing) -> Poses:
    """Next to a thing, their backs in line."""
    wide, deep, _ = measures(anchor.kind, anchor.style, anchor.scale)
    width, depth, _height = want.size
    first = 1 if draft.rng.random() < 0.5 else -1
    for side in (first, -first):
        across = side * (wide / 2 + width / 2 + draft.between(0.05, 0.12))
        yield _standing(shifted(anchor, across, (depth - deep) / 2), anchor.yaw, draft.walls[anchor.id])


def before(draft: Draft, want: Want, anchor: Thing) -> Poses:
    """In front of a thing, several side by side."""
    _wide, deep, _ = measures(anchor.kind, anchor.style, anchor.scale)
    width, depth, _height = want.size
    gap = 0.3 if anchor.kind == "sofa" else 0.08
    for _try in range(4):
        across = (want.nth - (want.count - 1) / 2) * (width + 0.15) + draft.between(-0.08, 0.08)
        ahead = deep / 2 + depth / 2 + gap + draft.between(0.0, 0.15)
        yield _standing(shifted(anchor, across, ahead), anchor.yaw)


def flank(draft: Draft, want: Want, anchor: Thing) -> Poses:
    """At the end of a low table, turned to it."""
    wide, _deep, _ = measures(anchor.kind, anchor.style, anchor.scale)
    _width, depth, _height = want.size
    first = 1 if draft.rng.random() < 0.5 else -1
    for side in (first, -first, first, -first):
        across = side * (wide / 2 + depth / 2 + draft.between(0.25, 0.5))
        inwards = right(anchor.yaw)
        yaw = yaw_towards((-side * inwards[0], -side * inwards[1])) + side * draft.between(0, 35)
        yield _standing(shifted(anchor, across, draft.between(-0.05, 0.3)), yaw)


def facing(draft: Draft, want: Want, anchor: Thing) -> Poses:
    """In front of a desk, turned to it."""
    deep = measures(anchor.kind, anchor.style, anchor.scale)[1]
    for _try in range(4):
        ahead = deep / 2 + want.size[1] / 2 + draft.between(0.06, 0.16)
        yaw = anchor.yaw + 180 + draft.between(-20, 20)
        yield _standing(shifted(anchor, draft.between(-0.1, 0.1), ahead), yaw)


def around(draft: Draft, want: Want, anchor: Thing) -> Poses:
    """At the sides of a table, turned to it: at both ends, then at the long side away from the camera."""
    wide, deep, _ = measures(anchor.kind, anchor.style, anchor.scale)
    ends, sides = (wide + want.size[1]) / 2, (deep + want.size[1]) / 2
    quarter = max(wide / 4, want.size[0] / 2 + 0.06)
    left, far_left = ((-ends, 0.0), (1, 0)), ((-quarter, -sides), (0, 1))
    last, far_right = ((ends, 0.0), (-1, 0)), ((quarter, -sides), (0, 1))
    seats = {2: [left, last], 3: [left, last, ((0.0, -sides), (0, 1))]}.get(
        want.count, [left, last, far_left, far_right]
    )
    side, way = right(anchor.yaw), front(anchor.yaw)
    for (across, ahead), (inward, onward) in seats[want.nth :]:
        pull = draft.between(0.05, 0.14)
        look = (side[0] * inward + way[0] * onward, side[1] * inward + way[1] * onward)
        yaw = yaw_towards(look) + draft.between(-8, 8)
        yield _standing(shifted(anchor, across - pull * inward, ahead - pull * onward), yaw)


def upon(draft: Draft, want: Want, anchor: Thing) -> Poses:
    """On top of a thing."""
    height, area = top(anchor.kind, anchor.style), top_extent(anchor.kind, anchor.style)
    if height is None or area is None:
        return
    width, depth, _height = want.size
    free = (area[0] * anchor.scale - width, area[1] * anchor.scale - depth)
    if min(free) < 0:
        return
    for _try in range(4):
        across = draft.between(-free[0] / 2, free[0] / 2) * (0.9 if free[0] > 0.3 else 0.3)
        point = shifted(anchor, across, draft.between(-free[1], free[1]) * 0.25)
        yield Pose((*point, height * anchor.scale + anchor.position[2]), anchor.yaw, on=anchor.id)


def above(draft: Draft, want: Want, anchor: Thing) -> Poses:
    """On the wall above a thing, several in a row."""
    wall = draft.walls[anchor.id]
    if not wall:
        return
    width, _depth, height = want.size
    head = measures(anchor.kind, anchor.style, anchor.scale)[2]
    for lift in (0.22, 0.3, 0.42, 0.55):
        off = (want.nth - (want.count - 1) / 2) * (width + 0.14)
        along = draft.along(wall, anchor.position[:2]) + off
        z = max(head + lift + height / 2, 1.35 + lift / 2)
        if z + height / 2 < draft.size[2] - 0.05:
            yield Pose((*draft.at(wall, along, 0.0), z), YAWS[wall], on=wall, wall=wall)


def hung(draft: Draft, want: Want, _: Thing | None = None) -> Poses:
    """On a wall at eye height; later ones beside the first."""
    row = draft.groups.get("art", [])
    for _try in range(TRIES):
        if want.nth and row:
            wall = row[0].on
            along = draft.along(wall, row[0].position[:2]) + want.nth * (want.size[0] + 0.2)
            yield Pose((*draft.at(wall, along, 0.0), row[0].position[2]), YAWS[wall], on=wall, wall=wall)
            return
        wall = want.walls[int(draft.rng.integers(len(want.walls)))]
        low, high = draft.length(wall)
        along = draft.between(max(low, 1.4 if wall != "back wall" else low) + 0.4, high - 0.5)
        yield Pose((*draft.at(wall, along, 0.0), draft.between(1.45, 1.65)), YAWS[wall], on=wall, wall=wall)


def under(draft: Draft, want: Want, anchor: Thing) -> Poses:
    """Under the front of a bed, sticking out."""
    deep = measures(anchor.kind, anchor.style, anchor.scale)[1]
    for share in (0.45, 0.3, 0.15):
        yield _standing(shifted(anchor, draft.between(-0.15, 0.15), deep * share), anchor.yaw)


def beneath(draft: Draft, want: Want, anchor: Thing) -> Poses:
    """Under a table and what stands round it."""
    for spread in (0.2, 0.1, 0.0):
        yield _standing(shifted(anchor, draft.between(-spread, spread), draft.between(0, spread)), anchor.yaw)


def fore(draft: Draft, want: Want, anchor: Thing) -> Poses:
    """On the floor right in front of a thing."""
    deep = measures(anchor.kind, anchor.style, anchor.scale)[1]
    for _try in range(4):
        ahead = deep / 2 + want.size[1] / 2 + draft.between(0.06, 0.25)
        yield _standing(shifted(anchor, draft.between(-0.3, 0.3), ahead), anchor.yaw)


def runner(draft: Draft, want: Want, _: Thing | None = None) -> Poses:
    """Along the middle of the room."""
    for _try in range(3):
        middle = draft.between(0.48, 0.62) * draft.size[1]
        yield _standing((draft.between(-0.15, 0.15), middle), 90.0)


def centre(draft: Draft, want: Want, _: Thing | None = None) -> Poses:
    """In the middle of the room."""
    for _try in range(TRIES):
        point = (draft.between(-0.4, 0.4), draft.between(0.46, 0.56) * draft.size[1])
        yield _standing(point, 0.0 if draft.rng.random() < 0.75 else 90.0)


def over(draft: Draft, want: Want, anchor: Thing) -> Poses:
    """From the ceiling over a thing, several in a row."""
    off = (want.nth - (want.count - 1) / 2) * (want.size[0] + 0.25)
    yield Pose((*shifted(anchor, off, 0.0), draft.size[2]), 0.0, on="ceiling")


def middle(draft: Draft, want: Want, _: Thing | None = None) -> Poses:
    """From the middle of the ceiling."""
    yield Pose((0.0, draft.size[1] * draft.between(0.5, 0.65), draft.size[2]), 0.0, on="ceiling")


FREE: Mapping[str, Callable[[Draft, Want], Poses]] = {
    "wall": against_wall,
    "corner": corner,
    "hung": hung,
    "runner": runner,
    "centre": centre,
    "middle": middle,
}
"""Places that need nothing else."""

BOUND: Mapping[str, Place] = {
    "beside": beside,
    "before": before,
    "flank": flank,
    "facing": facing,
    "around": around,
    "on": upon,
    "above": above,
    "under": under,
    "beneath": beneath,
    "fore": fore,
    "over": over,
}
"""Places at another thing."""
