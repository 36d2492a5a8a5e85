"""Keeps operations in SQLite or Postgres, so that they outlive a broken stream and a killed process."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from langdesign_chassis import errors
from langdesign_database import Transactions, inserting, unavailable
from sqlalchemy import ColumnElement, Connection, delete, exists, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from langdesign_editing.events import Event, State
from langdesign_editing.statements import Statements, now, statements
from langdesign_editing.store import Begun, Duties, Ending, Forgotten, LostOperationError, Orphan, Record
from langdesign_editing.tables import OPERATIONS, REPLICAS

P = ParamSpec("P")
T = TypeVar("T")
_FORGET = 100.0
"""How many seconds after its end a lease is forgotten."""
_OP = OPERATIONS.c
_RUNNING = State.RUNNING.value


class SqlOperationStore:
    """An `OperationStore` in a database.

    Args:
        transactions: An open database, migrated by `tables.MIGRATIONS`.
        replica: Id of this process, 32 hexadecimal digits.

    """

    def __init__(self, transactions: Transactions, replica: str) -> None:
        self._transactions, self._replica = transactions, replica

    async def find(self, tenant: str, key: str, fingerprint: bytes) -> str | None:
        """Return the operation that a request joins; see `OperationStore.find`."""
        return await self._run(_find, tenant, key, fingerprint)

    async def begin(self, tenant: str, key: str, fingerprint: bytes, operation: str) -> Begun:
        """Join the operation of a key, or begin one; see `OperationStore.begin`."""
        return await self._run(_begin, tenant, key, fingerprint, operation, self._replica)

    async def append(self, operation: str, events: Sequence[Event], ending: Ending | None = None) -> bool:
        """Store the next events; see `OperationStore.append`."""
        return await self._run(_append, operation, events, ending, self._replica)

    async def load(self, tenant: str, operation: str, after: int = 0) -> Record:
        """Return an operation; see `OperationStore.load`."""
        return await self._run(_load, tenant, operation, after)

    async def ask_to_cancel(self, tenant: str, operation: str) -> None:
        """Record that an operation's owner wants its end; see `OperationStore.ask_to_cancel`."""
        await self._run(_ask_to_cancel, tenant, operation)

    async def attend(self, own: Collection[str], lease: float) -> Duties:
        """Renew this replica's lease; see `OperationStore.attend`."""
        return await self._run(_attend, self._replica, own, lease)

    async def leave(self) -> None:
        """End this replica's lease; see `OperationStore.leave`."""
        await self._run(_leave, self._replica)

    async def prune(self, keep_seconds: float, keep_count: int) -> Sequence[Forgotten]:
        """Forget operations that ended long ago; see `OperationStore.prune`."""
        return await self._run(_prune, keep_seconds, keep_count)

    async def _run(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            return await self._transactions.run(function, *args, **kwargs)
        except SQLAlchemyError as error:
            raise unavailable(error, "the store of the edits") from error


def _find(connection: Connection, tenant: str, key: str, fingerprint: bytes) -> str | None:
    names = {"of_tenant": tenant, "of_key": key}
    row = connection.execute(_sql(connection).find, names).one_or_none()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise errors.AlreadyExists(
            "idempotency_key was used for another request", hint="use a new key for a new edit"
        )
    return None if row.state == State.FAILED.value and row.retryable else str(row.id)


def _begin(
    connection: Connection, tenant: str, key: str, fingerprint: bytes, operation: str, replica: str
) -> Begun:
    # Of two calls at once, the one that inserts later finds the other one's row; Postgres makes it wait.
    sql = _sql(connection)
    new = {"new_id": operation, "new_tenant": tenant, "new_key": key, "new_fingerprint": fingerprint}
    while connection.execute(sql.begin, new | {"by_replica": replica}).one_or_none() is None:
        found = _find(connection, tenant, key, fingerprint)
        if found is not None:
            return Begun(found, new=False)
        connection.execute(sql.free_key, {"of_tenant": tenant, "of_key": key})
    return Begun(operation, new=True)


def _append(
    connection: Connection, operation: str, events: Sequence[Event], ending: Ending | None, replica: str
) -> bool:
    sql = _sql(connection)
    values: dict[str, Any] = {"operation": operation, "by_replica": replica}
    values |= {"before": events[0].sequence - 1, "last": events[-1].sequence}
    if ending is not None:
        values |= {"new_state": ending.state.value, "new_result": ending.result}
        values |= {"new_retryable": ending.retryable}
    row = connection.execute(sql.append if ending is None else sql.end, values).one_or_none()
    if row is None:
        raise LostOperationError(operation)
    stored = [
        {"operation": operation, "sequence": event.sequence, "message": event.message} for event in events
    ]
    connection.execute(sql.add_events, stored)
    return bool(row.cancelled)


def _load(connection: Connection, tenant: str, operation: str, after: int) -> Record:
    sql = _sql(connection)
    row = connection.execute(sql.load, {"operation": operation, "of_tenant": tenant}).one_or_none()
    if row is None:
        raise errors.NotFound(
            "there is no such operation", hint="check operation_id; ended ones are kept for a while only"
        )
    events: list[Event] = []
    if row.event_count > after:
        span = {"operation": operation, "first": after + 1, "last": row.event_count}
        events = [Event(*found) for found in connection.execute(sql.load_events, span)]
    return Record(operation, State(row.state), row.result, row.create_time, events)


def _ask_to_cancel(connection: Connection, tenant: str, operation: str) -> None:
    mine = (_OP.id == operation, _OP.tenant == tenant)
    change = update(OPERATIONS).where(*mine, _OP.state == _RUNNING).values(cancelled=True)
    if connection.execute(change.returning(_OP.id)).one_or_none() is None:
        _load(connection, tenant, operation, after=0)


def _attend(connection: Connection, replica: str, own: Collection[str], lease: float) -> Duties:
    _renew(connection, replica, lease)
    running = _OP.state == _RUNNING
    # Read before the change: of two replicas at once, the later one then finds the new owner, not the old.
    gone = connection.execute(select(_OP.replica).where(running, ~_is_there(connection, replica)).distinct())
    unseen = (_OP.replica == replica) & _OP.id.not_in(own)
    lost = or_(unseen, _OP.replica.in_(gone.scalars().all()))
    adopting = update(OPERATIONS).where(running, lost).values(replica=replica)
    orphans = connection.execute(adopting.returning(_OP.id, _OP.event_count, _OP.cancelled)).all()
    stopped = select(_OP.id).where(running, _OP.replica == replica, _OP.cancelled, _OP.id.in_(own))
    cancelled = connection.execute(stopped).scalars().all()
    return Duties(cancelled, [Orphan(row.id, row.event_count, row.cancelled) for row in orphans])


def _renew(connection: Connection, replica: str, lease: float) -> None:
    dialect = connection.dialect.name
    renewing = inserting(dialect, REPLICAS).values(id=replica, expire_time=now(dialect) + lease)
    connection.execute(
        renewing.on_conflict_do_update(
            index_elements=[REPLICAS.c.id], set_={"expire_time": renewing.excluded.expire_time}
        )
    )
    connection.execute(delete(REPLICAS).where(REPLICAS.c.expire_time < now(dialect) - _FORGET))


def _is_there(connection: Connection, replica: str) -> ColumnElement[bool]:
    """Return the condition that an operation's replica has a lease."""
    there = exists().where(
        REPLICAS.c.id == _OP.replica, REPLICAS.c.expire_time >= now(connection.dialect.name)
    )
    # A SQLite file is this process's alone, so that no other one is there.
    return there.where(REPLICAS.c.id == replica) if connection.dialect.name == "sqlite" else there


def _leave(connection: Connection, replica: str) -> None:
    connection.execute(delete(REPLICAS).where(REPLICAS.c.id == replica))


def _prune(connection: Connection, keep_seconds: float, keep_count: int) -> list[Forgotten]:
    ended = select(_OP.id).where(_OP.end_time.is_not(None))
    surplus = ended.order_by(_OP.end_time.desc(), _OP.id).offset(keep_count)
    old = _OP.end_time < now(connection.dialect.name) - keep_seconds
    gone = delete(OPERATIONS).where(or_(old, _OP.id.in_(surplus)))
    rows = connection.execute(gone.returning(_OP.tenant, _OP.id, _OP.result)).all()
    return [Forgotten(tenant, operation, result) for tenant, operation, result in rows if result is not None]


def _sql(connection: Connection) -> Statements:
    return statements(connection.dialect.name)
