"""Transactions of designs as wholes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, or_, select, update

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
    hold_design,
    node_row,
    now,
    once,
    require_storable,
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
    require_storable(title, *(text for node in nodes for text in (node.instruction, node.title, node.note)))
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
        require_storable(title)
        changed_outside_bin(connection, call.tenant, design, title=title)
        return (design,)

    once(connection, call, rename)
    return get_design(connection, call.tenant, design)


def delete_design(connection: Connection, call: Call, design: str) -> Design:
    """Put a design into the bin; one that is there stays as it is."""

    def put() -> Sequence[str]:
        if hold_design(connection, call.tenant, design).delete_time is None:
            changed(connection, call.tenant, design, delete_time=now(connection))
        return (design,)

    once(connection, call, put)
    return get_design(connection, call.tenant, design)


def undelete_design(connection: Connection, call: Call, design: str) -> Design:
    """Take a design back; one that is not in the bin stays as it is."""

    def take() -> Sequence[str]:
        if hold_design(connection, call.tenant, design).delete_time is not None:
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
    with_old_nodes = D.id.in_(select(N.design).where(N.delete_time < before))
    # In one order, so that two replicas wait for each other and never crosswise.
    designs = select(DESIGNS).where(or_(D.delete_time < before, with_old_nodes)).order_by(D.id)
    purged: list[str] = []
    for row in connection.execute(designs.with_for_update()).all():
        if row.delete_time is not None and row.delete_time < before:
            purged += connection.execute(delete(NODES).where(N.design == row.id).returning(N.id)).scalars()
            connection.execute(delete(DESIGNS).where(D.id == row.id))
        else:
            purged += _purge_nodes(connection, row.id, before)
    return purged


def _purge_nodes(connection: Connection, design: str, before: int) -> Sequence[str]:
    old = select(N.id).where(N.design == design, N.delete_time < before).cte("old", recursive=True)
    # Those below went into the bin no later, unless the clock was set back.
    old = old.union(select(N.id).where(N.design == design).join(old, N.parent == old.c.id))
    gone = delete(NODES).where(N.design == design, N.id.in_(select(old.c.id))).returning(N.id)
    nodes = connection.execute(gone).scalars().all()
    if nodes:
        connection.execute(update(DESIGNS).where(D.id == design).values(revision=D.revision + 1))
    return nodes
