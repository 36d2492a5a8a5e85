"""Room for so many runs at once: first come, first served."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from langdesign_training.live import LiveRun
from langdesign_training.metrics import RunMetrics
from langdesign_training.runs import State


class ClosingError(Exception):
    """The service stops; runs go on without it where they can."""


class Room:
    """Places for runs. Those that ran before a restart of the service have theirs already.

    Args:
        places: Runs under way at once.
        metrics: Are told how many are.

    """

    def __init__(self, places: int, metrics: RunMetrics) -> None:
        self._places, self._metrics = places, metrics
        self._queue: deque[LiveRun] = deque()
        self._taken = 0
        self._closed = False
        self._changed = asyncio.Condition()

    def queue(self, live: LiveRun) -> None:
        """Put a run at the end of the queue."""
        self._queue.append(live)

    @asynccontextmanager
    async def place(self, live: LiveRun) -> AsyncIterator[bool]:
        """Wait for a place and keep it; False where a queued run was cancelled before it got one.

        Raises:
            ClosingError: the service stopped first.

        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._may_go(live))
            self._queue.remove(live)
            if self._closed:
                raise ClosingError
            there = live.run.state is State.RUNNING or not live.cancelled.is_set()
            self._taken += there
            self._changed.notify_all()  # the next one in the queue may go too
        try:
            self._metrics.running.set(self._taken)
            yield there
        finally:
            async with self._changed:
                self._taken -= there
                self._changed.notify_all()
            self._metrics.running.set(self._taken)

    async def look_again(self) -> None:
        """Let go of queued runs that were cancelled."""
        async with self._changed:
            self._changed.notify_all()

    async def close(self) -> None:
        """Let go of all that wait."""
        self._closed = True
        await self.look_again()

    def _may_go(self, live: LiveRun) -> bool:
        next_one = self._queue[0] is live and self._taken < self._places
        return self._closed or live.cancelled.is_set() or live.run.state is State.RUNNING or next_one
