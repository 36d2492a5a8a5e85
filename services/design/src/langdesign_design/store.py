"""How designs are kept: the interface that the service works with. `sql_store` is the one there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from .nodes import Design, Node, Remarks, Result

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Call:
    """A mutating call, so that it is done once.

    The same call again returns what it returned (as that is stored now); another one under its key raises
    `errors.AlreadyExists`.
    """

    tenant: str
    key: str  # the caller's idempotency key
    method: str  # name of the RPC
    fingerprint: bytes  # digest of the request without its key, 32 bytes


@dataclass(frozen=True)
class Page(Generic[T]):
    """Part of a list, and the token of the next part; "" on the last."""

    items: Sequence[T]
    next_token: str


@dataclass(frozen=True)
class Change:
    """A design's node, or the design itself, as it is after a revision."""

    revision: int
    item: Design | Node


class DesignStore(Protocol):
    """Keeps designs and nodes of many tenants apart. Each method is one transaction, safe among replicas.

    Every method raises `errors.NotFound` for what the tenant has not (and for what is another's),
    `errors.Aborted` where an etag is not the current one, `errors.FailedPrecondition` for what is in the bin
    and should not be, and `errors.Unavailable` while the database does not answer.
    """

    async def create_design(self, call: Call, title: str, root: Node) -> tuple[Design, Node]:
        """Create a design with its root, whose id and design are given by the caller."""
        ...

    async def import_design(self, call: Call, title: str, nodes: Sequence[Node]) -> Design:
        """Create a design with all its nodes, parents first."""
        ...

    async def design(self, tenant: str, design: str) -> Design:
        """Return a design, also one in the bin."""
        ...

    async def list_designs(self, tenant: str, size: int, token: str, *, deleted: bool) -> Page[Design]:
        """Return designs, the last changed first. Raise errors.InvalidArgument for a token that is none.

        One that is changed between two pages comes first in a new list, and is left out of this one.
        """
        ...

    async def rename_design(self, call: Call, design: str, title: str) -> Design:
        """Give a design another title."""
        ...

    async def delete_design(self, call: Call, design: str) -> Design:
        """Put a design into the bin."""
        ...

    async def undelete_design(self, call: Call, design: str) -> Design:
        """Take a design back."""
        ...

    async def create_nodes(self, call: Call, nodes: Sequence[Node]) -> Sequence[Node]:
        """Create children of nodes that are ready; revisions, depths and times are the store's to set."""
        ...

    async def node(self, tenant: str, design: str, node: str) -> Node:
        """Return a node, also one in the bin."""
        ...

    async def nodes(self, tenant: str, design: str, ids: Sequence[str]) -> Sequence[Node]:
        """Return those nodes that there are, in the order asked for; of any design where `design` is ""."""
        ...

    async def path(self, tenant: str, design: str, node: str) -> Sequence[Node]:
        """Return the nodes from the root to a node, both included, in one query."""
        ...

    async def list_nodes(
        self, tenant: str, design: str, size: int, token: str, *, deleted: bool
    ) -> Page[Node]:
        """Return nodes, parents before children."""
        ...

    async def search(self, tenant: str, design: str, query: str, size: int, token: str) -> Page[Node]:
        """Return nodes that hold every word, or one that begins with it, newest first; design "" for all.

        Case and accents make no difference (`searching.words_of`); nothing is a wildcard.
        """
        ...

    async def remark(self, call: Call, design: str, node: str, remarks: Remarks, etag: str) -> Node:
        """Change what is said about a node; an empty etag is not compared."""
        ...

    async def delete_node(self, call: Call, design: str, node: str) -> Sequence[str]:
        """Put a node and those below it into the bin; return their ids.

        Those that are there already stay what another call put there. An edit that runs goes on, and its
        result is kept in the bin; cancel it to stop it.
        """
        ...

    async def undelete_node(self, call: Call, design: str, node: str) -> Sequence[str]:
        """Take back a node, what was put there with it, and its ancestors; return their ids."""
        ...

    async def changes(self, tenant: str, design: str, after: int) -> Sequence[Change]:
        """Return what changed after a revision, each item once, as it is now, by revision."""
        ...

    async def told(
        self, tenant: str, design: str, node: str, *, edit: bytes, mask: str, operation: str
    ) -> Node:
        """Write down what is known of a running edit: plan, mask, operation. One that ended stays."""
        ...

    async def finish(self, tenant: str, design: str, node: str, edit: bytes, result: Result) -> Node:
        """Give a running node its picture. One that ended stays as it is, and is returned."""
        ...

    async def fail(self, tenant: str, design: str, node: str, edit: bytes, code: int, message: str) -> Node:
        """End a running node without a picture: cancelled for code 1, else failed. One that ended stays."""
        ...

    async def claim(self, runner: str, lease_seconds: float, most: int) -> Sequence[tuple[str, Node]]:
        """Take running nodes that no runner holds a valid lease on, oldest first; return (tenant, node)."""
        ...

    async def hold(self, runner: str, nodes: Sequence[str], lease_seconds: float) -> Sequence[str]:
        """Renew leases; return the ids of those that this runner still holds."""
        ...

    async def release(self, runner: str) -> None:
        """Give up all leases of a runner, so that others can take its nodes at once."""
        ...

    async def purge(self, before: datetime) -> Sequence[str]:
        """Delete for good what went into the bin before a time; return ids of nodes deleted.

        The revision of a design that stays counts it. Calls of more than a week ago are forgotten too.

        Blobs stay: they are content-addressed, and others may share them.
        """
        ...
