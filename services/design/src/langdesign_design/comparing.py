"""How two pictures of one design differ."""

from __future__ import annotations

from dataclasses import dataclass

from langdesign_edits import ChangeStatistics, Pixels, measure_change

from .areas import Area
from .patches import differing


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """How two pictures differ.

    Attributes:
        statistics: Over all pixels.
        changed: Where any channel differs, alpha included.

    """

    statistics: ChangeStatistics
    changed: Area


def compare(one: Pixels, other: Pixels) -> Difference:
    """Return how two pictures of one shape, uint8 ``[H, W, 3 or 4]``, differ.

    Raises:
        PatchError: They differ in size or channels.

    """
    changed = differing(one, other)
    return Difference(measure_change(one, other, None).inside, changed)
