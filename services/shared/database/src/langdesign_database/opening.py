"""Opens a database of a service, migrated."""

from __future__ import annotations  # the asynchronous engine is imported where one is opened

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, MetaData, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import AsyncAdaptedQueuePool

from langdesign_database.addresses import read_address, unusable
from langdesign_database.failures import OtherReleaseError
from langdesign_database.migrating import migrate

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

# Of libpq: seconds to connect, and milliseconds until a line is dead on which nothing is acknowledged. Of
# psycopg: statements are never prepared on the server, since one that is fails for ever once a migration
# changes its columns' types, and the release before still serves then.
_POSTGRES = {"connect_timeout": 10, "tcp_user_timeout": 30_000, "prepare_threshold": None}
_PRAGMAS = ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON")


@asynccontextmanager
async def open_database(
    address: str, *, migrations: Path, setting: str, exclusive: bool, tables: MetaData | None = None
) -> AsyncIterator[AsyncEngine]:
    """Open a database, its tables migrated to the newest revision, until the context ends.

    A SQLite file belongs to one process at a time: it has one connection, every transaction begins by BEGIN
    IMMEDIATE (so that what is read before a write still holds at the write), and foreign keys act. A commit
    that was acknowledged outlives a killed process (write-ahead log); a power failure may take the latest
    commits (`synchronous = NORMAL`), and never leaves half of one. On Postgres a commit outlives both, unless
    its server is set up otherwise (`synchronous_commit`).

    Args:
        address: `sqlite:///FILE` (its folder is made; `sqlite:///:memory:` keeps nothing), or
            `postgresql://user:password@host/name`.
        migrations: Alembic's folder of the service; see `migrate`.
        setting: The environment variable that holds the address, for errors.
        exclusive: Whether the process keeps others out on Postgres too; else any number of replicas use it.
        tables: The tables of the newest revision; see `migrate`.

    Raises:
        StartError: it cannot be used, or another process uses it that may not.

    """
    url = read_address(address, setting)
    engine = _engine(url)
    try:
        async with AsyncExitStack() as held:
            with telling_why(url, setting, alone=exclusive or _is_file(url)):
                if exclusive and not _is_file(url):
                    await held.enter_async_context(_claimed(engine, setting))
                await _migrate(engine, url, migrations, tables)
            yield engine
    finally:
        await engine.dispose()


class _ClaimedElsewhereError(Exception):
    """Another process holds the database."""


@contextmanager
def telling_why(url: URL, setting: str, *, alone: bool) -> Iterator[None]:
    """Turn what a database answers, while it is opened, into the line that ends a start."""
    hint = "name a database that this process can write" + (" and no other replica uses" if alone else "")
    try:
        yield
    except _ClaimedElsewhereError as error:
        raise unusable(url, setting, "another process uses it", hint) from error
    except (SQLAlchemyError, OSError) as error:
        why = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise unusable(url, setting, why, hint) from error
    except OtherReleaseError as error:
        why, newer = "its tables are not of this release", "start the release that made them, or a newer one"
        raise unusable(url, setting, why, newer) from error


@asynccontextmanager
async def _claimed(engine: AsyncEngine, setting: str) -> AsyncIterator[None]:
    """Hold a lock of Postgres that one process can have, as long as its connection lives."""
    lock = int.from_bytes(hashlib.sha256(setting.encode()).digest()[:7])  # Postgres takes 63 bits
    async with engine.connect() as guard:
        taken = await guard.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": lock})
        await guard.commit()  # the lock is the session's, not the transaction's
        if not taken:
            raise _ClaimedElsewhereError
        try:
            yield
        finally:
            await guard.invalidate()  # the pool would keep the connection, and so the lock


def make_folder(url: URL) -> None:
    """Make the folder of a SQLite file."""
    if _is_file(url) and url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


async def _migrate(engine: AsyncEngine, url: URL, migrations: Path, tables: MetaData | None) -> None:
    make_folder(url)
    async with engine.connect() as connection:
        await connection.run_sync(migrate, migrations, tables=tables)


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _engine(url: URL) -> AsyncEngine:
    # It brings the whole object-relational mapper, which nobody needs who uses SQLite in a thread.
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    if not _is_file(url):
        return create_async_engine(url, pool_pre_ping=True, connect_args=_POSTGRES)
    # One connection, used in turn: the process has the file for itself, and another one would find it locked.
    pool = {"poolclass": AsyncAdaptedQueuePool, "pool_size": 1, "max_overflow": 0}
    engine = create_async_engine(url, connect_args={"timeout": 1.0}, **pool)
    prepare_sqlite(engine.sync_engine)
    return engine


def prepare_sqlite(engine: Engine) -> None:
    """Give SQLite's connections their pragmas, and their transactions a beginning that keeps others out."""

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN is deferred, and would come too late
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
