"""Shares running nodes out among replicas: each has a lease on those that it sees to, and renews it."""

from __future__ import annotations

import asyncio
import functools
import logging
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from langdesign_chassis import errors

from .metrics import DesignMetrics
from .node_edits import NodeEdits
from .nodes import Node
from .store import DesignStore
from .watching import Hub

_LOOK_SECONDS = 1.0  # between two looks for nodes that nobody sees to
_HOLDS_A_LEASE = 4  # renewals within a lease's time
_log = logging.getLogger(__name__)


class Runner:
    """Claims running nodes, as many at once as it has room for; use it as an async context manager.

    What it does not end before this service stops or is killed, another replica or the next start claims.

    Args:
        store: Keeps nodes and leases.
        edits: Carries edits out.
        hub: Is told which nodes this replica sees to.
        metrics: What is counted.
        draining: Set when this service stops: nothing more is claimed then.
        concurrency: Nodes that it sees to at once.
        lease_seconds: How long it may be silent before others take its nodes over.

    """

    def __init__(
        self,
        store: DesignStore,
        edits: NodeEdits,
        hub: Hub,
        metrics: DesignMetrics,
        draining: asyncio.Event,
        *,
        concurrency: int,
        lease_seconds: float,
    ) -> None:
        self._store, self._edits, self._hub, self._metrics = store, edits, hub, metrics
        self._draining, self._concurrency, self._lease = draining, concurrency, lease_seconds
        self._name = uuid.uuid4().hex
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Begin to claim."""
        self._loops = [asyncio.create_task(self._claim_on()), asyncio.create_task(self._hold_on())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the nodes: their operations go on, and whoever claims the nodes joins them."""
        tasks = [*self._loops, *self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        with suppress(errors.Error):  # else the leases run out
            await self._store.release(self._name)

    def wake(self) -> None:
        """Look for nodes now, because this replica made some."""
        self._wake.set()

    async def _claim_on(self) -> None:
        while not self._draining.is_set():
            self._wake.clear()
            try:
                await self._claim()
            except Exception:  # noqa: BLE001 - claimed again in a moment
                _log.exception("no nodes can be claimed now")
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._wake.wait()

    async def _claim(self) -> None:
        room = self._concurrency - len(self._tasks)
        if room <= 0:
            return
        for tenant, node in await self._store.claim(self._name, self._lease, room):
            if node.id in self._tasks:  # its lease ran out while this process had no time to renew it
                continue
            if node.operation:
                self._metrics.joined.inc()
            self._hub.seen_to.add(node.id)
            task = asyncio.create_task(self._see_through(tenant, node))
            self._tasks[node.id] = task
            self._metrics.running.inc()
            task.add_done_callback(functools.partial(self._done, node))

    async def _see_through(self, tenant: str, node: Node) -> None:
        try:
            ended = await self._edits.see_through(tenant, node)
        except errors.NotFound:
            return  # purged meanwhile
        except errors.Error as error:
            # The lease is renewed no more, so that the node is claimed again.
            _log.warning("an edit was let go", extra={"node": node.id, "reason": error.message})
            return
        seconds = (datetime.now(UTC) - ended.create_time).total_seconds()
        self._metrics.ended(ended.state, max(0.0, seconds))

    def _done(self, node: Node, _: asyncio.Task[None]) -> None:
        del self._tasks[node.id]
        self._hub.seen_to.discard(node.id)
        self._metrics.running.dec()
        self._wake.set()

    async def _hold_on(self) -> None:
        while True:
            await asyncio.sleep(self._lease / _HOLDS_A_LEASE)
            tasks = dict(self._tasks)  # those claimed meanwhile are not asked for
            if not tasks:
                continue
            try:
                held = await self._store.hold(self._name, list(tasks), self._lease)
            except Exception:  # noqa: BLE001 - tried again; at worst another replica joins the same operations
                _log.exception("leases cannot be renewed now")
                continue
            for node in tasks.keys() - set(held):  # ended elsewhere, or taken over
                tasks[node].cancel()
