"""Joining two pictures that came of one by edits in different places."""

from __future__ import annotations

from dataclasses import dataclass

from langdesign_edits import Pixels

from .areas import Area
from .errors import MergeConflict
from .patches import Patch


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """What came of the common ancestor on one side.

    Attributes:
        pixels: The picture at its end, uint8 ``[H, W, 3 or 4]``.
        touched: What its edits since the ancestor were to change.

    """

    pixels: Pixels
    touched: Area


def merge(ancestor: Pixels, base: Branch, other: Branch) -> Patch:
    """Return what is to be changed of the base so that it has the changes of both.

    The result is the same whichever branch is the base, since no pixel is changed or touched by both.

    Args:
        ancestor: The picture that both came of, uint8 ``[H, W, 3 or 4]``.
        base: The branch that is gone on from.
        other: The branch whose changes are taken over.

    Raises:
        MergeConflict: Pixels were changed, or were to be changed, on both sides.

    """
    ours = Patch.between(ancestor, base.pixels, base.touched)
    theirs = Patch.between(ancestor, other.pixels, other.touched)
    shared = ours.changed.union(ours.touched).overlap(theirs.changed.union(theirs.touched))
    if shared:
        raise MergeConflict(shared)
    return theirs
