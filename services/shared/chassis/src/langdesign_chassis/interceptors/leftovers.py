"""What calls left of the process's memory goes back to the machine once all is quiet."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from langdesign_chassis.interceptors.layer import Context, Layer
from langdesign_chassis.memory import give_back_leftovers

_QUIET = 30.0  # seconds without a call; the milliseconds that it then takes delay nobody


class Leftovers(Layer):
    """Gives memory back when no call has been in progress for a while.

    Args:
        quiet: Seconds without a call.
        give_back: What is done then.
    """

    def __init__(self, quiet: float = _QUIET, give_back: Callable[[], None] = give_back_leftovers) -> None:
        self._quiet, self._give_back = quiet, give_back
        self._running = 0
        self._waiting: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def around(self, method: str, context: Context) -> AsyncIterator[None]:
        """Surrounds a call; the last one of several in progress begins the wait."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._waiting = asyncio.get_running_loop().call_later(self._quiet, self._give_back)
