"""A budget of tokens per minute, as a token bucket."""

import time
from collections.abc import Callable


class TokenBudget:
    """Lets at most `per_minute` tokens be used in a minute, all at once if need be.

    Args:
        per_minute: Tokens, > 0.
        clock: Seconds that only grow.

    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._most = float(per_minute)
        self._left = self._most
        self._clock = clock
        self._then = clock()

    def reserve(self, tokens: int) -> bool:
        """Take tokens from the budget; False, and nothing is taken, when too few are left."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._then) * self._rate)
        self._then = now
        if tokens > self._left:
            return False
        self._left -= tokens
        return True
