"""What requests cost, and the budget that they share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ..errors import BudgetSpent
from .settings import Budget, Endpoint

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of requests, read (prompts) and written (answers)."""

    read: int = 0
    written: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.read + other.read, self.written + other.written)

    def __sub__(self, other: Usage) -> Usage:
        return Usage(self.read - other.read, self.written - other.written)

    @property
    def tokens(self) -> int:
        """Read and written together."""
        return self.read + self.written

    def dollars(self, endpoint: Endpoint) -> float:
        """Return the price in US dollars."""
        return (self.read * endpoint.read_price + self.written * endpoint.write_price) / MILLION


class Ledger:
    """Lets requests begin only while the most that they can cost is within the budget.

    Args:
        budget: of the whole job, what earlier runs spent included.
        endpoint: whose prices count.
        spent: by earlier runs.

    """

    def __init__(self, budget: Budget, endpoint: Endpoint, spent: Usage) -> None:
        self.spent = spent
        self._budget = budget
        self._endpoint = endpoint
        self._reserved = Usage()
        self._open = 0
        self._changed = asyncio.Condition()

    async def reserve(self, most: Usage) -> None:
        """Set aside what a request can cost at most, when the open ones leave enough.

        Raises:
            BudgetSpent: too little is left, and no open request can free any.

        """
        async with self._changed:
            while not self._fits(most):
                if not self._open:
                    raise BudgetSpent(self._told())
                await self._changed.wait()
            self._reserved += most
            self._open += 1

    async def settle(self, most: Usage, paid: Usage) -> None:
        """Take what a request did cost for what was set aside."""
        async with self._changed:
            self._reserved -= most
            self._open -= 1
            self.spent += paid
            self._changed.notify_all()

    def _fits(self, most: Usage) -> bool:
        total = self.spent + self._reserved + most
        return not (
            (self._budget.tokens and total.tokens > self._budget.tokens)
            or (self._budget.dollars and total.dollars(self._endpoint) > self._budget.dollars)
        )

    def _told(self) -> str:
        bounds = [f"{self._budget.tokens} tokens"] * bool(self._budget.tokens)
        bounds += [f"${self._budget.dollars:g}"] * bool(self._budget.dollars)
        return (
            f"The budget of {' and '.join(bounds)} leaves nothing for another request: {self.spent.tokens} "
            f"tokens (${self.spent.dollars(self._endpoint):.4f}) are spent; what was accepted is kept, and a "
            "larger budget goes on from there"
        )
