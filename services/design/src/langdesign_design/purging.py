"""Deletes for good what has been in the bin for long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from .metrics import DesignMetrics
from .store import DesignStore

_EVERY = 3600.0  # seconds
_log = logging.getLogger(__name__)


@asynccontextmanager
async def purging(store: DesignStore, metrics: DesignMetrics, days: float) -> AsyncIterator[None]:
    """Purge the bin now and every hour, while the context lasts."""
    task = asyncio.create_task(_purge_on(store, metrics, days))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _purge_on(store: DesignStore, metrics: DesignMetrics, days: float) -> None:
    while True:
        try:
            purged = await store.purge(datetime.now(UTC) - timedelta(days=days))
            metrics.purged.inc(len(purged))
        except Exception:  # noqa: BLE001 - what stays in the bin is purged an hour later
            _log.exception("the bin cannot be purged now")
        await asyncio.sleep(_EVERY)
