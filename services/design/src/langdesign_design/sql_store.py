"""Keeps designs in SQLite or Postgres."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar

from langdesign_database import Transactions, unavailable
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from . import design_statements as designs
from . import node_statements as nodes_
from . import running_statements as running
from .nodes import Design, Node, Remarks, Result
from .rows import microseconds
from .store import Call, Change, Page

_TRIES = 4
_CROSSWISE = {"40P01", "40001"}
"""States of SQL (ISO 9075, Postgres' appendix A): deadlock, and no serial order."""
P = ParamSpec("P")
T = TypeVar("T")


class SqlDesignStore:
    """A `DesignStore` in a database.

    Args:
        transactions: An open database, migrated by `tables.MIGRATIONS`.

    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def create_design(self, call: Call, title: str, root: Node) -> tuple[Design, Node]:
        """Create a design with its root; see `DesignStore.create_design`."""
        return await self._run(designs.create_design, call, title, root)

    async def import_design(self, call: Call, title: str, nodes: Sequence[Node]) -> Design:
        """Create a design with all its nodes; see `DesignStore.import_design`."""
        return await self._run(designs.import_design, call, title, nodes)

    async def design(self, tenant: str, design: str) -> Design:
        """Return a design; see `DesignStore.design`."""
        return await self._run(designs.get_design, tenant, design)

    async def list_designs(self, tenant: str, size: int, token: str, *, deleted: bool) -> Page[Design]:
        """Return designs; see `DesignStore.list_designs`."""
        return await self._run(designs.list_designs, tenant, size, token, deleted)

    async def rename_design(self, call: Call, design: str, title: str) -> Design:
        """Give a design another title; see `DesignStore.rename_design`."""
        return await self._run(designs.rename_design, call, design, title)

    async def delete_design(self, call: Call, design: str) -> Design:
        """Put a design into the bin; see `DesignStore.delete_design`."""
        return await self._run(designs.delete_design, call, design)

    async def undelete_design(self, call: Call, design: str) -> Design:
        """Take a design back; see `DesignStore.undelete_design`."""
        return await self._run(designs.undelete_design, call, design)

    async def create_nodes(self, call: Call, nodes: Sequence[Node]) -> Sequence[Node]:
        """Create children of nodes that are ready; see `DesignStore.create_nodes`."""
        return await self._run(nodes_.create_nodes, call, nodes)

    async def node(self, tenant: str, design: str, node: str) -> Node:
        """Return a node; see `DesignStore.node`."""
        return await self._run(nodes_.get_node, tenant, design, node)

    async def nodes(self, tenant: str, design: str, ids: Sequence[str]) -> Sequence[Node]:
        """Return those nodes that there are; see `DesignStore.nodes`."""
        return await self._run(nodes_.get_nodes, tenant, design, ids)

    async def path(self, tenant: str, design: str, node: str) -> Sequence[Node]:
        """Return the nodes from the root to a node; see `DesignStore.path`."""
        return await self._run(nodes_.path, tenant, design, node)

    async def list_nodes(
        self, tenant: str, design: str, size: int, token: str, *, deleted: bool
    ) -> Page[Node]:
        """Return nodes, parents before children; see `DesignStore.list_nodes`."""
        return await self._run(nodes_.list_nodes, tenant, design, size, token, deleted)

    async def search(self, tenant: str, design: str, query: str, size: int, token: str) -> Page[Node]:
        """Return nodes that hold every word; see `DesignStore.search`."""
        return await self._run(nodes_.search, tenant, design, query, size, token)

    async def remark(self, call: Call, design: str, node: str, remarks: Remarks, etag: str) -> Node:
        """Change what is said about a node; see `DesignStore.remark`."""
        return await self._run(nodes_.remark, call, design, node, remarks, etag)

    async def delete_node(self, call: Call, design: str, node: str) -> Sequence[str]:
        """Put a node and those below it into the bin; see `DesignStore.delete_node`."""
        return await self._run(nodes_.delete_node, call, design, node)

    async def undelete_node(self, call: Call, design: str, node: str) -> Sequence[str]:
        """Take back a node; see `DesignStore.undelete_node`."""
        return await self._run(nodes_.undelete_node, call, design, node)

    async def changes(self, tenant: str, design: str, after: int) -> Sequence[Change]:
        """Return what changed after a revision; see `DesignStore.changes`."""
        return await self._run(designs.changes, tenant, design, after)

    async def told(
        self, tenant: str, design: str, node: str, *, edit: bytes, mask: str, operation: str
    ) -> Node:
        """Write down what is known of a running edit; see `DesignStore.told`."""
        return await self._run(running.told, tenant, design, node, edit, mask, operation)

    async def finish(self, tenant: str, design: str, node: str, edit: bytes, result: Result) -> Node:
        """Give a running node its picture; see `DesignStore.finish`."""
        return await self._run(running.finish, tenant, design, node, edit, result)

    async def fail(self, tenant: str, design: str, node: str, edit: bytes, code: int, message: str) -> Node:
        """End a running node without a picture; see `DesignStore.fail`."""
        return await self._run(running.fail, tenant, design, node, edit, code, message)

    async def claim(self, runner: str, lease_seconds: float, most: int) -> Sequence[tuple[str, Node]]:
        """Take running nodes that nobody sees to; see `DesignStore.claim`."""
        return await self._run(running.claim, runner, lease_seconds, most)

    async def hold(self, runner: str, nodes: Sequence[str], lease_seconds: float) -> Sequence[str]:
        """Renew leases; see `DesignStore.hold`."""
        return await self._run(running.hold, runner, nodes, lease_seconds)

    async def release(self, runner: str) -> None:
        """Give up all leases of a runner; see `DesignStore.release`."""
        await self._run(running.release, runner)

    async def purge(self, before: datetime) -> Sequence[str]:
        """Delete for good what went into the bin before a time; see `DesignStore.purge`."""
        return await self._run(designs.purge, microseconds(before))

    async def _run(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        tries = _TRIES
        while True:
            try:
                return await self._transactions.run(function, *args, **kwargs)
            except SQLAlchemyError as error:
                tries -= 1
                if tries and _is_crosswise(error):  # nothing of it was kept
                    continue
                raise unavailable(error, "the store of the designs") from error


def _is_crosswise(error: SQLAlchemyError) -> bool:
    """Return whether two transactions waited for each other, and this one was ended for the other's sake."""
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) in _CROSSWISE
