"""Every call ends in time, and tells its downstream calls how much is left."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from langdesign_chassis.callstate import deadline_var
from langdesign_chassis.errors import DeadlineExceeded
from langdesign_chassis.interceptors.layer import Context, Layer
from langdesign_chassis.settings import DeadlineSettings


class DeadlineLayer(Layer):
    """Gives a call its deadline: the caller's, the default where it gave none, never above the maximum."""

    def __init__(self, settings: DeadlineSettings) -> None:
        self._settings = settings

    @asynccontextmanager
    async def around(self, method: str, context: Context) -> AsyncIterator[None]:
        """Surrounds a call; cancels it at its deadline."""
        asked: float | None = context.time_remaining()
        seconds = min(self._settings.default if asked is None else asked, self._settings.maximum)
        deadline_var.set(time.monotonic() + seconds)
        scope = asyncio.timeout(seconds)
        try:
            async with scope:
                yield
        except TimeoutError as error:
            if scope.expired():
                raise DeadlineExceeded(
                    "the call took longer than its deadline", hint="give it more time"
                ) from error
            raise
