"""Runs plain functions as transactions, without the event loop in between their statements."""

from __future__ import annotations  # the asynchronous engine's class brings the object-relational mapper

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, Engine, MetaData, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.pool import StaticPool

from langdesign_database.addresses import read_address
from langdesign_database.migrating import migrate
from langdesign_database.opening import make_folder, open_database, prepare_sqlite, telling_why

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

P = ParamSpec("P")
T = TypeVar("T")


class Transactions(Protocol):
    """Runs functions on a database, each as one transaction: all of what it does is kept, or nothing."""

    async def run(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a function that takes a connection first; return what it returns.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: as the database answers; nothing was kept.

        """
        ...


@asynccontextmanager
async def open_transactions(
    address: str, *, migrations: Path, setting: str, exclusive: bool, tables: MetaData | None = None
) -> AsyncIterator[Transactions]:
    """Open a database as `open_database` does, for whom every fraction of a millisecond counts.

    SQLite is used in a thread of its own, one hop a transaction; through an asynchronous driver, each
    statement is several. Postgres is used by the asynchronous engine.

    Raises:
        StartError: as `open_database`.

    """
    url = read_address(address, setting)
    if url.get_backend_name() != "sqlite":
        async with open_database(
            address, migrations=migrations, setting=setting, exclusive=exclusive, tables=tables
        ) as opened:
            yield _OnEventLoop(opened)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="sqlite") as thread:
        transactions = _InThread(_sqlite(url), thread)
        try:
            with telling_why(url, setting, alone=True):
                make_folder(url)
                await transactions.migrate(migrations, tables)
            yield transactions
        finally:
            await transactions.close()


class _OnEventLoop:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def run(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(function, *args, **kwargs)


class _InThread:
    def __init__(self, engine: Engine, thread: ThreadPoolExecutor) -> None:
        self._engine, self._thread = engine, thread

    async def run(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def transaction() -> T:
            with self._engine.begin() as connection:
                return function(connection, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._thread, transaction)

    async def migrate(self, migrations: Path, tables: MetaData | None) -> None:
        def upgrade() -> None:
            with self._engine.connect() as connection:
                migrate(connection, migrations, tables=tables)

        await asyncio.get_running_loop().run_in_executor(self._thread, upgrade)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)


def _sqlite(url: URL) -> Engine:
    options = {"timeout": 1.0, "check_same_thread": False}
    engine = create_engine(url.set(drivername="sqlite"), poolclass=StaticPool, connect_args=options)
    prepare_sqlite(engine)
    return engine
