"""A run that has not ended, with those who watch it."""

import asyncio
from collections.abc import AsyncIterator

from langdesign_training.runs import Run


class LiveRun:
    """Changes by `publish`; any number of watchers see it as it stands, and its end.

    Attributes:
        run: The run as it stands.
        cancelled: Set once its owner wants its end.

    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.cancelled = asyncio.Event()
        if run.cancelled:
            self.cancelled.set()
        self._changed = asyncio.Condition()

    async def publish(self, run: Run) -> None:
        """Show the run as it stands now."""
        async with self._changed:
            self.run = run
            self._changed.notify_all()

    async def follow(self) -> AsyncIterator[Run]:
        """Yield the run as it stands, then after changes, until it has ended; a slow watcher misses some."""
        seen = self.run
        yield seen
        while not seen.state.ended:
            async with self._changed:
                await self._changed.wait_for(lambda: self.run is not seen)  # noqa: B023 - asked at once
            seen = self.run
            yield seen

    async def until_ended(self) -> Run:
        """Wait for the end."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.run.state.ended)
        return self.run
