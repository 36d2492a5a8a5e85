"""Brings tables to a revision, up or down, without a foreign key's rule firing on the way."""

import hashlib
import re
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

_WAIT = "60s"
"""How long a replica waits for another one that migrates."""
_NAMES = re.compile(r'^(revision|down_revision)\b[^=\n]*= *"([^"\n]+)"', re.MULTILINE)
"""A migration's own revision and the one before it, as its file says them."""


class OtherReleaseError(Exception):
    """The database is of a revision that this release does not know."""


def migrate(connection: Connection, migrations: Path, revision: str = "head") -> None:
    """Bring the tables to a revision in one transaction: all of it happens, or nothing.

    On Postgres, one process at a time migrates; the others wait for it. On SQLite, foreign keys do not act
    while tables are rebuilt (dropping the old table would fire their ON DELETE rules), and are checked
    afterwards. Tables that are of the newest revision already are left alone.

    Args:
        connection: A connection with no transaction under way.
        migrations: The folder of `env.py` and `versions`; `env.py` takes the connection from the
            configuration's attribute `connection`.
        revision: The newest one (`head`), none of them (`base`), or one by its name.

    Raises:
        sqlalchemy.exc.IntegrityError: a row refers to one that is gone; nothing was changed.
        OtherReleaseError: the database is of a revision that is not known here.

    """
    if revision == "head" and _is_newest(connection, migrations):
        return
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


def _is_newest(connection: Connection, migrations: Path) -> bool:
    """Return whether there is nothing to do, without Alembic: it takes ten megabytes, and never leaves."""
    texts = [file.read_text("utf-8") for file in (migrations / "versions").glob("*.py")]
    names = [name for text in texts for name in _NAMES.findall(text)]
    newest = {name for key, name in names if key == "revision"} - {
        name for key, name in names if key == "down_revision"
    }
    with connection.begin():
        if not inspect(connection).has_table("alembic_version"):
            return False
        return set(connection.scalars(text("SELECT version_num FROM alembic_version"))) == newest


def _run(connection: Connection, migrations: Path, revision: str) -> None:
    from langdesign_database.alembic_runs import run  # noqa: PLC0415 - see `_is_newest`

    run(connection, migrations, revision)


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
