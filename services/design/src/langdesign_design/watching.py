"""Tells followers of designs what happens: by notification within a replica, by polling across replicas."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Self

from langdesign_chassis import errors

from .editing_peer import EditingPeer
from .live import Listener, NodeEvent, without_picture
from .metrics import DesignMetrics
from .nodes import Design, Node, NodeState
from .store import Change, DesignStore

POLL_SECONDS = 0.5
"""How often a design that somebody follows is looked at for what other replicas changed."""
_log = logging.getLogger(__name__)


class _Feed:
    """One design that somebody follows."""

    def __init__(self, tenant: str, design: str, revision: int) -> None:
        self.tenant, self.design, self.revision = tenant, design, revision
        self.listeners: set[Listener] = set()
        self.poked = asyncio.Event()
        self.relays: dict[str, asyncio.Task[None]] = {}  # by node; edits that another replica sees to
        self.task: asyncio.Task[None] | None = None

    def tell(self, item: Change | NodeEvent) -> None:
        for listener in self.listeners:
            listener.tell(item)

    def end(self, error: errors.Error) -> None:
        for listener in self.listeners:
            listener.end(error)


class Hub:
    """Where followers of designs register; use it as an async context manager.

    However many follow a design, this replica asks the database for its changes once.

    Args:
        store: Keeps the designs.
        editing: Tells the events of edits that other replicas see to.
        metrics: What is counted.
        draining: Set when this service stops: endless followers end then.
        poll_seconds: How often a design is looked at.

    """

    def __init__(
        self,
        store: DesignStore,
        editing: EditingPeer,
        metrics: DesignMetrics,
        draining: asyncio.Event,
        *,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._store, self._editing, self._metrics = store, editing, metrics
        self._draining, self._poll = draining, poll_seconds
        self._feeds: dict[tuple[str, str], _Feed] = {}
        self._endless: set[Listener] = set()
        self.seen_to: set[str] = set()
        """Nodes whose edits this replica sees to, and tells about itself."""

    async def __aenter__(self) -> Self:
        """Begin to wait for the end of the service."""
        self._ending = asyncio.create_task(self._end_with_service())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop looking at designs."""
        self._ending.cancel()
        tasks = [self._ending]
        for feed in list(self._feeds.values()):
            tasks += self._close(feed)
        await asyncio.wait(tasks)

    def poke(self, tenant: str, design: str) -> None:
        """Have a design looked at now, because this replica changed it."""
        feed = self._feeds.get((tenant, design))
        if feed is not None:
            feed.poked.set()

    def tell(self, tenant: str, design: str, event: NodeEvent) -> None:
        """Tell the followers of a design of an event."""
        feed = self._feeds.get((tenant, design))
        if feed is not None:
            feed.tell(event)

    def relay(self, tenant: str, design: str, items: Sequence[Design | Node]) -> None:
        """Have followers hear the events of edits that are under way in other replicas."""
        feed = self._feeds.get((tenant, design))
        for item in items:
            if feed is not None and isinstance(item, Node):
                self._relay(feed, item)

    @asynccontextmanager
    async def listening(self, tenant: str, design: str, *, endless: bool = False) -> AsyncIterator[Listener]:
        """Register a follower, which hears of every change from now on.

        Args:
            tenant: Whose design it is.
            design: Its id.
            endless: Whether the follower ends with the service's draining, rather than by itself.

        Raises:
            errors.NotFound: the tenant has no such design.

        """
        revision = (await self._store.design(tenant, design)).revision
        feed = self._feeds.get((tenant, design))
        if feed is None:
            feed = _Feed(tenant, design, revision)
            self._feeds[tenant, design] = feed
            feed.task = _apart(self._look(feed))
        listener = Listener()
        feed.listeners.add(listener)
        if endless:
            self._endless.add(listener)
            if self._draining.is_set():
                listener.end(_stopping())
        self._metrics.watchers.inc()
        try:
            yield listener
        finally:
            self._metrics.watchers.dec()
            self._endless.discard(listener)
            feed.listeners.discard(listener)
            if not feed.listeners:
                self._close(feed)

    def _close(self, feed: _Feed) -> list[asyncio.Task[None]]:
        if self._feeds.get((feed.tenant, feed.design)) is feed:
            del self._feeds[feed.tenant, feed.design]
        tasks = [*feed.relays.values(), *([feed.task] if feed.task else [])]
        for task in tasks:
            task.cancel()
        return tasks

    async def _look(self, feed: _Feed) -> None:
        """Tell a design's changes as they come, until nobody follows it."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll):
                    await feed.poked.wait()
            feed.poked.clear()
            try:
                changes = await self._store.changes(feed.tenant, feed.design, feed.revision)
            except errors.NotFound as gone:  # purged
                feed.end(gone)
                return
            except Exception:  # noqa: BLE001 - followers stay, and hear of it all once the database answers
                _log.exception("changes cannot be read now", extra={"design": feed.design})
                continue
            for change in changes:
                feed.revision = max(feed.revision, change.revision)
                feed.tell(change)
                if isinstance(change.item, Node):
                    self._relay(feed, change.item)

    def _relay(self, feed: _Feed, node: Node) -> None:
        running = node.state is NodeState.RUNNING
        if not running or not node.operation or node.id in self.seen_to or node.id in feed.relays:
            return
        task = _apart(self._relayed(feed, node))
        feed.relays[node.id] = task
        task.add_done_callback(lambda _: feed.relays.pop(node.id, None))

    async def _relayed(self, feed: _Feed, node: Node) -> None:
        try:
            async for event in self._editing.watch(feed.tenant, node.operation):
                if node.id in self.seen_to:  # this replica took it over, and tells by itself
                    return
                feed.tell(NodeEvent(node.id, without_picture(event)))
        except errors.Error as error:  # the node's end is told by its change all the same
            _log.info("events of an edit cannot be relayed", extra={"node": node.id, "reason": error.message})

    async def _end_with_service(self) -> None:
        await self._draining.wait()
        for listener in self._endless:
            listener.end(_stopping())


def _apart(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Begin work that outlives the call that caused it, so without the call's deadline and identity."""
    return asyncio.create_task(work, context=contextvars.Context())


def _stopping() -> errors.Unavailable:
    return errors.Unavailable(
        "this replica stops", hint="watch again, after the last revision", retry_after=0.1
    )
