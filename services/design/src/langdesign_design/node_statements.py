"""Transactions of nodes as they are kept."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict

from langdesign_chassis import errors
from sqlalchemy import Connection, and_, insert, literal, select, update

from .nodes import Node, NodeState, Remarks
from .paging import page
from .rows import node_of, node_values
from .searching import words_of
from .statements import (
    D,
    N,
    changed_outside_bin,
    design_row,
    node_row,
    now,
    once,
    require_outside_bin,
    require_storable,
    set_cover,
)
from .store import Call, Page
from .tables import DESIGNS, NODES


def create_nodes(connection: Connection, call: Call, nodes: Sequence[Node]) -> Sequence[Node]:
    """Create children of nodes that are ready, all of one design."""
    design = nodes[0].design

    def create() -> Sequence[str]:
        require_storable(*(text for node in nodes for text in (node.instruction, node.title, node.note)))
        row = changed_outside_bin(connection, call.tenant, design, last_number=D.last_number + len(nodes))
        time = now(connection)
        for number, node in enumerate(nodes, row.last_number - len(nodes) + 1):
            parent = node_row(connection, call.tenant, design, node.parent)
            require_outside_bin(parent)
            if parent.state != NodeState.READY.value:
                raise errors.FailedPrecondition(
                    "the parent has no picture", hint="choose a node that is ready"
                )
            place = {"tenant": call.tenant, "number": number, "depth": parent.depth + 1}
            times = {"revision": row.revision, "create_time": time, "update_time": time}
            connection.execute(insert(NODES).values(**node_values(node), **place, **times))
        set_cover(connection, design)
        return [node.id for node in nodes]

    made = once(connection, call, create)
    return [node_of(node_row(connection, call.tenant, design, node)) for node in made]


def get_node(connection: Connection, tenant: str, design: str, node: str) -> Node:
    """Return a node, also one in the bin."""
    return node_of(node_row(connection, tenant, design, node))


def get_nodes(connection: Connection, tenant: str, design: str, ids: Sequence[str]) -> Sequence[Node]:
    """Return those nodes that there are, in the order asked for."""
    query = select(NODES).where(N.tenant == tenant, N.id.in_(ids))
    if design:
        design_row(connection, tenant, design)
        query = query.where(N.design == design)
    found = {row.id: node_of(row) for row in connection.execute(query)}
    return [found[node] for node in ids if node in found]


def path(connection: Connection, tenant: str, design: str, node: str) -> Sequence[Node]:
    """Return the nodes from the root to a node."""
    mine = and_(N.id == node, N.design == design, N.tenant == tenant)
    up = select(N.id, N.parent).where(mine).cte("up", recursive=True)
    above = select(N.id, N.parent).join(up, N.id == up.c.parent)  # of its design, as the schema says
    up = up.union_all(above)
    rows = connection.execute(select(NODES).join(up, N.id == up.c.id).order_by(N.depth)).all()
    if not rows:
        node_row(connection, tenant, design, node)
    return [node_of(row) for row in rows]


def list_nodes(
    connection: Connection,
    tenant: str,
    design: str,
    size: int,
    token: str,
    deleted: bool,
) -> Page[Node]:
    """Return nodes, parents before children."""
    design_row(connection, tenant, design)
    there = N.delete_time.is_not(None) if deleted else N.delete_time.is_(None)
    query = select(NODES).where(N.design == design, there)
    scope = f"{'bin' if deleted else 'nodes'} {design}"
    rows, following = page(connection, query, [N.number], size, token, scope, newest_first=False)
    return Page([node_of(row) for row in rows], following)


def search(connection: Connection, tenant: str, design: str, query: str, size: int, token: str) -> Page[Node]:
    """Return nodes outside the bin that hold every word, or one that begins with it, the newest first."""
    if design:
        design_row(connection, tenant, design)
    words = words_of(query).split()
    scope = f"search {design} {' '.join(words)}"
    there = (N.tenant == tenant, N.delete_time.is_(None), D.delete_time.is_(None))
    found = select(NODES).join(DESIGNS, N.design == D.id).where(*there)
    if design:
        found = found.where(N.design == design)
    for word in words or [" "]:  # a query without a word finds nothing
        found = found.where(N.words.contains(f" {word}", autoescape=True))
    rows, following = page(
        connection, found, [N.create_time, N.number, N.id], size, token, scope, newest_first=True
    )
    return Page([node_of(row) for row in rows], following)


def remark(connection: Connection, call: Call, design: str, node: str, remarks: Remarks, etag: str) -> Node:
    """Change what is said about a node."""

    def change() -> Sequence[str]:
        row = changed_outside_bin(connection, call.tenant, design)
        before = node_row(connection, call.tenant, design, node)
        require_outside_bin(before)
        if etag and etag != str(before.revision):
            raise errors.Aborted(
                "the node was changed meanwhile", hint="read it again, and repeat the change with its etag"
            )
        values = {name: value for name, value in asdict(remarks).items() if value is not None}
        require_storable(remarks.title or "", remarks.note or "")
        words = words_of(
            before.instruction, values.get("title", before.title), values.get("note", before.note)
        )
        stamp = {"words": words, "revision": row.revision, "update_time": row.update_time}
        connection.execute(update(NODES).where(N.id == node).values(**values, **stamp))
        set_cover(connection, design)
        return (node,)

    once(connection, call, change)
    return get_node(connection, call.tenant, design, node)


def delete_node(connection: Connection, call: Call, design: str, node: str) -> Sequence[str]:
    """Put a node and those below it into the bin; an edit that runs goes on there."""

    def put() -> Sequence[str]:
        row = changed_outside_bin(connection, call.tenant, design)
        if node_row(connection, call.tenant, design, node).parent is None:
            raise errors.FailedPrecondition("the root stays", hint="delete the design")
        below = select(literal(node).label("id")).cte("below", recursive=True)
        below = below.union_all(select(N.id).join(below, N.parent == below.c.id))
        there = (N.design == design, N.id.in_(select(below.c.id)), N.delete_time.is_(None))
        stamp = {"revision": row.revision, "update_time": row.update_time}
        putting = (
            update(NODES)
            .where(*there)
            .values(delete_time=now(connection), deletion=uuid.uuid4().hex, **stamp)
        )
        ids = connection.execute(putting.returning(N.id)).scalars().all()
        set_cover(connection, design)
        return ids

    return once(connection, call, put)


def undelete_node(connection: Connection, call: Call, design: str, node: str) -> Sequence[str]:
    """Take back a node, what was put there with it, and its ancestors."""

    def take() -> Sequence[str]:
        row = changed_outside_bin(connection, call.tenant, design)
        found = node_row(connection, call.tenant, design, node)
        above = [step.id for step in path(connection, call.tenant, design, node)]
        together = and_(N.deletion == found.deletion, N.deletion != "")
        there = (N.design == design, N.delete_time.is_not(None), N.id.in_(above) | together)
        stamp = {"revision": row.revision, "update_time": row.update_time}
        taking = update(NODES).where(*there).values(delete_time=None, deletion="", **stamp)
        ids = connection.execute(taking.returning(N.id)).scalars().all()
        set_cover(connection, design)
        return ids

    return once(connection, call, take)
