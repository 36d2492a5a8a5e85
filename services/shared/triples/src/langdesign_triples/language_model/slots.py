"""Which triples are still to be written: for each its subject and the change that it is to show."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from ..context import Context
from ..curriculum import subjects_in_turn
from ..triple import Change

WINDOW = 40  # slots ahead in which those of one subject are gathered for one request


@dataclass(frozen=True, slots=True)
class Slot:
    """One triple that is to be written."""

    number: int
    subject: str
    change: Change


class Slots:
    """The slots of a job that are open: the same ones for the same context, subjects and seed.

    Args:
        context: whose curriculum and mix of operations count.
        subjects: only these; empty means all.
        seed: of the draw of changes.
        count: triples of the job.
        closed: numbers of the slots that an earlier run has filled.

    """

    def __init__(
        self, context: Context, subjects: Sequence[str], seed: int, count: int, closed: Collection[int]
    ) -> None:
        weights = {change: weight for change, weight in context.operations.items() if weight > 0}
        rng = random.Random(seed)  # noqa: S311 - a draw of work, no secret
        # All are drawn, so that a longer job begins as a shorter one does.
        turns = enumerate(islice(subjects_in_turn(context, subjects), count + len(closed)))
        drawn = [Slot(n, name, rng.choices([*weights], [*weights.values()])[0]) for n, name in turns]
        self._open = deque(
            [slot for slot in drawn if slot.number not in closed][: max(0, count - len(closed))]
        )

    def take(self, most: int) -> list[Slot]:
        """Take up to so many of the next slots of one subject; empty when none is open."""
        if not self._open:
            return []
        subject = self._open[0].subject
        taken = [slot for slot in islice(self._open, WINDOW) if slot.subject == subject][:most]
        for slot in taken:
            self._open.remove(slot)
        return taken

    def put_back(self, slots: Sequence[Slot]) -> None:
        """Open slots again that could not be filled, before all others."""
        self._open.extendleft(reversed(slots))
