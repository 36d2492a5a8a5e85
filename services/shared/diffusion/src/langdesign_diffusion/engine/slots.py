"""Edits in flight, and which of them share the next UNet call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from langdesign_diffusion.engine.job import Job
from langdesign_diffusion.state import EditState


@dataclass(slots=True)
class Slot:
    """One edit in flight."""

    job: Job
    state: EditState
    turn: int  # number of the last batch that it was part of, or that it joined after


class Slots:
    """A fixed number of edits in flight; used by the worker thread alone."""

    def __init__(self, size: int, batch_size: int, row_buckets: Sequence[int]) -> None:
        self._size = size
        self._batch_size = batch_size
        self._row_buckets = tuple(row_buckets)
        self._taken: list[Slot] = []
        self._turn = 0

    def __len__(self) -> int:
        return len(self._taken)

    def __iter__(self) -> Iterator[Slot]:
        return iter(list(self._taken))

    @property
    def free(self) -> int:
        """How many more edits fit."""
        return self._size - len(self._taken)

    def join(self, job: Job, state: EditState) -> None:
        """Take a slot."""
        self._taken.append(Slot(job, state, self._turn))

    def leave(self, slot: Slot) -> None:
        """Free a slot."""
        self._taken.remove(slot)

    def next_batch(self) -> list[Slot]:
        """Return the edits of the next UNet call: who waited longest, and others of its latent shape.

        So latent shapes take turns, and within one shape that has more edits than fit, edits do.
        """
        waiting = sorted(self._taken, key=lambda slot: slot.turn)
        batch: list[Slot] = []
        for slot in waiting:
            if len(batch) == self._batch_size:
                break
            same_shape = slot.state.latent_shape == waiting[0].state.latent_shape
            if same_shape and self._fits([*batch, slot]):
                batch.append(slot)
        self._turn += 1
        for slot in batch:
            slot.turn = self._turn
        return batch

    def bucket(self, batch: Sequence[Slot]) -> int | None:
        """Return the smallest row bucket that holds these edits, or None where nothing is padded."""
        return next((bucket for bucket in self._row_buckets if bucket >= rows(batch)), None)

    def _fits(self, batch: Sequence[Slot]) -> bool:
        return not self._row_buckets or self.bucket(batch) is not None


def rows(batch: Sequence[Slot]) -> int:
    """Return how many UNet rows the next step of these edits takes: one per guidance branch."""
    return sum(len(slot.state.branches) for slot in batch)
