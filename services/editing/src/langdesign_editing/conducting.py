"""Sees an operation that is done in this process from its first happening to its stored end."""

import asyncio
import functools
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from langdesign_chassis import errors, remaining

from langdesign_editing.event_messages import event_of
from langdesign_editing.events import Happening, Outcome, State
from langdesign_editing.failures import failure_of, is_retryable
from langdesign_editing.live import LiveOperation
from langdesign_editing.metrics import OperationMetrics
from langdesign_editing.recording import Recording, uninterrupted
from langdesign_editing.results import Results
from langdesign_editing.store import Ending, LostOperationError, OperationStore, Orphan

Work = AsyncGenerator[Happening, None]
_STOPPED = errors.Unavailable(
    "the service stopped amid the edit", hint="ask again with the same idempotency_key"
)
_CANCELLED = errors.Cancelled("the edit was cancelled", hint="ask again with a new idempotency_key")
_log = logging.getLogger(__name__)


class Conductor:
    """Records what happens in operations, and how they end.

    Args:
        store: Keeps the operations.
        results: Keeps what they result in.
        metrics: What is counted.

    """

    def __init__(self, store: OperationStore, results: Results, metrics: OperationMetrics) -> None:
        self._store, self._results, self._metrics = store, results, metrics

    async def do(self, live: LiveOperation, work: Work) -> None:
        """Do the work, and record what happens while it goes on."""
        recording = Recording(functools.partial(self._record, live))
        try:
            async with asyncio.timeout(remaining()), aclosing(work) as happenings:
                async for happening in happenings:
                    recording.add(happening)
        except TimeoutError:
            raise errors.DeadlineExceeded(
                "the edit took longer than its deadline", hint="give it more time"
            ) from None
        finally:
            await uninterrupted(recording.finish())

    async def see_to_its_end(self, live: LiveOperation) -> None:
        """Wait for an operation's work, however it ends, and record the end."""
        await asyncio.wait([live.work])
        error = _why_failed(live)
        if error is not None:
            await self._fail(live, error)
        self._metrics.ended(State.SUCCEEDED if error is None else _ending(error).state, live.seconds)

    async def end(self, orphan: Orphan) -> None:
        """End an operation that nobody does any more: cancelled if its owner wants it, else UNAVAILABLE."""
        error = _CANCELLED if orphan.cancelled else _STOPPED
        event = await event_of(orphan.count + 1, failure_of(error))
        try:
            await self._store.append(orphan.operation, [event], _ending(error))
        except LostOperationError:
            return  # another replica ended it first
        _log.warning("an operation was interrupted", extra={"operation": orphan.operation})

    async def _record(self, live: LiveOperation, happenings: Sequence[Happening]) -> None:
        """Store what happened, and only then tell it."""
        events = [await event_of(live.count + place, each) for place, each in enumerate(happenings, start=1)]
        last = happenings[-1]
        if not isinstance(last, Outcome):
            if await self._store.append(live.operation, events):
                live.cancel()
            await live.publish(events)
            return
        referring, ending = await self._results.keep(live.tenant, live.operation, events[-1])
        await self._store.append(live.operation, [*events[:-1], referring], ending)
        live.succeeded = True
        if last.no_op is not None:
            self._metrics.changed_nothing(last.no_op)
        else:
            self._metrics.changed(last.report)
        await live.publish(events if ending.result else [*events[:-1], referring])

    async def _fail(self, live: LiveOperation, error: BaseException) -> None:
        lost = isinstance(error, LostOperationError)
        event = await event_of(live.count + 1, failure_of(_STOPPED if lost else error))
        try:
            if not lost:  # or else the replica that took it over records the same
                await self._store.append(live.operation, [event], _ending(error))
        except (errors.Error, LostOperationError):
            # Its followers must hear of the end even so; the keeper records it once the store answers.
            _log.exception("a failure could not be stored", extra={"operation": live.operation})
        await live.publish([event])


def _why_failed(live: LiveOperation) -> BaseException | None:
    """Why an operation failed; None when its result was recorded."""
    if live.succeeded:
        return None
    if not live.work.cancelled():
        return live.work.exception() or RuntimeError("the edit ended without a result")
    return _CANCELLED if live.cancelled else _STOPPED


def _ending(error: BaseException) -> Ending:
    cancelled = isinstance(error, errors.Cancelled)
    state = State.CANCELLED if cancelled else State.FAILED
    return Ending(state, retryable=is_retryable(error))
