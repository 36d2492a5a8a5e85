"""Keeps operations and their events in SQLite, so that they outlive a broken stream and a killed process."""

import sqlite3
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from langdesign_chassis import errors

from langdesign_editing.convert import Event
from langdesign_editing.events import State

_SCHEMA = """
CREATE TABLE IF NOT EXISTS operations (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    key TEXT,               -- the idempotency key; NULL once a later attempt took it over
    fingerprint BLOB NOT NULL,
    state INTEGER NOT NULL,
    retryable INTEGER NOT NULL DEFAULT 0,
    result TEXT,            -- digest of the result's blob
    create_time REAL NOT NULL,
    end_time REAL,
    UNIQUE (tenant, key)
) STRICT;
CREATE INDEX IF NOT EXISTS ended ON operations (end_time);
CREATE TABLE IF NOT EXISTS events (
    operation TEXT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    event BLOB NOT NULL,
    PRIMARY KEY (operation, sequence)
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Begun:
    """The operation of an idempotency key, and whether it is a new one."""

    operation: str
    new: bool


@dataclass(frozen=True)
class Ending:
    """How an operation ended."""

    state: State
    result: str | None = None
    retryable: bool = False


@dataclass(frozen=True)
class Record:
    """An operation as it is stored; events in order, the result's picture as the blob ``result``."""

    operation: str
    state: State
    result: str | None
    create_time: float
    events: Sequence[Event]


class OperationStore:
    """Operations of all tenants; each tenant sees its own. To be used by one thread at a time.

    A commit survives a killed process (write-ahead log); a power failure may lose the last ones.

    Args:
        path: A SQLite file, made where it does not exist; ``:memory:`` keeps nothing.

    """

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path, timeout=1.0, check_same_thread=False, isolation_level=None)
        # One process alone may write: a second replica on the same file fails at once, not at its first edit.
        self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute("PRAGMA foreign_keys = ON")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def find(self, tenant: str, key: str, fingerprint: bytes) -> str | None:
        """Returns the operation that a request joins; None when the request begins a new one.

        Raises:
            errors.AlreadyExists: The key was used for another request.

        """
        row = self._database.execute(
            "SELECT id, fingerprint, state, retryable FROM operations WHERE tenant = ? AND key = ?",
            (tenant, key),
        ).fetchone()
        if row is None:
            return None
        operation, known, state, retryable = row
        if known != fingerprint:
            raise errors.AlreadyExists(
                "idempotency_key was used for another request", hint="use a new key for a new edit"
            )
        return None if state == State.FAILED and retryable else str(operation)

    def begin(self, tenant: str, key: str, fingerprint: bytes) -> Begun:
        """Joins the operation of the key, or begins one: exactly one of any number of equal calls begins it.

        Raises:
            errors.AlreadyExists: The key was used for another request.

        """
        with self._transaction():
            found = self.find(tenant, key, fingerprint)
            if found is not None:
                return Begun(found, new=False)
            operation = uuid.uuid4().hex
            self._database.execute(
                "UPDATE operations SET key = NULL WHERE tenant = ? AND key = ?", (tenant, key)
            )
            self._database.execute(
                "INSERT INTO operations (id, tenant, key, fingerprint, state, create_time)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (operation, tenant, key, fingerprint, State.RUNNING, time.time()),
            )
            return Begun(operation, new=True)

    def append(self, operation: str, event: Event, ending: Ending | None = None) -> None:
        """Stores an event, with the operation's end when it is the last one: both or neither."""
        with self._transaction():
            self._database.execute(
                "INSERT INTO events (operation, sequence, event) VALUES (?, ?, ?)",
                (operation, event.sequence, event.SerializeToString()),
            )
            if ending is not None:
                self._database.execute(
                    "UPDATE operations SET state = ?, result = ?, retryable = ?, end_time = ? WHERE id = ?",
                    (ending.state, ending.result, ending.retryable, time.time(), operation),
                )

    def load(self, tenant: str, operation: str) -> Record:
        """Returns an operation of a tenant.

        Raises:
            errors.NotFound: There is none, or it belongs to another tenant.

        """
        row = self._database.execute(
            "SELECT state, result, create_time FROM operations WHERE id = ? AND tenant = ?",
            (operation, tenant),
        ).fetchone()
        if row is None:
            raise errors.NotFound(
                "there is no such operation", hint="check operation_id; ended ones are kept for a while only"
            )
        rows = self._database.execute(
            "SELECT event FROM events WHERE operation = ? ORDER BY sequence", (operation,)
        )
        events = [Event.FromString(event) for (event,) in rows]
        state, result, create_time = row
        return Record(operation, State(state), result, create_time, events)

    def interrupted(self) -> list[tuple[str, int]]:
        """Returns the operations that are under way in the file, each with its number of events."""
        return self._database.execute(
            "SELECT id, (SELECT count(*) FROM events WHERE operation = id) FROM operations WHERE state = ?",
            (State.RUNNING,),
        ).fetchall()

    def prune(self, before: float, keep: int) -> list[tuple[str, str]]:
        """Forgets operations that ended before a time, and all but the latest ``keep`` ended ones.

        Returns:
            Tenant and digest of the results that no operation has any more.

        """
        with self._transaction():
            gone = self._database.execute(
                "DELETE FROM operations WHERE end_time < ? OR id IN ("
                " SELECT id FROM operations WHERE end_time IS NOT NULL"
                " ORDER BY end_time DESC, rowid DESC LIMIT -1 OFFSET ?"
                ") RETURNING tenant, result",
                (before, keep),
            ).fetchall()
            return [
                (tenant, result)
                for tenant, result in dict.fromkeys(gone)
                if result is not None and not self._refers(tenant, result)
            ]

    def _refers(self, tenant: str, result: str) -> bool:
        query = "SELECT 1 FROM operations WHERE tenant = ? AND result = ? LIMIT 1"
        return self._database.execute(query, (tenant, result)).fetchone() is not None

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._database)


class _Transaction:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._database.execute("COMMIT" if kind is None else "ROLLBACK")
