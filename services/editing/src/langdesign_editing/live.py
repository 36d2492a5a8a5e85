"""An operation that is under way in this process, with those who follow it."""

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Sequence

from langdesign_editing.events import Event


class LiveOperation:
    """Events grow by `publish`; any number of followers see each of them once, in order.

    Attributes:
        operation: Its id.
        tenant: Whose it is.
        work: The task that does the edit.
        cancelled: Whether its owner asked for its end.
        succeeded: Whether its result is recorded.

    """

    work: asyncio.Task[None]

    def __init__(self, operation: str, tenant: str) -> None:
        self.operation = operation
        self.tenant = tenant
        self.cancelled = False
        self.succeeded = False
        self._events: list[Event] = []
        self._ended = False
        self._began = time.monotonic()
        self._changed = asyncio.Condition()

    @property
    def seconds(self) -> float:
        """How long ago it began."""
        return time.monotonic() - self._began

    @property
    def count(self) -> int:
        """How many events there are."""
        return len(self._events)

    def cancel(self) -> None:
        """Stop the work, as its owner asked; asking again changes nothing."""
        if not self.cancelled:
            self.cancelled = True
            self.work.cancel()

    async def publish(self, events: Sequence[Event]) -> None:
        """Add events."""
        self._events.extend(events)
        async with self._changed:
            self._changed.notify_all()

    async def end(self) -> None:
        """Tells the followers that no event comes any more."""
        self._ended = True
        async with self._changed:
            self._changed.notify_all()

    async def until_ended(self) -> None:
        """Wait for the end."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._ended)

    async def follow(self, after: int) -> AsyncIterator[Event]:
        """Yield the events after a sequence number, then those to come, until the end."""
        seen = after
        while True:
            for event in self._events[seen:]:
                seen = event.sequence
                yield event
            async with self._changed:
                await self._changed.wait_for(functools.partial(self._goes_on, seen))
            if self._ended and len(self._events) <= seen:
                return

    def _goes_on(self, seen: int) -> bool:
        return len(self._events) > seen or self._ended
