"""Windows, and the curtains and blinds that dress them."""

from __future__ import annotations

from ..description import Window
from .draft import HANGING, STYLES, YAWS, Draft, Pose, Want
from .finishes import draw_finish
from .geometry import clear, solid, window_solid
from .rooms import Item

SILL = (0.85, 1.05)  # metres above the floor
TALL = (1.15, 1.4)  # metres, of the opening
WIDE = (0.9, 1.5)
TOP = 2.3  # metres, that a window's head does not pass


def add_windows(draft: Draft, item: Item) -> None:
    """Open a window, dress it at times, and at times open another at a side wall."""
    kind = item.kinds[int(draft.rng.integers(len(item.kinds)))] if draft.rng.random() < item.chance else ""
    for _try in range(24):
        wall = item.walls[int(draft.rng.integers(len(item.walls)))]
        if (_dressed if kind else _bare)(draft, kind, wall):
            break
    else:
        for wall in sorted(YAWS):
            if _bare(draft, "", wall):
                break
    if draft.rng.random() < 0.25:
        _bare(draft, "", ("left wall", "right wall")[int(draft.rng.integers(2))])


def _bare(draft: Draft, _kind: str, wall: str) -> bool:
    size = (draft.between(*WIDE), draft.between(*TALL))
    return _open(draft, wall, _spot(draft, wall, size[0]), draft.between(*SILL) + size[1] / 2, size)


def _spot(draft: Draft, wall: str, width: float) -> float:
    low, high = draft.length(wall)
    low = low if wall == "back wall" else 1.2
    return draft.between(low + width / 2 + 0.15, high - width / 2 - 0.15)


def _open(draft: Draft, wall: str, along: float, middle: float, size: tuple[float, float]) -> bool:
    window = Window(wall, (along, middle), size)
    low, high = draft.length(wall)
    if along - size[0] / 2 < low + 0.1 or along + size[0] / 2 > high - 0.1:
        return False
    box = window_solid(window, draft.size)
    taken = [solid(thing) for thing in draft.things if thing.kind not in {"rug", "curtain", "blind"}]
    others = [window_solid(one, draft.size) for one in draft.windows]
    if middle + size[1] / 2 > draft.size[2] - 0.15 or not clear(box, taken + others, HANGING):
        return False
    draft.windows.append(window)
    return True


def _dressed(draft: Draft, kind: str, wall: str) -> bool:
    """Hang what dresses a window where it fits, and open the window behind it."""
    want = Want(kind, int(draft.rng.integers(STYLES)), 1.0)
    width, _depth, height = want.size
    scale = min(1.0, (draft.size[2] - 0.15) / height)
    want = Want(kind, want.style, scale)
    width, _depth, height = want.size
    head = max(min(TOP + 0.05, draft.size[2] - 0.1), height + 0.02)
    along = _spot(draft, wall, width)
    pose = Pose((*draft.at(wall, along, 0.0), head - height / 2), YAWS[wall], on=wall, wall=wall)
    finish = draw_finish(draft.rng, kind, draft.palette, draft.words, behind=draft.wall.colour)
    hung = draft.put("window", want, pose, finish)
    if hung is None:
        return False
    opening = (width * (0.72 if kind == "curtain" else 0.9), draft.between(*TALL))
    if _open(draft, wall, along, min(head, TOP) - 0.12 - opening[1] / 2, opening):
        return True
    draft.things.remove(hung)
    draft.groups["window"].remove(hung)
    return False
