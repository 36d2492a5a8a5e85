"""What several jobs share: a rate, and what their payer may spend beside each job's own budget."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from .pacing import Pace
from .spending import Usage


@dataclass
class Charge:
    """What one request was charged; until that is known, the most that it can be."""

    paid: Usage


class Account(Protocol):
    """An account that jobs of one payer share."""

    @property
    def pace(self) -> Pace:
        """Return the rate of all its jobs together."""

    def request(self, most: Usage) -> AbstractAsyncContextManager[Charge]:
        """Set aside the most that a request can cost, and take what is written into its charge for that.

        Raises:
            AllowanceSpent: too little is left until the next span of time.
            BudgetSpent: a single request costs more than the account ever allows.

        """


class OwnAccount:
    """An account of one job alone: it knows a rate, and no bound beside the job's own.

    Args:
        pace: of the job.

    """

    def __init__(self, pace: Pace) -> None:
        self.pace = pace

    @asynccontextmanager
    async def request(self, most: Usage) -> AsyncIterator[Charge]:
        """Let every request go."""
        yield Charge(most)
