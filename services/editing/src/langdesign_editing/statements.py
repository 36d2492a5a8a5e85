"""The SQL of the operations, built once for each kind of database, as building takes longer than running."""

import functools
import time
from dataclasses import dataclass
from typing import Any

from langdesign_database import inserting
from sqlalchemy import (
    ColumnElement,
    Double,
    Executable,
    bindparam,
    cast,
    func,
    insert,
    select,
    update,
)

from langdesign_editing.events import State
from langdesign_editing.tables import EVENTS, OPERATIONS

_OP = OPERATIONS.c
_THIS = _OP.id == bindparam("operation")
_TENANTS = _OP.tenant == bindparam("of_tenant")
_KEYS = _OP.key == bindparam("of_key")


@dataclass(frozen=True)
class Statements:
    """What is run for every edit. Parameters are the names in quotes above and in `_build`."""

    find: Executable
    begin: Executable
    free_key: Executable
    append: Executable
    end: Executable
    add_events: Executable
    load: Executable
    load_events: Executable


@functools.cache
def statements(dialect: str) -> Statements:
    """Return the statements for `sqlite` or `postgresql`."""
    new = {
        "replica": bindparam("by_replica"),
        "state": State.RUNNING.value,
        "event_count": 0,
        "cancelled": False,
        "retryable": False,
        "create_time": now(dialect),
    }
    given: dict[str, Any] = {
        name: bindparam(f"new_{name}") for name in ("id", "tenant", "key", "fingerprint")
    }
    # The condition is the fence: a replica that was taken for gone changes nothing any more.
    mine = _THIS & (_OP.replica == bindparam("by_replica")) & (_OP.state == State.RUNNING.value)
    following = mine & (_OP.event_count == bindparam("before"))
    appending = update(OPERATIONS).where(following).returning(_OP.cancelled)
    end: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("state", "result", "retryable")}
    counted: dict[str, Any] = {"event_count": bindparam("last")}
    passed = _TENANTS & _KEYS & (_OP.state == State.FAILED.value) & _OP.retryable
    # Up to a count: on Postgres, the next event may come between two statements.
    sequence = EVENTS.c.sequence
    these = (EVENTS.c.operation == bindparam("operation")) & sequence.between(
        bindparam("first"), bindparam("last")
    )
    return Statements(
        find=select(_OP.id, _OP.fingerprint, _OP.state, _OP.retryable).where(_TENANTS, _KEYS),
        begin=inserting(dialect, OPERATIONS).values(new | given).on_conflict_do_nothing().returning(_OP.id),
        free_key=update(OPERATIONS).where(passed).values(key=None),
        append=appending.values(counted),
        end=appending.values(counted | end | {"end_time": now(dialect)}),
        add_events=insert(EVENTS),
        load=select(_OP.state, _OP.result, _OP.create_time, _OP.event_count).where(_THIS, _TENANTS),
        load_events=select(sequence, EVENTS.c.message).where(these).order_by(sequence),
    )


def now(dialect: str) -> ColumnElement[float]:
    """Return the time, seconds since 1970, by the clock that all replicas share."""
    if dialect == "sqlite":  # one process's
        return bindparam("now", callable_=time.time, type_=Double)
    return cast(func.extract("epoch", func.clock_timestamp()), Double)
