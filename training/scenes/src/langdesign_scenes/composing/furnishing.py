"""Furnishing a room: its entries one by one, each where it fits."""

from __future__ import annotations

from dataclasses import replace

from ..description import Finish, Thing
from ..vocabulary import KINDS
from .draft import STYLES, YAWS, Draft, Pose, Want
from .finishes import draw_finish
from .placing import BOUND, FREE
from .rooms import Item, RoomType
from .windows import add_windows

MOST = 9  # things in a room
ALONE = ("clock", "mirror", "wardrobe", "bookshelf")  # kinds of which one place has one


def furnish(draft: Draft, room: RoomType) -> bool:
    """Fill a draft with the room's entries, and return whether all that it needs fits."""
    for item in room.items:
        if item.place == "window":
            add_windows(draft, item)
        elif len(draft.things) < MOST or item.needed:
            placed = _run(draft, item) if item.place == "run" else _entry(draft, item)
            if item.needed and not placed:
                return False
    return bool(draft.windows)


def _entry(draft: Draft, item: Item) -> int:
    """Place the things of one entry, and return how many fit."""
    anchors = _anchors(draft, item)
    kinds = [kind for kind in item.kinds if _wanted(draft, item, kind)]
    if draft.rng.random() >= item.chance or not kinds or (item.anchor and not anchors):
        return 0
    kind = kinds[int(draft.rng.integers(len(kinds)))]
    count = item.counts[int(draft.rng.integers(len(item.counts)))] if kind not in ALONE else 1
    if item.place == "on" and len(anchors) > 1 and draft.rng.random() < 0.6:
        count = len(anchors)
    style, scale = int(draft.rng.integers(STYLES)), draft.between(*item.scales)
    finishes = _finishes(draft, kind, item, count)
    placed = 0
    for nth in range(min(count, MOST + 1 - len(draft.things))):
        want = Want(kind, style, scale, nth, count, item.walls)
        placed += _place(draft, item, want, finishes[nth], anchors)
    return placed


def _wanted(draft: Draft, item: Item, kind: str) -> bool:
    """Whether a kind may be there: not twice by chance, and only in allowed colours and materials."""
    twice = any(thing.kind == kind for thing in draft.things) and kind not in {"picture", "chair", "plant"}
    known = KINDS[kind]
    return not twice and all(
        any(map(draft.words.allowed, names)) for names in (known.colours, known.materials)
    )


def _anchors(draft: Draft, item: Item) -> list[Thing]:
    name, _, kinds = item.anchor.partition(":")
    group = draft.groups.get(name, [])
    return [thing for thing in group if not kinds or thing.kind in kinds.split(",")]


def _finishes(draft: Draft, kind: str, item: Item, count: int) -> list[Finish]:
    """Draw the finishes of several: alike, or alike but for the colour."""
    behind = {"wall": draft.wall.colour, "floor": draft.floor.colour}["floor" if kind == "rug" else "wall"]
    first = draw_finish(draft.rng, kind, draft.palette, draft.words, behind)
    if count == 1 or draft.rng.random() < item.same:
        return [first] * count
    others = [
        draw_finish(draft.rng, kind, draft.palette, draft.words, behind).colour for _ in range(count - 1)
    ]
    return [first, *(replace(first, colour=colour) for colour in others)]


def _place(draft: Draft, item: Item, want: Want, finish: Finish, anchors: list[Thing]) -> bool:
    if item.place in FREE:
        poses = FREE[item.place](draft, want)
    else:
        low = [thing for thing in anchors if item.place != "above" or _low(thing)]
        if not low:
            return False
        turn = want.nth if item.place == "on" or len(low) > 2 else 0
        poses = BOUND[item.place](draft, want, low[turn % len(low)])
    return any(draft.put(item.name, want, pose, finish) is not None for pose in poses)


def _low(thing: Thing) -> bool:
    return thing.kind not in {"fridge", "wardrobe", "bookshelf"}


def _run(draft: Draft, item: Item) -> int:
    """Set a kitchen's run side by side along its wall, as many as there is room for."""
    wall = item.walls[0]
    order = [item.kinds[place] for place in draft.rng.permutation(len(item.kinds))]
    style = int(draft.rng.integers(STYLES))  # cabinets of one kitchen are alike
    front = draw_finish(draft.rng, "cabinet", draft.palette, draft.words, behind=draft.wall.colour)
    wants = [Want(kind, style, draft.between(*item.scales)) for kind in order]
    low, high = draft.length(wall)
    while sum(want.size[0] + 0.05 for want in wants) > high - low - 0.1:
        cabinets = [place for place, want in enumerate(wants) if want.kind == "cabinet"]
        wants.pop(cabinets[-1] if len(cabinets) > 1 else -1)
    along = draft.between(low + 0.05, high - sum(want.size[0] + 0.05 for want in wants) - 0.05)
    for want in wants:
        finish = (
            front
            if want.kind == "cabinet"
            else draw_finish(draft.rng, want.kind, draft.palette, draft.words, behind=draft.wall.colour)
        )
        pose = _in_run(draft, want, wall, along + want.size[0] / 2)
        draft.put(item.name, want, pose, finish)
        along += want.size[0] + 0.05
    return len(wants)


def _in_run(draft: Draft, want: Want, wall: str, along: float) -> Pose:
    point = draft.at(wall, along, want.size[1] / 2 + 0.02)
    return Pose((*point, 0.0), YAWS[wall], wall=wall)
