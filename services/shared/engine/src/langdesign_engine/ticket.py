"""A submitted edit, seen by its caller."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from langdesign_engine.events import Event, Finished
from langdesign_engine.job import Job, Phase
from langdesign_engine.stepper import Output


class Ticket:
    """A submitted edit; safe to use from any thread and, by `async for`, from any event loop.

    Every iteration starts at the first event, ends after `Finished`, and raises the edit's error where it
    fails: `Cancelled`, `DeadlineExceeded`, `EngineStopped`, a `ReportedError` of the editor, or whatever the
    model raised.
    """

    def __init__(self, job: Job[Any], drop_unwanted: Callable[[], None]) -> None:
        self._job = job
        self._drop_unwanted = drop_unwanted

    @property
    def phase(self) -> Phase:
        """Where the edit is now."""
        return self._job.phase

    @property
    def steps_done(self) -> int:
        """How many denoising steps the edit has had."""
        return self._job.steps_done

    def cancel(self) -> None:
        """Stop the edit at the next step boundary; at once where it still waits. Harmless once it ended."""
        self._job.cancelled.set()
        self._drop_unwanted()

    def result(self, timeout: float | None = None) -> Output:
        """Wait for the result.

        Raises:
            TimeoutError: the edit has not ended after `timeout` seconds; it goes on.
            Exception: the edit's error.

        """
        last = self._job.log.last(timeout)
        if not isinstance(last, Finished):
            raise TypeError(f"an edit ended with {type(last).__name__}")
        return last.result

    def events(self, wanted: Callable[[], bool] | None = None, poll: float = 0.02) -> Iterator[Event]:
        """Iterate over the events, blocking; cancel the edit once `wanted`, asked every `poll` s, says no."""

        def cancel_if_unwanted() -> None:
            if wanted and not wanted():
                self.cancel()

        return self._job.log.follow(cancel_if_unwanted, poll if wanted else None)

    def __aiter__(self) -> AsyncIterator[Event]:
        """Iterate over the events without blocking the event loop."""
        return self._job.log.follow_async()
