"""What several transactions of the store do: calls that are done once, revisions, pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from langdesign_chassis import errors
from langdesign_database import inserting
from sqlalchemy import Connection, Row, func, select, text, update

from .nodes import NodeState
from .store import Call
from .tables import CALLS, DESIGNS, NODES

D, N = DESIGNS.c, NODES.c
_KEEPS_KEYS = 7 * 24 * 3600 * 1_000_000
"""Microseconds that a call is remembered."""


def now(connection: Connection) -> int:
    """Return the time, microseconds since 1970, by the database's clock, which all replicas share."""
    if connection.dialect.name == "sqlite":  # one process has the file, whose clock is the database's
        return time.time_ns() // 1000
    sql = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
    return int(connection.execute(sql).scalar_one())


def once(connection: Connection, call: Call, change: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Return the ids that a call is answered with: those of its change, which is made at its first time.

    Raises:
        errors.AlreadyExists: its key was used for another call.

    """
    require_storable(call.key)
    values = {"tenant": call.tenant, "key": call.key, "fingerprint": call.fingerprint}
    claiming = inserting(connection.dialect.name, CALLS).values(
        **values, answer="", create_time=now(connection)
    )
    # Of two equal calls at once, Postgres makes the later one wait here for the end of the first.
    claimed = connection.execute(claiming.on_conflict_do_nothing().returning(CALLS.c.key)).one_or_none()
    mine = (CALLS.c.tenant == call.tenant, CALLS.c.key == call.key)
    if claimed is None:
        known = connection.execute(select(CALLS).where(*mine)).one()
        if known.fingerprint != call.fingerprint:
            raise errors.AlreadyExists(
                "idempotency_key was used for another call", hint="use a new key for a new change"
            )
        return str(known.answer).split()
    answer = change()
    connection.execute(update(CALLS).where(*mine).values(answer=" ".join(answer)))
    return answer


def forget_calls(connection: Connection) -> None:
    """Forget calls of long ago."""
    connection.execute(CALLS.delete().where(CALLS.c.create_time < now(connection) - _KEEPS_KEYS))


def design_row(connection: Connection, tenant: str, design: str) -> Row[Any]:
    """Return a design's row. Raises errors.NotFound."""
    return _known(connection.execute(select(DESIGNS).where(D.id == design, D.tenant == tenant)).one_or_none())


def _known(design: Row[Any] | None) -> Row[Any]:
    if design is None:
        raise errors.NotFound("there is no such design", hint="list the designs, those in the bin too")
    return design


def node_row(connection: Connection, tenant: str, design: str, node: str) -> Row[Any]:
    """Return a node's row. Raises errors.NotFound."""
    mine = (N.id == node, N.design == design, N.tenant == tenant)
    row = connection.execute(select(NODES).where(*mine)).one_or_none()
    if row is None:
        raise errors.NotFound("there is no such node", hint="list the design's nodes, those in the bin too")
    return row


def hold_design(connection: Connection, tenant: str, design: str) -> Row[Any]:
    """Return a design's row, and keep others from changing it until the end. Raises errors.NotFound."""
    mine = select(DESIGNS).where(D.id == design, D.tenant == tenant)
    # On SQLite the transaction has the whole file already, and there are no such words.
    return _known(connection.execute(mine.with_for_update()).one_or_none())


def changed(connection: Connection, tenant: str, design: str, **values: object) -> Row[Any]:
    """Give a design its next revision, which keeps other changes of it out until the end; return its row.

    Raises:
        errors.NotFound: there is none.

    """
    stamp = {"revision": D.revision + 1, "update_time": now(connection)}
    changing = update(DESIGNS).where(D.id == design, D.tenant == tenant).values(**stamp, **values)
    return _known(connection.execute(changing.returning(DESIGNS)).one_or_none())


def changed_outside_bin(connection: Connection, tenant: str, design: str, **values: object) -> Row[Any]:
    """Do as `changed`. Raises errors.FailedPrecondition for a design in the bin."""
    row = changed(connection, tenant, design, **values)
    if row.delete_time is not None:
        raise errors.FailedPrecondition("the design is in the bin", hint="take it back from the bin first")
    return row


def require_storable(*texts: str) -> None:
    """Raise errors.InvalidArgument for a text with a character 0, which Postgres cannot keep."""
    if any("\0" in text for text in texts):
        raise errors.InvalidArgument(
            "a text has a character that cannot be kept (U+0000)", hint="leave it out"
        )


def require_outside_bin(node: Row[Any]) -> None:
    """Raise errors.FailedPrecondition for a node in the bin."""
    if node.delete_time is not None:
        raise errors.FailedPrecondition("the node is in the bin", hint="take it back from the bin first")


def set_cover(connection: Connection, design: str) -> None:
    """Count a design's nodes, and let its last favourite stand for it, or else its last picture.

    What is in the bin or hidden is not looked at; where nothing is left, its root stands for it.
    """
    there = (N.design == design, N.delete_time.is_(None))
    shown = select(N.id).where(*there, N.state == NodeState.READY.value, N.hidden.is_(False))
    first = connection.execute(
        shown.order_by(N.favourite.desc(), N.number.desc()).limit(1)
    ).scalar_one_or_none()
    count = connection.execute(select(func.count(N.id)).where(*there)).scalar_one()
    values = {"node_count": count, "cover": D.root if first is None else first}
    connection.execute(update(DESIGNS).where(D.id == design).values(**values))
