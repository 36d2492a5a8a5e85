"""Records what happens in one operation, in order, while its work goes on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from langdesign_editing.events import Happening, StepDone

T = TypeVar("T")
PACE = 0.05
"""Seconds between two records of steps."""
_log = logging.getLogger(__name__)


class Recording:
    """Hands on what happens; what comes while that is under way is handed on together, next.

    So a slow store costs an edit no time. Steps wait a little for each other, unless something else happens,
    so that they do not flood the store.

    Args:
        record: Records happenings, one at least.

    """

    def __init__(self, record: Callable[[Sequence[Happening]], Awaitable[None]]) -> None:
        self._record = record
        self._waiting: list[Happening] = []
        self._task: asyncio.Task[None] | None = None
        self._urgent = asyncio.Event()
        self._recorded = 0.0

    def add(self, happening: Happening) -> None:
        """Take what happened now; raise what the recording of earlier ones raised."""
        self._waiting.append(happening)
        if not isinstance(happening, StepDone):
            self._urgent.set()
        if self._task is not None and self._task.done():
            self._task.result()
            self._task = None
        if self._task is None:
            self._task = asyncio.create_task(self._record_all())

    async def finish(self) -> None:
        """Wait until all is recorded; raise what the recording raised."""
        self._urgent.set()
        if self._task is not None:
            await self._task

    async def _record_all(self) -> None:
        while self._waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._recorded + PACE):
                    await self._urgent.wait()
            self._urgent.clear()
            happenings, self._waiting = self._waiting, []
            await self._record(happenings)
            self._recorded = asyncio.get_running_loop().time()


async def uninterrupted(action: Awaitable[T]) -> T:
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
