"""Brings tables to a revision, up or down, without a foreign key's rule firing on the way."""

import hashlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

_WAIT = "60s"
"""How long a replica waits for another one that migrates."""


def migrate(connection: Connection, migrations: Path, revision: str = "head") -> None:
    """Bring the tables to a revision in one transaction: all of it happens, or nothing.

    On Postgres, one process at a time migrates; the others wait for it. On SQLite, foreign keys do not act
    while tables are rebuilt (dropping the old table would fire their ON DELETE rules), and are checked
    afterwards.

    Args:
        connection: A connection with no transaction under way.
        migrations: The folder of `env.py` and `versions`; `env.py` takes the connection from the
            configuration's attribute `connection`.
        revision: The newest one (`head`), none of them (`base`), or one by its name.

    Raises:
        sqlalchemy.exc.IntegrityError: a row refers to one that is gone; nothing was changed.
        alembic.util.CommandError: the database is of a revision that is not known here.

    """
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        _set_foreign_keys(connection, on=False)
    try:
        with connection.begin():
            if not sqlite:
                _lock(connection, migrations)
            _run(connection, migrations, revision)
            if sqlite:
                _check_foreign_keys(connection)
    finally:
        if sqlite:
            _set_foreign_keys(connection, on=True)


def _run(connection: Connection, migrations: Path, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    if _is_behind(connection, ScriptDirectory.from_config(config), revision):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def _is_behind(connection: Connection, scripts: ScriptDirectory, revision: str) -> bool:
    """Return whether a revision comes before that of the tables."""
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None or revision == "head":
        return False
    earlier = [script.revision for script in scripts.iterate_revisions(current, "base")]
    return revision == "base" or revision in earlier[1:]


def _lock(connection: Connection, migrations: Path) -> None:
    """Wait for the right to migrate, which ends with the transaction."""
    name = f"{migrations.parent.name}/{migrations.name}".encode()
    number = int.from_bytes(hashlib.sha256(name).digest()[:7])  # Postgres takes 63 bits
    connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT}'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": number})


def _set_foreign_keys(connection: Connection, *, on: bool) -> None:
    # By the driver: the pragma does nothing within a transaction, and SQLAlchemy would begin one.
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")
    cursor.close()


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        table, row, target, _ = broken
        statement = "PRAGMA foreign_key_check"
        raise IntegrityError(
            statement, None, ValueError(f"row {row} of {table} refers to a missing row of {target}")
        )
