"""What keeps operations, as the rest of the service knows it; `sql_store` keeps them in a database.

Any number of replicas share a store. An operation is done by one replica at a time, which may append to it as
long as no other one took it over; a replica that does not renew its lease is taken for gone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from langdesign_editing.events import Event, State


class LostOperationError(Exception):
    """Another replica took the operation over, or it is gone: what this one knows of it counts no more."""


@dataclass(frozen=True)
class Begun:
    """The operation of an idempotency key, and whether it is a new one."""

    operation: str
    new: bool


@dataclass(frozen=True)
class Ending:
    """How an operation ended; `result` is the digest of the result's blob."""

    state: State
    result: str | None = None
    retryable: bool = False


@dataclass(frozen=True)
class Record:
    """An operation as it is stored; events in order, without pictures; the result's is the blob `result`."""

    operation: str
    state: State
    result: str | None
    create_time: float
    events: Sequence[Event]


@dataclass(frozen=True)
class Orphan:
    """An operation under way that nobody does any more, and now this replica's to end.

    Attributes:
        operation: Its id.
        count: How many events it has.
        cancelled: Whether its owner asked for its end.

    """

    operation: str
    count: int
    cancelled: bool


@dataclass(frozen=True)
class Duties:
    """What a replica has to see to: own operations that were cancelled elsewhere, and orphans."""

    cancelled: Sequence[str]
    orphans: Sequence[Orphan]


@dataclass(frozen=True)
class Forgotten:
    """An operation that is not kept any longer, whose result may be deleted."""

    tenant: str
    operation: str
    result: str


class OperationStore(Protocol):
    """Operations of all tenants; each tenant sees its own.

    Every method raises `errors.Unavailable` where the store does not answer; nothing was changed then, or the
    change is whole and its acknowledgement was lost.
    """

    async def find(self, tenant: str, key: str, fingerprint: bytes) -> str | None:
        """Return the operation that a request joins; None when the request begins a new one.

        Raises:
            errors.AlreadyExists: The key was used for another request.

        """
        ...

    async def begin(self, tenant: str, key: str, fingerprint: bytes, operation: str) -> Begun:
        """Join the operation of the key, or begin one: exactly one of any number of equal calls begins it.

        Args:
            tenant: Whose it is.
            key: The idempotency key.
            fingerprint: Equal for equal requests only, 32 bytes.
            operation: Id of a new one, 32 hexadecimal digits.

        Raises:
            errors.AlreadyExists: The key was used for another request.

        """
        ...

    async def append(self, operation: str, events: Sequence[Event], ending: Ending | None = None) -> bool:
        """Store the next events, one at least, with the operation's end after the last: all or nothing.

        Returns:
            Whether its owner asked for its end.

        Raises:
            LostOperationError: It is not this replica's, it has ended, or the first is not the next one.

        """
        ...

    async def load(self, tenant: str, operation: str, after: int = 0) -> Record:
        """Return an operation of a tenant, with its events after a sequence number.

        Raises:
            errors.NotFound: There is none, or it belongs to another tenant.

        """
        ...

    async def ask_to_cancel(self, tenant: str, operation: str) -> None:
        """Record that the owner wants an operation's end, where it has not ended; its replica sees to it.

        Raises:
            errors.NotFound: There is none, or it belongs to another tenant.

        """
        ...

    async def attend(self, own: Collection[str], lease: float) -> Duties:
        """Renew this replica's lease, and return what it has to see to.

        Args:
            own: The operations that it does; others that are stored as its own are orphans.
            lease: How long the others wait for the next renewal, seconds.

        """
        ...

    async def leave(self) -> None:
        """End this replica's lease; what it has not ended goes to the others at once."""
        ...

    async def prune(self, keep_seconds: float, keep_count: int) -> Sequence[Forgotten]:
        """Forget operations that ended so long ago, and all but so many of the latest ended ones."""
        ...
