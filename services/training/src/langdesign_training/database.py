"""Opens the database for this process alone, and brings its tables up to date."""

import asyncio
import hashlib
import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from langdesign_chassis.errors import StartError
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_LOCK = int.from_bytes(hashlib.sha256(b"langdesign_training").digest()[:7])  # of Postgres, 63 bits at most


@asynccontextmanager
async def open_database(address: str) -> AsyncIterator[AsyncEngine]:
    """Open a database, migrated, that no other process uses until it is closed.

    Args:
        address: `sqlite:///FILE` (its folder is made), or `postgresql://user:password@host/name`.

    Raises:
        StartError: it cannot be used, or another process uses it.

    """
    url = _url(address)
    engine = (
        _sqlite(url) if url.get_backend_name() == "sqlite" else create_async_engine(url, pool_pre_ping=True)
    )
    try:
        guard = await _claim(engine, url)
        try:
            yield engine
        finally:
            if guard is not None:
                await guard.close()
    finally:
        await engine.dispose()


def migrate(connection: Connection) -> None:
    """Bring the tables up to the newest revision."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _claim(engine: AsyncEngine, url: URL) -> Any:
    """Migrate, and return the connection that keeps other processes out; SQLite's file lock needs none."""
    guard = None
    try:
        if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        if url.get_backend_name() == "postgresql":
            guard = await engine.connect()
            taken = await guard.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK})
            await guard.commit()  # the lock is the session's, not the transaction's
            if not taken:
                raise _unusable(url, "another process uses it")
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
    except (SQLAlchemyError, OSError) as error:
        if guard is not None:
            await guard.close()
        raise _unusable(url, str(getattr(error, "orig", None) or error).splitlines()[0]) from error
    except (StartError, asyncio.CancelledError):
        if guard is not None:
            await guard.close()
        raise
    return guard


def _url(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        raise StartError(
            "TRAINING_DATABASE is no address",
            hint="write sqlite:///FILE or postgresql://user:password@host/name",
        ) from None
    if url.get_backend_name() not in _DRIVERS:
        raise StartError(
            f"TRAINING_DATABASE names {url.get_backend_name()}", hint="choose sqlite or postgresql"
        )
    if url.get_backend_name() == "postgresql" and importlib.util.find_spec("psycopg") is None:
        raise StartError(
            "TRAINING_DATABASE names Postgres, and psycopg is not installed",
            hint="install langdesign-training[postgres]",
        )
    return url.set(drivername=_DRIVERS[url.get_backend_name()])


def _sqlite(url: URL) -> AsyncEngine:
    # One connection, used in turn: the process has the file for itself, and another one would find it locked.
    pool = {"poolclass": AsyncAdaptedQueuePool, "pool_size": 1, "max_overflow": 0}
    engine = create_async_engine(url, connect_args={"timeout": 1.0}, **pool)

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN is deferred, and would come too late
        cursor = connection.cursor()
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _unusable(url: URL, why: str) -> StartError:
    return StartError(
        f"TRAINING_DATABASE={url.render_as_string(hide_password=True)} cannot be used ({why})",
        hint="name a database that this process can write and no other replica uses",
    )
