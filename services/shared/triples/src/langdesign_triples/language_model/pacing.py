"""A rate that requests share: so many requests and tokens a minute, and rests that the endpoint asks for."""

from __future__ import annotations

import asyncio
import time

from .settings import Limits

BURST = 1.0  # seconds' worth of the rate that may go at once


class Pace:
    """Spaces requests out (the generic cell rate algorithm, once for requests and once for tokens)."""

    def __init__(self, limits: Limits) -> None:
        self._second = (60 / limits.requests_per_minute, 60 / limits.tokens_per_minute)
        self._due = [0.0, 0.0]
        self._rest_until = 0.0

    async def turn(self, tokens: int) -> None:
        """Wait until a request of so many tokens may go."""
        now = time.monotonic()
        at = max(now, self._rest_until, *(due - BURST for due in self._due))
        for index, amount in enumerate((1, tokens)):
            self._due[index] = max(self._due[index], at) + amount * self._second[index]
        await asyncio.sleep(at - now)

    @property
    def ahead(self) -> float:
        """Return the seconds until another request may go, >= 0."""
        return max(
            0.0, self._rest_until - time.monotonic(), *(d - BURST - time.monotonic() for d in self._due)
        )

    def rest(self, seconds: float) -> None:
        """Let no request go for some seconds."""
        self._rest_until = max(self._rest_until, time.monotonic() + seconds)
