"""Transactions of nodes whose edits are under way, and of the leases on them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Integer, case, func, or_, select, update

from .node_statements import get_node
from .nodes import Node, NodeState, Result
from .rows import node_of, result_values
from .statements import N, changed, hold_design, node_row, now, set_cover
from .tables import NODES

_RUNNING = NodeState.RUNNING.value
_CANCELLED = 1
"""google.rpc.Code of what was cancelled."""


def told(
    connection: Connection, tenant: str, design: str, node: str, edit: bytes, mask: str, operation: str
) -> Node:
    """Write down what is known of a running edit."""
    return _written(connection, tenant, design, node, {"edit": edit, "mask": mask, "operation": operation})


def finish(connection: Connection, tenant: str, design: str, node: str, edit: bytes, result: Result) -> Node:
    """Give a running node its picture."""
    values = {"state": NodeState.READY.value, "edit": edit, "runner": None, **result_values(result)}
    return _written(connection, tenant, design, node, values)


def fail(
    connection: Connection, tenant: str, design: str, node: str, edit: bytes, code: int, message: str
) -> Node:
    """End a running node without a picture."""
    values: dict[str, object] = {"state": NodeState.CANCELLED.value, "edit": edit, "runner": None}
    if code != _CANCELLED:
        failure = {"failure_code": code, "failure_message": message}
        values |= {"state": NodeState.FAILED.value, **failure}
    return _written(connection, tenant, design, node, values)


def _written(connection: Connection, tenant: str, design: str, node: str, values: dict[str, object]) -> Node:
    """Change a node that runs; one that ended stays as it is."""
    hold_design(connection, tenant, design)
    if node_row(connection, tenant, design, node).state != _RUNNING:
        return get_node(connection, tenant, design, node)
    row = changed(connection, tenant, design)
    stamp = {"revision": row.revision, "update_time": row.update_time}
    connection.execute(update(NODES).where(N.id == node).values(**values, **stamp))
    if "state" in values:
        set_cover(connection, design)
    return get_node(connection, tenant, design, node)


def claim(connection: Connection, runner: str, lease_seconds: float, most: int) -> Sequence[tuple[str, Node]]:
    """Take running nodes that no runner holds a valid lease on, tenants in turn, each one's oldest first."""
    time = now(connection)
    free = or_(N.runner.is_(None), N.lease_time < time)
    if connection.dialect.name == "sqlite":  # one process has the file: whoever else had a lease is gone
        free = or_(free, N.runner != runner)
    held = func.sum(case((free, 0), else_=1), type_=Integer).over(partition_by=N.tenant)
    waiting = func.sum(case((free, 1), else_=0), type_=Integer).over(
        partition_by=N.tenant, order_by=[N.create_time, N.number, N.id]
    )
    queue = (
        select(N.id, free.label("free"), (held + waiting).label("turn"), N.create_time)
        .where(N.state == _RUNNING)
        .subquery()
    )
    ids = (
        connection.execute(
            select(queue.c.id)
            .where(queue.c.free)
            .order_by(queue.c.turn, queue.c.create_time, queue.c.id)
            .limit(most)
        )
        .scalars()
        .all()
    )
    still = (N.id.in_(ids), N.state == _RUNNING, free)
    mine = select(N.id).where(*still)
    if connection.dialect.name != "sqlite":  # of two replicas at once, each takes what the other does not
        mine = mine.with_for_update(skip_locked=True)
    mine_ids = connection.execute(mine).scalars().all()
    until = time + round(lease_seconds * 1e6)
    taking = update(NODES).where(N.id.in_(mine_ids)).values(runner=runner, lease_time=until)
    taken = {row.id: (row.tenant, node_of(row)) for row in connection.execute(taking.returning(NODES))}
    return [taken[node] for node in ids if node in taken]


def hold(connection: Connection, runner: str, nodes: Sequence[str], lease_seconds: float) -> Sequence[str]:
    """Renew leases; return the ids of those that this runner still holds."""
    mine = (N.id.in_(nodes), N.runner == runner, N.state == _RUNNING)
    until = now(connection) + round(lease_seconds * 1e6)
    return (
        connection.execute(update(NODES).where(*mine).values(lease_time=until).returning(N.id))
        .scalars()
        .all()
    )


def release(connection: Connection, runner: str) -> None:
    """Give up all leases of a runner."""
    connection.execute(update(NODES).where(N.runner == runner, N.state == _RUNNING).values(runner=None))
