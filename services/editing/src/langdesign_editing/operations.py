"""Operations: each runs once, whoever listens, and can be joined, followed and cancelled at any replica.

An operation belongs to its service, not to the stream that asked for it: a broken stream, which the server
cannot tell from a caller that went away, changes nothing. It ends by its result, by `Operations.cancel`, or
at the deadline of the call that began it. One replica does it; the others follow it in the store, where each
event is kept before anybody hears of it. Where its replica is gone, another one ends it as UNAVAILABLE, and
the same request begins it anew.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType
from typing import Self

from langdesign_chassis import errors

from langdesign_editing.conducting import Conductor, Work
from langdesign_editing.events import Event, State
from langdesign_editing.keeping import Keeper, Terms
from langdesign_editing.live import LiveOperation
from langdesign_editing.metrics import OperationMetrics
from langdesign_editing.places import Place, Places
from langdesign_editing.recording import uninterrupted
from langdesign_editing.results import Results
from langdesign_editing.store import OperationStore, Record

_POLL = 0.1
"""How often an operation of another replica is looked at, seconds."""
_log = logging.getLogger(__name__)


class Operations:
    """Runs operations and keeps what became of them; use it as an async context manager.

    Args:
        store: Keeps the operations.
        results: Keeps what they result in.
        metrics: What is counted.
        places: How many operations are under way at once in this process, with how large pictures.
        terms: How long what is kept.
        draining: Set when no call is taken any more.

    """

    def __init__(
        self,
        store: OperationStore,
        results: Results,
        metrics: OperationMetrics,
        *,
        places: Places,
        terms: Terms,
        draining: asyncio.Event,
    ) -> None:
        self._store, self._results, self._metrics = store, results, metrics
        self._places = places
        self._conductor = Conductor(store, results, metrics)
        self._live: dict[str, LiveOperation] = {}
        self._own: set[str] = set()
        self._keeper = Keeper(store, results, self._conductor, live=self._live, own=self._own, terms=terms)
        self._conducting: set[asyncio.Task[None]] = set()
        self._grace, self._draining = terms.grace, draining
        self._tasks: list[asyncio.Task[None]] = []
        self._drained_at: float | None = None

    async def __aenter__(self) -> Self:
        """End the operations of replicas that are gone, and keep the lease from now on.

        Raises:
            errors.Unavailable: The store does not answer.

        """
        await self._keeper.round()
        self._tasks = [asyncio.create_task(self._keeper.run()), asyncio.create_task(self._note_draining())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Lets what is under way end in the time that is left, stops the rest, and gives the lease up."""
        await self._settle()
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        try:
            await self._keeper.round()
            await self._store.leave()
        except errors.Error:
            _log.exception("the lease could not be given up; it ends by itself")

    async def find(self, tenant: str, key: str, fingerprint: bytes) -> str | None:
        """Return the operation that a request joins, if any.

        Raises:
            errors.AlreadyExists: The key was used for another request.
            errors.Unavailable: The store does not answer.

        """
        return await self._store.find(tenant, key, fingerprint)

    def place(self) -> AbstractContextManager[Place]:
        """Reserves a place for an operation, given back at the end unless the operation has begun.

        Raises:
            errors.ResourceExhausted: Too many operations are under way.

        """
        return self._places.reserved()

    def look(self) -> AbstractContextManager[Place]:
        """Reserves what a picture takes that no operation is to begin with; given back at the end."""
        return self._places.looked_at()

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
            errors.Unavailable: The store does not answer.

        """
        return await uninterrupted(self._begin(place, tenant, key, fingerprint, work))

    async def get(self, tenant: str, operation: str, after: int = 0) -> Record:
        """Return an operation with its events after a sequence number, the result's picture included.

        Raises:
            errors.NotFound: There is none, or it belongs to another tenant; or its result is gone.
            errors.DataLoss: Its result is damaged.
            errors.Unavailable: The store, or the results' store, does not answer.

        """
        record = await self._store.load(tenant, operation, after)
        if record.result is None or not record.events:
            return record
        *earlier, last = record.events
        picture = await self._results.get(tenant, operation, record.result)
        return replace(record, events=[*earlier, replace(last, picture=picture)])

    async def watch(self, tenant: str, operation: str, after: int = 0) -> AsyncIterator[Event]:
        """Yield an operation's events after a sequence number, and go on live until its last.

        One that another replica does is followed in the store: its previews come without their pictures.

        Raises:
            errors.NotFound: There is none, or it belongs to another tenant.
            errors.Unavailable: The store does not answer.

        """
        live = self._live_of(tenant, operation)
        if live is not None:
            async for event in live.follow(after):
                yield event
            return
        record = await self.get(tenant, operation, after)
        while True:
            for event in record.events:
                after = event.sequence
                yield event
            if record.state != State.RUNNING:
                return
            await asyncio.sleep(_POLL)
            record = await self.get(tenant, operation, after)

    async def cancel(self, tenant: str, operation: str) -> State:
        """Cancel an operation, wait for its end, and return its state; an ended one keeps its own.

        Raises:
            errors.NotFound: There is none, or it belongs to another tenant.
            errors.Unavailable: The store does not answer.

        """
        live = self._live_of(tenant, operation)
        if live is not None:
            live.cancel()
            await live.until_ended()
        else:
            await self._store.ask_to_cancel(tenant, operation)
        while True:
            state = (await self._store.load(tenant, operation)).state
            if state != State.RUNNING:
                return state
            await asyncio.sleep(_POLL)

    def _live_of(self, tenant: str, operation: str) -> LiveOperation | None:
        live = self._live.get(operation)
        return live if live is not None and live.tenant == tenant else None

    async def _begin(
        self, place: Place, tenant: str, key: str, fingerprint: bytes, work: Callable[[], Work]
    ) -> str:
        operation = uuid.uuid4().hex
        self._own.add(operation)  # before it is stored, or the keeper takes it for an orphan
        try:
            begun = await self._store.begin(tenant, key, fingerprint, operation)
        except BaseException:
            self._own.discard(operation)
            raise
        if not begun.new:
            self._own.discard(operation)
            return begun.operation
        live = LiveOperation(operation, tenant)
        live.work = asyncio.create_task(self._conductor.do(live, work()))
        self._live[operation] = live
        place.kept = True
        self._metrics.running.inc()
        conducting = asyncio.create_task(self._conduct(live, place))
        self._conducting.add(conducting)
        conducting.add_done_callback(self._conducting.discard)
        return operation

    async def _conduct(self, live: LiveOperation, place: Place) -> None:
        try:
            await self._conductor.see_to_its_end(live)
        finally:
            self._metrics.running.dec()
            del self._live[live.operation]
            self._own.discard(live.operation)
            place.give_back()
            self._keeper.note_an_end()
            await live.end()

    async def _settle(self) -> None:
        """Wait for what is under way as long as a drain may last, and stop what is left."""
        if self._drained_at is not None and self._conducting:
            left = self._grace - (time.monotonic() - self._drained_at)
            await asyncio.wait(self._conducting, timeout=max(left, 0.0))
        for live in self._live.values():
            live.work.cancel()
        if self._conducting:
            await asyncio.wait(self._conducting)

    async def _note_draining(self) -> None:
        await self._draining.wait()
        self._drained_at = time.monotonic()
