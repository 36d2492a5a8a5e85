"""Accounts of tenants: one rate and one allowance for all jobs of each, kept over restarts.

    tenants/<SHA-256 of the name>.json  {"span": 20785, "tokens": 1200, "dollars": 0.02, "next": 1.8e9}

A request counts with the most that it can cost before it goes out, and with its true cost once that is known:
what a killed process had open stays counted. One process at a time keeps a folder.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from langdesign_triples import Budget, Charge, Endpoint, Limits, Pace, Usage
from langdesign_triples.errors import AllowanceSpent, BudgetSpent, SpoolUnwritable

_MINUTE = 60.0  # seconds, over which a rate is meant


@dataclass(frozen=True)
class Allowance:
    """What a tenant may spend.

    Attributes:
        budget: In each span of time, on all jobs together.
        hours: Length of a span; spans begin at multiples of it since 1970-01-01 UTC, so that 24 are days.

    """

    budget: Budget
    hours: float = 24.0


@dataclass(frozen=True)
class _Spent:
    """What a tenant spent in a span, and when the rate lets its next request go, seconds since the epoch."""

    span: int = 0
    tokens: int = 0
    dollars: float = 0.0
    next: float = 0.0


class TenantAccount:
    """The account of one tenant, which all its jobs share.

    Args:
        path: File of what was spent.
        endpoint: Whose prices count.
        limits: The rate of all jobs together.
        allowance: What may be spent.
        clock: Seconds since the epoch.

    Raises:
        SpoolUnwritable: the file is damaged.

    """

    def __init__(
        self, path: Path, endpoint: Endpoint, limits: Limits, allowance: Allowance, clock: Callable[[], float]
    ) -> None:
        self._path = path
        self._endpoint = endpoint
        self._allowance = allowance
        self._clock = clock
        self._open = 0
        self._changed = asyncio.Condition()
        self._spent = self._read()
        self.pace = Pace(limits)
        self.pace.rest(min(self._spent.next - clock(), _MINUTE))  # whatever the clock did meanwhile

    @asynccontextmanager
    async def request(self, most: Usage) -> AsyncIterator[Charge]:
        """Set aside the most that a request can cost, and take what its charge says at the end for that.

        Raises:
            AllowanceSpent: too little is left in this span, and no open request can free any.
            BudgetSpent: a single request may cost more than the allowance of a whole span.
            SpoolUnwritable: it cannot be written down.

        """
        span = await self._reserve(most)
        charge = Charge(most)
        try:
            yield charge
        finally:
            async with self._changed:
                self._open -= 1
                self._changed.notify_all()
                if span == self._spent.span:  # what began in an earlier span is counted there
                    self._add(charge.paid - most)

    async def _reserve(self, most: Usage) -> int:
        async with self._changed:
            while not self._fits(most):
                if not self._open:
                    raise self._refusal(most)
                await self._changed.wait()
            self._add(most)
            self._open += 1
            return self._spent.span

    def _fits(self, most: Usage) -> bool:
        """Tell whether a request fits into what is left of this span, which may just have begun."""
        span = self._span()
        if span != self._spent.span:
            self._spent = _Spent(span)
        tokens = self._spent.tokens + most.tokens
        return self._allows(tokens, self._spent.dollars + most.dollars(self._endpoint))

    def _allows(self, tokens: int, dollars: float) -> bool:
        budget = self._allowance.budget
        return not (
            (budget.tokens and tokens > budget.tokens) or (budget.dollars and dollars > budget.dollars)
        )

    def _add(self, usage: Usage) -> None:
        spent = self._spent
        tokens, dollars = spent.tokens + usage.tokens, spent.dollars + usage.dollars(self._endpoint)
        self._spent = _Spent(spent.span, tokens, dollars, self._clock() + self.pace.ahead)
        self._write()

    def _refusal(self, most: Usage) -> AllowanceSpent | BudgetSpent:
        if not self._allows(most.tokens, most.dollars(self._endpoint)):
            return BudgetSpent("One request may cost more than a tenant may spend in a whole span")
        until = (self._span() + 1) * self._seconds
        at = datetime.fromtimestamp(until, UTC).isoformat(sep=" ", timespec="minutes")
        return AllowanceSpent(
            f"all jobs of this tenant have spent what they may in {self._allowance.hours:g} hours: "
            f"{self._spent.tokens} tokens (${self._spent.dollars:.2f}); there is more from {at[:16]} UTC",
            until - self._clock(),
        )

    @property
    def _seconds(self) -> float:
        return 3600.0 * self._allowance.hours

    def _span(self) -> int:
        return int(self._clock() // self._seconds)

    def _read(self) -> _Spent:
        try:
            return _Spent(**json.loads(self._path.read_text("utf-8")))
        except FileNotFoundError:
            return _Spent(self._span())
        except (OSError, ValueError, TypeError) as error:
            raise SpoolUnwritable(f"{self._path} cannot be read; restore it, or remove it") from error

    def _write(self) -> None:
        draft = self._path.with_suffix(".draft")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("w", encoding="utf-8") as file:
                json.dump(asdict(self._spent), file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError as error:
            raise SpoolUnwritable(f"{self._path} cannot be written ({error.strerror}); make room") from error


class Accounts:
    """The accounts of all tenants.

    Args:
        folder: Of their files.
        endpoint: Whose prices count.
        limits: The rate of each tenant.
        allowance: What each may spend.
        clock: Seconds since the epoch.

    """

    def __init__(
        self,
        folder: Path,
        endpoint: Endpoint,
        limits: Limits,
        allowance: Allowance,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._endpoint = endpoint
        self._limits = limits
        self._allowance = allowance
        self._clock = clock
        self._accounts: dict[str, TenantAccount] = {}

    def of(self, tenant: str) -> TenantAccount:
        """Return the account of a tenant.

        Raises:
            SpoolUnwritable: its file is damaged.

        """
        if tenant not in self._accounts:
            path = self._folder / f"{hashlib.sha256(tenant.encode()).hexdigest()}.json"
            self._accounts[tenant] = TenantAccount(
                path, self._endpoint, self._limits, self._allowance, self._clock
            )
        return self._accounts[tenant]
