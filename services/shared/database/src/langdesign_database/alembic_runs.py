"""Runs Alembic on a connection; imported only where there is something to migrate."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from langdesign_database.failures import OtherReleaseError


def run(connection: Connection, migrations: Path, revision: str) -> None:
    """Bring the tables to a revision, within the connection's transaction; see `langdesign_database.migrate`.

    Raises:
        OtherReleaseError: the database is of a revision that is not known here.

    """
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        if _is_behind(connection, ScriptDirectory.from_config(config), revision):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
    except CommandError as error:
        raise OtherReleaseError(str(error)) from error


def _is_behind(connection: Connection, scripts: ScriptDirectory, revision: str) -> bool:
    """Return whether a revision comes before that of the tables."""
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None or revision == "head":
        return False
    earlier = [script.revision for script in scripts.iterate_revisions(current, "base")]
    return revision == "base" or revision in earlier[1:]
