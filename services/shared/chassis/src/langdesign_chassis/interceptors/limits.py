"""What one process takes on; the excess is refused at once, so that it can go elsewhere or later."""

import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from langdesign_chassis.callstate import current_tenant
from langdesign_chassis.errors import ResourceExhausted, Unavailable
from langdesign_chassis.interceptors.layer import Context, Layer
from langdesign_chassis.settings import LimitSettings

_TENANTS = 10_000
_BUSY_RETRY = 1.0


class TokenBuckets:
    """One token bucket per tenant: ``burst`` calls at once, ``rate`` a second sustained.

    Args:
        rate: Tokens a second, > 0.
        burst: Size of a bucket, >= 1.
        clock: Seconds, monotonic.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, tenant: str) -> float:
        """Take a token; return 0 when there was one, or else the seconds until there is."""
        now = self._clock()
        level, then = self._buckets.pop(tenant, (float(self._burst), now))
        level = min(self._burst, level + (now - then) * self._rate)
        allowed = level >= 1
        self._buckets[tenant] = (level - 1 if allowed else level, now)
        if len(self._buckets) > _TENANTS:  # the longest unseen bucket is the likeliest to be full again
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - level) / self._rate


class Limits(Layer):
    """Refuses calls while the service is not ready, above a tenant's rate, and above the concurrency.

    Args:
        settings: The limits.
        ready: Whether the service's dependencies are there.
    """

    def __init__(self, settings: LimitSettings, ready: Callable[[], bool]) -> None:
        self._settings = settings
        self._ready = ready
        self._running = 0
        self._buckets = TokenBuckets(settings.rate, settings.burst) if settings.rate else None

    @asynccontextmanager
    async def around(self, method: str, context: Context) -> AsyncIterator[None]:
        """Surrounds a call; raises at once when it is one too many."""
        self._admit()
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    def _admit(self) -> None:
        if not self._ready():
            raise Unavailable("the service is starting", retry_after=_BUSY_RETRY, reason="STARTING")
        if self._running >= self._settings.concurrency:
            raise ResourceExhausted(
                "too many calls in progress", retry_after=_BUSY_RETRY, reason="OVERLOADED"
            )
        if self._buckets is not None and (wait := self._buckets.take(current_tenant())):
            raise ResourceExhausted(
                "too many calls of this tenant", retry_after=_ceil(wait), reason="RATE_LIMITED"
            )


def _ceil(seconds: float) -> float:
    return math.ceil(seconds * 1000) / 1000
