"""Brings tables to a revision, up or down, without a foreign key's rule firing on the way."""

import hashlib
import re
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, text
from sqlalchemy.exc import IntegrityError

_WAIT = "60s"
"""How long a replica waits for another one that migrates."""
_NAMES = re.compile(r'^(revision|down_revision)\b[^=\n]*= *"([^"\n]+)"', re.MULTILINE)
"""A migration's own revision and the one before it, as its file says them."""


_ALEMBIC_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Where Alembic keeps the revision of the tables, as it makes it."""


def migrate(
    connection: Connection, migrations: Path, revision: str = "head", *, tables: MetaData | None = None
) -> None:
    """Bring the tables to a revision in one transaction: all of it happens, or nothing.

    On Postgres, one process at a time migrates; the others wait for it. On SQLite, foreign keys do not act
    while tables are rebuilt (dropping the old table would fire their ON DELETE rules), and are checked
    afterwards. Tables that are of the newest revision already are left alone.

    Args:
        connection: A connection with no transaction under way.
        migrations: The folder of `env.py` and `versions`; `env.py` takes the connection from the
            configuration's attribute `connection`.
        revision: The newest one (`head`), none of them (`base`), or one by its name.
        tables: The tables of the newest revision, which an empty database gets at once (Alembic's
            "Building an Up to Date Database from Scratch"); None where migrations are to make them.

    Raises:
        sqlalchemy.exc.IntegrityError: a row refers to one that is gone; nothing was changed.
        OtherReleaseError: the database is of a revision that is not known here.

    """
    newest = _newest(migrations) if revision == "head" else set()
    with connection.begin():
        if newest and _revisions(connection) == newest:
            return
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        _set_foreign_keys(connection, on=False)
    try:
        with connection.begin():
            if not sqlite:
                _lock(connection, migrations)
            if newest and tables is not None and not inspect(connection).get_table_names():
                _make(connection, tables, newest)
            elif not newest or _revisions(connection) != newest:  # a replica may have been there by now
                _run(connection, migrations, revision)
            if sqlite:
                _check_foreign_keys(connection)
    finally:
        if sqlite:
            _set_foreign_keys(connection, on=True)


def _newest(migrations: Path) -> set[str]:
    """Return the newest revision, without Alembic: it takes ten megabytes, and never leaves."""
    texts = [file.read_text("utf-8") for file in (migrations / "versions").glob("*.py")]
    names = [name for text in texts for name in _NAMES.findall(text)]
    earlier = {name for key, name in names if key == "down_revision"}
    return {name for key, name in names if key == "revision"} - earlier


def _revisions(connection: Connection) -> set[str]:
    """Return the revision of the tables, nothing where there are none of Alembic's."""
    if not inspect(connection).has_table(_ALEMBIC_VERSION.name):
        return set()
    return set(connection.scalars(_ALEMBIC_VERSION.select()))


def _make(connection: Connection, tables: MetaData, revisions: set[str]) -> None:
    """Make the tables of a revision in a database that has none."""
    tables.create_all(connection, checkfirst=False)
    _ALEMBIC_VERSION.create(connection)
    connection.execute(_ALEMBIC_VERSION.insert(), [{"version_num": name} for name in revisions])


def _run(connection: Connection, migrations: Path, revision: str) -> None:
    from langdesign_database.alembic_runs import run  # noqa: PLC0415 - see `_newest`

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
