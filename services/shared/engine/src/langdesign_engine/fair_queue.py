"""A bounded queue that is fair between tenants."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from langdesign_engine.errors import QueueFull

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Serves the tenant that has had the least work so far; each tenant's own items stay in order.

    A tenant's virtual time grows by the cost of what it was served. A tenant that comes back from idling
    starts at the current virtual time, so that it cannot save up a claim (start-time fair queueing, Goyal,
    Vin and Cheng 1996). Not safe for threads: the owner locks.
    """

    def __init__(self, limit: int, tenant_limit: int | None = None) -> None:
        self._limit = limit
        self._tenant_limit = tenant_limit or limit
        self._waiting: dict[str, deque[tuple[Item, float]]] = {}
        self._served: dict[str, float] = {}
        self._now = 0.0

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def __iter__(self) -> Iterator[Item]:
        return (item for line in self._waiting.values() for item, _ in line)

    def push(self, item: Item, tenant: str, cost: float) -> None:
        """Add an item of a tenant.

        Raises:
            QueueFull: the queue, or the tenant's part of it, is at its bound.

        """
        if len(self) >= self._limit:
            raise QueueFull(f"{self._limit} edits are waiting; try again later")
        if len(self._waiting.get(tenant, ())) >= self._tenant_limit:
            raise QueueFull(f"{self._tenant_limit} edits of this tenant are waiting; try again later")
        if tenant not in self._waiting:
            self._waiting[tenant] = deque()
            self._served[tenant] = max(self._served.get(tenant, 0.0), self._now)
        self._waiting[tenant].append((item, cost))

    def pop(self) -> Item | None:
        """Take the next item, or None where nothing waits."""
        if not self._waiting:
            return None
        tenant = min(self._waiting, key=lambda name: self._served[name])
        item, cost = self._waiting[tenant].popleft()
        self._now = self._served[tenant]
        self._served[tenant] += cost
        self._forget_idle()
        return item

    def remove(self, unwanted: Callable[[Item], bool]) -> list[Item]:
        """Take out every item that is unwanted, at no cost to its tenant, and return them."""
        removed = [item for item in self if unwanted(item)]
        for tenant, line in self._waiting.items():
            self._waiting[tenant] = deque(entry for entry in line if entry[0] not in removed)
        self._forget_idle()
        return removed

    def _forget_idle(self) -> None:
        """Keep no record of tenants without a claim or a debt, however many come by."""
        self._waiting = {tenant: line for tenant, line in self._waiting.items() if line}
        self._served = {
            tenant: served
            for tenant, served in self._served.items()
            if tenant in self._waiting or served > self._now
        }
