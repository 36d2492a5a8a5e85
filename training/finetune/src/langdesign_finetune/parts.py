"""Batches cut into equal parts: among processes, and each process's share into what fits its memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .errors import TrainingError
from .processes import Processes
from .task import Divisible, Task


class Parts:
    """Cuts batches into parts, and those into each process's own."""

    def __init__(self, task: Task, parts: int, processes: Processes) -> None:
        self._task, self._count, self._rank = task, parts * processes.size, processes.rank
        self._own = parts
        if self._count > 1 and not isinstance(task, Divisible):
            raise TrainingError(
                f"The batches of {type(task).__name__} cannot be divided; train in one process and one part"
            )
        if task.batch_size % self._count:
            raise TrainingError(
                f"A batch of {task.batch_size} cannot be divided among {processes.size} processes in {parts} "
                "parts each; choose a batch that their product divides"
            )

    def of(self, batch: Any) -> Sequence[Any]:
        """Return this process's parts of a batch."""
        if self._count == 1 or not isinstance(self._task, Divisible):
            return (batch,)
        first = self._rank * self._own
        return [self._task.part(batch, first + place, self._count) for place in range(self._own)]
