"""Transactions of designs as wholes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from .nodes import Design, Node
from .paging import page
from .rows import design_of, microseconds, node_of, node_values
from .statements import (
    D,
    N,
    changed,
    changed_outside_bin,
    design_row,
    forget_calls,
    node_row,
    now,
    once,
    set_cover,
)
from .store import Call, Change, Page
from .tables import DESIGNS, NODES


def create_design(connection: Connection, call: Call, title: str, root: Node) -> tuple[Design, Node]:
    """Create a design with its root."""

    def create() -> Sequence[str]:
        _insert(connection, call.tenant, title, [root])
        return root.design, root.id

    design, node = once(connection, call, create)
    row = design_row(connection, call.tenant, design)
    return design_of(row), node_of(node_row(connection, call.tenant, design, node))


def import_design(connection: Connection, call: Call, title: str, nodes: Sequence[Node]) -> Design:
    """Create a design with all its nodes, parents first."""

    def create() -> Sequence[str]:
        _insert(connection, call.tenant, title, nodes)
        set_cover(connection, nodes[0].design)
        return (nodes[0].design,)

    (design,) = once(connection, call, create)
    return design_of(design_row(connection, call.tenant, design))


def _insert(connection: Connection, tenant: str, title: str, nodes: Sequence[Node]) -> None:
    root, time = nodes[0], now(connection)
    values = {"id": root.design, "tenant": tenant, "title": title, "root": root.id, "cover": root.id}
    counts = {"node_count": len(nodes), "last_number": len(nodes), "revision": 1}
    connection.execute(insert(DESIGNS).values(**values, **counts, create_time=time, update_time=time))
    depths: dict[str, int] = {"": -1}
    rows = []
    for number, node in enumerate(nodes, 1):
        depths[node.id] = depths[node.parent] + 1
        made = min(microseconds(node.create_time), time)
        place = {"tenant": tenant, "number": number, "depth": depths[node.id], "revision": 1}
        rows.append({**node_values(node), **place, "create_time": made, "update_time": time})
    connection.execute(insert(NODES), rows)


def get_design(connection: Connection, tenant: str, design: str) -> Design:
    """Return a design, also one in the bin."""
    return design_of(design_row(connection, tenant, design))


def list_designs(connection: Connection, tenant: str, size: int, token: str, deleted: bool) -> Page[Design]:
    """Return designs, the last changed first."""
    there = D.delete_time.is_not(None) if deleted else D.delete_time.is_(None)
    query = select(DESIGNS).where(D.tenant == tenant, there)
    scope = "bin" if deleted else "designs"
    rows, following = page(connection, query, [D.update_time, D.id], size, token, scope, newest_first=True)
    return Page([design_of(row) for row in rows], following)


def rename_design(connection: Connection, call: Call, design: str, title: str) -> Design:
    """Give a design another title."""

    def rename() -> Sequence[str]:
        changed_outside_bin(connection, call.tenant, design, title=title)
        return (design,)

    once(connection, call, rename)
    return get_design(connection, call.tenant, design)


def delete_design(connection: Connection, call: Call, design: str) -> Design:
    """Put a design into the bin; one that is there stays as it is."""

    def put() -> Sequence[str]:
        if design_row(connection, call.tenant, design).delete_time is None:
            changed(connection, call.tenant, design, delete_time=now(connection))
        return (design,)

    once(connection, call, put)
    return get_design(connection, call.tenant, design)


def undelete_design(connection: Connection, call: Call, design: str) -> Design:
    """Take a design back; one that is not in the bin stays as it is."""

    def take() -> Sequence[str]:
        if design_row(connection, call.tenant, design).delete_time is not None:
            changed(connection, call.tenant, design, delete_time=None)
        return (design,)

    once(connection, call, take)
    return get_design(connection, call.tenant, design)


def changes(connection: Connection, tenant: str, design: str, after: int) -> Sequence[Change]:
    """Return what changed after a revision, by revision; the design itself comes last."""
    found = design_row(connection, tenant, design)
    if found.revision <= after:
        return []
    query = select(NODES).where(N.design == design, N.revision > after, N.revision <= found.revision)
    nodes = connection.execute(query.order_by(N.revision, N.number)).all()
    told = [Change(row.revision, node_of(row)) for row in nodes]
    return [*told, Change(found.revision, design_of(found))]


def purge(connection: Connection, before: int) -> Sequence[str]:
    """Delete for good what went into the bin before a time; return ids of nodes."""
    forget_calls(connection)
    gone = select(D.id).where(D.delete_time < before)
    of_designs = connection.execute(select(N.id).where(N.design.in_(gone))).scalars().all()
    connection.execute(delete(DESIGNS).where(D.delete_time < before))
    nodes = connection.execute(delete(NODES).where(N.delete_time < before).returning(N.id)).scalars().all()
    return [*of_designs, *nodes]
