"""What of a picture can be spoken of, and how its things lie to each other in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..dataset import Instance
from ..vocabulary import KINDS

VISIBLE = 25  # pixels from which a thing surely shows
APART = 8  # pixels between the middles of a left and a right thing, at least
NEARER = 0.35  # metres between a near and a far thing, at least

CARRIERS = ("table", "coffee table", "desk", "nightstand", "dresser", "cabinet", "bench", "stool")
SURFACES = ("wall", "backdrop", "floor", "window", "ceiling")

Instances = Sequence[Instance]


def shown(instances: Instances) -> tuple[Instance, ...]:
    """Return what shows at all; without a floor, the wall is a studio's backdrop."""
    studio = all(one.kind != "floor" for one in instances)
    return tuple(
        replace(one, kind="backdrop") if studio and one.kind == "wall" else one
        for one in instances
        if one.pixels > 0
    )


def middle(one: Instance) -> float:
    """Return where a thing's middle is, pixels from the left."""
    return one.box[0] + one.box[2] / 2


def right(one: Instance) -> int:
    """Return where a thing ends on the right."""
    return one.box[0] + one.box[2]


def bottom(one: Instance) -> int:
    """Return where a thing ends below."""
    return one.box[1] + one.box[3]


def left_of(one: Instance, other: Instance) -> bool:
    """Whether a thing is clearly to the left of another."""
    return middle(other) - middle(one) >= max(APART, 0.35 * max(one.box[2], other.box[2]))


def nearer(one: Instance, other: Instance) -> bool:
    """Whether a thing is clearly nearer to the camera than another."""
    return other.depth - one.depth >= max(NEARER, 0.12 * one.depth)


def beside(one: Instance, other: Instance, *, loose: bool = False) -> bool:
    """Whether a thing stands next to another: hardly a gap between them, as far away and as low.

    Args:
        one: what stands there.
        other: what it stands next to.
        loose: whether near misses count too.

    """
    if not (_stands(one) and _stands(other)):
        return False
    gap = max(one.box[0], other.box[0]) - min(right(one), right(other))
    narrow, wide = sorted((one.box[2], other.box[2]))
    within = -0.4 * narrow if not loose else -0.9 * narrow
    reach = 0.15 * wide + 4 if not loose else 0.5 * wide + 12
    return within <= gap <= reach and abs(one.depth - other.depth) <= (1.6 if loose else 0.8)


def over(one: Instance, other: Instance, *, loose: bool = False) -> bool:
    """Whether a thing hangs above another."""
    if one.kind not in KINDS or KINDS[one.kind].stands not in {"wall", "ceiling"} or not _stands(other):
        return False
    shared = min(right(one), right(other)) - max(one.box[0], other.box[0])
    if loose:
        return shared >= 0.1 * one.box[2] and one.box[1] < other.box[1]
    near = abs(one.depth - other.depth) <= 1.3
    return shared >= 0.6 * one.box[2] and bottom(one) <= other.box[1] + 3 and near


def upon(one: Instance, other: Instance, *, loose: bool = False) -> bool:
    """Whether a thing stands on another."""
    small = one.kind == "plant" or (one.kind in KINDS and KINDS[one.kind].stands == "top")
    if not small or other.kind not in CARRIERS:
        return False
    slack = 6 if loose else 0
    inside = other.box[0] - slack <= middle(one) <= right(other) + slack
    raised = one.box[1] < other.box[1] + slack and bottom(one) < bottom(other) - 0.25 * other.box[3] + slack
    rests = bottom(one) >= other.box[1] - 1 - slack
    return inside and raised and rests and abs(one.depth - other.depth) <= (1.2 if loose else 0.7)


def _stands(one: Instance) -> bool:
    return one.kind in KINDS and KINDS[one.kind].stands == "floor" and one.kind != "rug"
