"""The events of one edit, written by one thread and read by any number of threads and event loops."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

from langdesign_engine.events import Event


class EventLog:
    """An append-only list that readers follow from its start; it ends once, well or with an error."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._error: Exception | None = None
        self._ended = False
        self._changed = threading.Condition()
        self._wakers: set[Callable[[], None]] = set()

    def append(self, event: Event) -> None:
        """Add an event."""
        with self._changed:
            self._events.append(event)
            self._wake()

    def end(self, last: Event | Exception) -> None:
        """Add the last event, or the error that readers meet in its place."""
        with self._changed:
            if isinstance(last, Exception):
                self._error = last
            else:
                self._events.append(last)
            self._ended = True
            self._wake()

    def wait(self, seen: int = 0, timeout: float | None = None) -> tuple[list[Event], bool]:
        """Return the events after the first `seen` and whether the log ended; block until there is either."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._events) > seen or self._ended, timeout)
            return self._events[seen:], self._ended

    def last(self, timeout: float | None) -> Event:
        """Wait for the end and return the last event.

        Raises:
            TimeoutError: the log has not ended after `timeout` seconds.
            Exception: the error that it ended with.

        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._ended, timeout):
                raise TimeoutError(f"the edit has not ended after {timeout} s; it goes on")
        self._raise_error()
        return self._events[-1]

    def follow(self, each_turn: Callable[[], None], poll: float | None) -> Iterator[Event]:
        """Iterate, blocking; `each_turn` is called between events and every `poll` seconds."""
        seen, ended = 0, False
        while not ended:
            fresh, ended = self.wait(seen, poll)
            yield from fresh
            seen += len(fresh)
            if not ended:
                each_turn()
        self._raise_error()

    async def follow_async(self) -> AsyncIterator[Event]:
        """Iterate without blocking the event loop."""
        loop, changed, seen, ended = asyncio.get_running_loop(), asyncio.Event(), 0, False

        def wake() -> None:
            with suppress(RuntimeError):  # the loop has closed: nobody listens there any more
                loop.call_soon_threadsafe(changed.set)

        self._listen(wake)
        try:
            while not ended:
                await changed.wait()
                changed.clear()
                fresh, ended = self.wait(seen, timeout=0)
                for event in fresh:
                    yield event
                seen += len(fresh)
        finally:
            self._ignore(wake)
        self._raise_error()

    def _listen(self, waker: Callable[[], None]) -> None:
        with self._changed:
            self._wakers.add(waker)
        waker()  # for what happened before

    def _ignore(self, waker: Callable[[], None]) -> None:
        with self._changed:
            self._wakers.discard(waker)

    def _wake(self) -> None:
        self._changed.notify_all()
        for waker in self._wakers:
            waker()

    def _raise_error(self) -> None:
        if self._error:
            raise self._error
