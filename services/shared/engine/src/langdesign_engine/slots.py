"""Edits in flight, and which of them share the next step."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic

from langdesign_engine.job import Job
from langdesign_engine.stepper import RequestT, StateT


@dataclass(slots=True)
class Slot(Generic[RequestT, StateT]):
    """One edit in flight."""

    job: Job[RequestT]
    state: StateT

    @property
    def step_work(self) -> float:
        """What one of its steps costs, in the unit of the request's work."""
        return self.job.request.work / self.state.steps


class Slots(Generic[RequestT, StateT]):
    """A fixed number of edits in flight; used by the worker thread alone."""

    def __init__(self, size: int, batch_size: int, row_buckets: Sequence[int]) -> None:
        self._size = size
        self._batch_size = batch_size
        self._row_buckets = tuple(row_buckets)
        self._taken: list[Slot[RequestT, StateT]] = []
        self._served: dict[Hashable, float] = {}  # per shape in flight: work done for each of its edits
        self._now = 0.0  # of the shape that was last chosen, before it was served

    def __len__(self) -> int:
        return len(self._taken)

    def __iter__(self) -> Iterator[Slot[RequestT, StateT]]:
        return iter(list(self._taken))

    @property
    def free(self) -> int:
        """How many more edits fit."""
        return self._size - len(self._taken)

    def join(self, job: Job[RequestT], state: StateT) -> None:
        """Take a slot."""
        self._served.setdefault(state.shape, self._now)
        self._taken.append(Slot(job, state))

    def leave(self, slot: Slot[RequestT, StateT]) -> None:
        """Free a slot."""
        self._taken.remove(slot)
        if not self._of_shape(slot.state.shape):
            del self._served[slot.state.shape]

    def next_batch(self) -> list[Slot[RequestT, StateT]]:
        """Return the edits of the next step: of the shape that has had least, who has been in flight longest.

        Shapes share the time by work, each edit with the same claim: while a large edit is in flight, small
        ones take as many steps as one of its own is worth, and wait for one of those at a time (start-time
        fair queueing, as in `FairQueue`). Within a shape the oldest go first, so that they end early in
        place of all ending late.
        """
        if not self._taken:
            return []
        shape = min((slot.state.shape for slot in self._taken), key=self._served.__getitem__)
        candidates = self._of_shape(shape)
        batch: list[Slot[RequestT, StateT]] = []
        for slot in candidates:
            if len(batch) < self._batch_size and (not batch or self._fits([*batch, slot])):
                batch.append(slot)
        self._now = self._served[shape]
        self._served[shape] += sum(slot.step_work for slot in batch) / len(candidates)
        return batch

    def bucket(self, batch: Sequence[Slot[RequestT, StateT]]) -> int | None:
        """Return the smallest row bucket that holds these edits, or None where nothing is padded."""
        return next((bucket for bucket in self._row_buckets if bucket >= rows(batch)), None)

    def _of_shape(self, shape: Hashable) -> list[Slot[RequestT, StateT]]:
        return [slot for slot in self._taken if slot.state.shape == shape]

    def _fits(self, batch: Sequence[Slot[RequestT, StateT]]) -> bool:
        return not self._row_buckets or self.bucket(batch) is not None


def rows(batch: Sequence[Slot[RequestT, StateT]]) -> int:
    """Return how many rows of the network's batch the next step of these edits takes."""
    return sum(slot.state.rows for slot in batch)
