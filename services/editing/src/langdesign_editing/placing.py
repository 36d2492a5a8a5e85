"""Where an added thing may go: its room beside, on or above the anchor that the instruction names."""

from collections.abc import Callable, Mapping

import numpy as np
from langdesign_edits import Mask, tight_box

from langdesign_editing.plans import Relation

REACH = 0.75
"""How far an added thing may reach from its anchor, over its larger side: neighbours are alike in size."""
LIMIT = 0.4
"""The most that it reaches, over the picture's smaller side: "on the floor" is not the whole picture."""

_Corners = tuple[int, int, int, int]  # left, top, right, bottom; the last two are exclusive


def place(anchor: Mask, relation: Relation) -> Mask:
    """Return where a thing may go that stands in a relation to its anchor, ``[H, W]``.

    A heuristic over the anchor's tight box, in the picture's plane. It never is empty unless the anchor is.

    Args:
        anchor: Where the picture shows the anchor, ``[H, W]``.
        relation: The thing's place, seen from it.

    """
    box = tight_box(anchor)
    if box is None:
        return anchor
    reach = round(min(REACH * max(box.width, box.height), LIMIT * min(anchor.shape)))
    corners = (box.x, box.y, box.x + box.width, box.y + box.height)
    room = _drawn(_ROOMS[relation](corners, reach), anchor.shape)
    if relation in _APART:
        apart = room & ~anchor
        return apart if apart.any() else anchor
    return room | anchor


def _around(box: _Corners, reach: int) -> _Corners:
    return box[0] - reach // 2, box[1] - reach // 2, box[2] + reach // 2, box[3] + reach // 2


def _above(box: _Corners, reach: int) -> _Corners:
    return box[0], box[1] - reach, box[2], box[1]


def _below(box: _Corners, reach: int) -> _Corners:
    return box[0] - reach // 2, (box[1] + box[3]) // 2, box[2] + reach // 2, box[3] + reach // 2


def _left(box: _Corners, reach: int) -> _Corners:
    return box[0] - reach, box[1] - reach // 2, box[0], box[3]


def _right(box: _Corners, reach: int) -> _Corners:
    return box[2], box[1] - reach // 2, box[2] + reach, box[3]


def _beside(box: _Corners, reach: int) -> _Corners:
    return box[0] - reach, box[1] - reach // 2, box[2] + reach, box[3]


def _in_front(box: _Corners, reach: int) -> _Corners:
    return box[0], (box[1] + box[3]) // 2, box[2], box[3] + reach


def _behind(box: _Corners, reach: int) -> _Corners:
    return box[0] - reach // 2, box[1] - reach, box[2] + reach // 2, box[3]


_ROOMS: Mapping[Relation, Callable[[_Corners, int], _Corners]] = {
    Relation.AROUND: _around,
    Relation.ON: _above,  # and the anchor with it: what is on it hides a part
    Relation.ABOVE: _above,
    Relation.BELOW: _below,
    Relation.BESIDE: _beside,
    Relation.LEFT: _left,
    Relation.RIGHT: _right,
    Relation.IN_FRONT: _in_front,
    Relation.BEHIND: _behind,
    Relation.INSIDE: _above,  # flowers in a vase stand out of it
}
_APART = frozenset(
    {
        Relation.ABOVE,
        Relation.BESIDE,
        Relation.LEFT,
        Relation.RIGHT,
        Relation.BEHIND,
    }
)
"""Relations in which the anchor itself stays as it is."""


def _drawn(corners: _Corners, shape: tuple[int, ...]) -> Mask:
    """Return the box's part within the picture."""
    left, top, right, bottom = (max(corner, 0) for corner in corners)
    drawn = np.zeros(shape, dtype=np.bool_)
    drawn[top:bottom, left:right] = True
    return drawn
