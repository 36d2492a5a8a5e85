"""Operations: each runs once, whoever listens, and can be joined, followed again and cancelled.

An operation belongs to its service, not to the stream that asked for it: a broken stream, which the server
cannot tell from a caller that went away, changes nothing. It ends by its result, by `Operations.cancel`, or
at the deadline of the call that began it.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from langdesign_chassis import errors, remaining
from langdesign_media import BlobStore, MediaError

from langdesign_editing.convert import Event, event_message, refer, with_data
from langdesign_editing.events import Happening, Outcome, State
from langdesign_editing.failures import failure_of, is_retryable, media_error
from langdesign_editing.live import LiveOperation
from langdesign_editing.metrics import OperationMetrics
from langdesign_editing.store import Begun, Ending, OperationStore, Record

P = ParamSpec("P")
T = TypeVar("T")
Work = AsyncGenerator[Happening, None]
MAX_DATA = 160 * 1024 * 1024
"""Largest picture that the contract carries as bytes; a larger result travels as a blob reference."""
_STOPPED = errors.Unavailable(
    "the service stopped amid the edit", hint="ask again with the same idempotency_key"
)
_log = logging.getLogger(__name__)


@dataclass
class Place:
    """A place among the operations under way; `kept` once an operation has it."""

    kept: bool = False


class Operations:
    """Runs operations and keeps what became of them; use it as an async context manager.

    Args:
        store: Keeps the operations; closed at the end.
        results: Where results are kept; nothing else may be stored there.
        blobs: Where results go that are too large to travel as bytes.
        metrics: What is counted.
        concurrency: Operations under way at once.
        keep_seconds: How long an ended operation is kept.
        keep_count: How many ended operations are kept.

    """

    def __init__(
        self,
        store: OperationStore,
        results: BlobStore,
        blobs: BlobStore,
        metrics: OperationMetrics,
        *,
        concurrency: int,
        keep_seconds: float,
        keep_count: int,
    ) -> None:
        self._store, self._results, self._blobs = store, results, blobs
        self._metrics = metrics
        self._concurrency, self._keep_seconds, self._keep_count = concurrency, keep_seconds, keep_count
        self._taken = 0
        self._live: dict[str, LiveOperation] = {}
        self._conductors: set[asyncio.Task[None]] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="operations")
        self._pruning = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Fails the operations that a killed process left under way."""
        for operation, count in await self._stored(self._store.interrupted):
            event = await event_message(count + 1, failure_of(_STOPPED))
            await self._stored(self._store.append, operation, event, _failure(_STOPPED))
            _log.warning("an operation was interrupted", extra={"operation": operation})
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops what is under way, records it as failed, and closes the store."""
        for live in self._live.values():
            live.work.cancel()
        if self._conductors:
            await asyncio.wait(self._conductors)
        await self._stored(self._store.close)
        self._thread.shutdown()

    async def find(self, tenant: str, key: str, fingerprint: bytes) -> str | None:
        """Returns the operation that a request joins, if any. Raises errors.AlreadyExists as `begin` does."""
        return await self._stored(self._store.find, tenant, key, fingerprint)

    @contextmanager
    def place(self) -> Iterator[Place]:
        """Reserves a place for an operation, given back at the end unless the operation has begun.

        Raises:
            errors.ResourceExhausted: Too many operations are under way.

        """
        if self._taken >= self._concurrency:
            raise errors.ResourceExhausted(
                f"{self._taken} edits are under way, as many as are taken at once",
                hint="ask again in a moment, with the same idempotency_key",
                retry_after=1.0,
            )
        self._taken += 1
        place = Place()
        try:
            yield place
        finally:
            if not place.kept:
                self._taken -= 1

    async def begin(
        self, place: Place, tenant: str, key: str, fingerprint: bytes, work: Callable[[], Work]
    ) -> str:
        """Begins an operation, or joins the one of an equal request with its key.

        A failed operation whose failure may pass is begun anew, under a new id.

        Args:
            place: Its place, of `place`.
            tenant: Whose it is.
            key: The idempotency key.
            fingerprint: Equal for equal requests only.
            work: Does the edit; called only when this call begins it.

        Returns:
            The operation's id.

        Raises:
            errors.AlreadyExists: The key was used for another request.

        """
        return await _uninterrupted(self._begin(place, tenant, key, fingerprint, work))

    async def get(self, tenant: str, operation: str) -> Record:
        """Returns an operation with its events so far, the result's picture included.

        Raises:
            errors.NotFound: There is none, or it belongs to another tenant; or its result is gone.
            errors.DataLoss: Its result is damaged.
            errors.Unavailable: The results' store does not answer now.

        """
        record = await self._stored(self._store.load, tenant, operation)
        if record.result is None:
            return record
        *earlier, last = record.events
        try:
            last.result.image.data = await self._results.get(tenant, record.result)
        except MediaError as error:
            raise media_error(error, "the result") from error
        return replace(record, events=[*earlier, last])

    async def watch(self, tenant: str, operation: str, after: int = 0) -> AsyncIterator[Event]:
        """Yields an operation's events after a sequence number, and goes on live until its last.

        Raises:
            errors.NotFound: There is none, or it belongs to another tenant.
            errors.Unavailable: It ended, but its end could not be stored.

        """
        live = self._live.get(operation)
        if live is not None and live.tenant == tenant:
            async for event in live.follow(after):
                yield event
            return
        record = await self.get(tenant, operation)
        for event in record.events:
            if event.sequence > after:
                yield event
        if record.state == State.RUNNING:  # its failure could not be stored
            raise errors.Unavailable(
                "the edit ended, and its end could not be stored",
                hint="ask again with a new idempotency_key",
            )

    async def cancel(self, tenant: str, operation: str) -> State:
        """Cancels an operation, waits for its end, and returns its state; an ended one keeps its own.

        Raises:
            errors.NotFound: There is none, or it belongs to another tenant.

        """
        live = self._live.get(operation)
        if live is not None and live.tenant == tenant:
            if not live.cancelled:
                live.cancelled = True
                live.work.cancel()
            await live.until_ended()
        return (await self._stored(self._store.load, tenant, operation)).state

    async def _begin(
        self, place: Place, tenant: str, key: str, fingerprint: bytes, work: Callable[[], Work]
    ) -> str:
        begun: Begun = await self._stored(self._store.begin, tenant, key, fingerprint)
        if begun.new:
            live = LiveOperation(begun.operation, tenant)
            live.work = asyncio.create_task(self._do(live, work()))
            self._live[begun.operation] = live
            place.kept = True
            self._metrics.running.inc()
            conductor = asyncio.create_task(self._conduct(live))
            self._conductors.add(conductor)
            conductor.add_done_callback(self._conductors.discard)
        return begun.operation

    async def _do(self, live: LiveOperation, work: Work) -> None:
        try:
            async with asyncio.timeout(remaining()), aclosing(work) as happenings:
                async for happening in happenings:
                    await _uninterrupted(self._record(live, happening))
        except TimeoutError:
            raise errors.DeadlineExceeded(
                "the edit took longer than its deadline", hint="give it more time"
            ) from None

    async def _conduct(self, live: LiveOperation) -> None:
        """Sees an operation to its end, however its work ended."""
        try:
            await asyncio.wait([live.work])
            error = _outcome(live)
            if error is not None:
                await self._fail(live, error)
            state = State.SUCCEEDED if error is None else _failure(error).state
            self._metrics.ended(state, live.seconds)
        finally:
            self._metrics.running.dec()
            del self._live[live.operation]
            self._taken -= 1
            await live.end()
        await self._prune()

    async def _record(self, live: LiveOperation, happening: Happening) -> None:
        event = await event_message(live.count + 1, happening)
        if not isinstance(happening, Outcome):
            await self._stored(self._store.append, live.operation, event)
            await live.publish(event)
            return
        async with self._pruning:  # a pruned operation with the same result would take its blob away
            ending = await self._keep_result(live.tenant, event, happening.data)
            await self._stored(self._store.append, live.operation, event, ending)
        live.succeeded = True
        if happening.no_op is not None:
            self._metrics.no_ops.inc()
        await live.publish(with_data(event, happening.data) if ending.result else event)

    async def _keep_result(self, tenant: str, event: Event, data: bytes) -> Ending:
        """Stores the picture, lets the event refer to it, and returns how the operation ended."""
        fits = len(data) <= MAX_DATA
        digest = await (self._results if fits else self._blobs).put(tenant, data)
        refer(event, digest)
        return Ending(State.SUCCEEDED, result=digest if fits else None)

    async def _fail(self, live: LiveOperation, error: BaseException) -> None:
        event = await event_message(live.count + 1, failure_of(error))
        try:
            await self._stored(self._store.append, live.operation, event, _failure(error))
        except sqlite3.Error:
            # Its followers must hear of the end even so; the next start records it as interrupted.
            _log.exception("a failure could not be stored", extra={"operation": live.operation})
        await live.publish(event)

    async def _prune(self) -> None:
        try:
            async with self._pruning:
                oldest = time.time() - self._keep_seconds
                for tenant, digest in await self._stored(self._store.prune, oldest, self._keep_count):
                    await self._results.delete(tenant, digest)
        except Exception:  # noqa: BLE001 - the operation itself ended well; the next end prunes again
            _log.exception("ended operations could not be pruned")

    async def _stored(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a function of the store in the store's own thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: function(*args, **kwargs))


def _outcome(live: LiveOperation) -> BaseException | None:
    """Why an operation failed; None when its result was recorded."""
    if live.succeeded:
        return None
    if not live.work.cancelled():
        return live.work.exception() or RuntimeError("the edit ended without a result")
    if live.cancelled:
        return errors.Cancelled("the edit was cancelled", hint="ask again with a new idempotency_key")
    return _STOPPED


def _failure(error: BaseException) -> Ending:
    cancelled = isinstance(error, errors.Cancelled)
    state = State.CANCELLED if cancelled else State.FAILED
    return Ending(state, retryable=is_retryable(error))


async def _uninterrupted(action: Awaitable[T]) -> T:
    """Awaits an action that a cancellation must not split; the cancellation takes effect after it."""
    task, cancellation = asyncio.ensure_future(action), None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:  # a further one must not split it either
            cancellation = error
    if cancellation is None:
        return task.result()
    if not task.cancelled() and (failure := task.exception()) is not None:
        _log.error("an action failed while its caller was cancelled", exc_info=failure)
    raise cancellation
