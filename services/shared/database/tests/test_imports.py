import subprocess
import sys
from pathlib import Path

import pytest
from langdesign_database import open_database
from langdesign_database.testing import described
from sqlalchemy import Column, Integer, MetaData, Table

MIGRATIONS = Path(__file__).with_name("migrations")
OPEN = """
import asyncio, sys
from pathlib import Path
from langdesign_database import open_transactions
from sqlalchemy import Column, Integer, MetaData, Table

TABLES = MetaData()
Table("nodes", TABLES, Column("id", Integer, primary_key=True))

async def main(address, migrations, at_once):
    tables = TABLES if at_once == "at once" else None
    opening = open_transactions(
        address, migrations=Path(migrations), setting="DATABASE", exclusive=False, tables=tables
    )
    async with opening as transactions:
        count = "SELECT count(*) FROM nodes"
        assert await transactions.run(lambda connection: connection.exec_driver_sql(count).scalar()) == 0

asyncio.run(main(*sys.argv[1:]))
watched = ("alembic", "mako", "sqlalchemy.orm", "sqlalchemy.dialects.postgresql")
print(*(name for name in watched if name in sys.modules))
"""


@pytest.mark.parametrize(("how", "loaded"), [("by migrations", True), ("at once", False)])
def test_tables_of_the_newest_revision_are_opened_and_made_without_alembic(tmp_path, how, loaded):
    address = f"sqlite:///{tmp_path}/database.sqlite"
    command = [sys.executable, "-c", OPEN, address, str(MIGRATIONS), how]
    said = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(2)]
    assert ("alembic" in said[0]) is loaded
    assert said[1].split() == []


async def test_the_revision_is_kept_as_alembic_keeps_it(tmp_path):
    tables = MetaData()
    Table("nodes", tables, Column("id", Integer, primary_key=True))
    kept = []
    for name, made in (("by-migrations", None), ("at-once", tables)):
        address = f"sqlite:///{tmp_path}/{name}.sqlite"
        opening = open_database(
            address, migrations=MIGRATIONS, setting="DATABASE", exclusive=False, tables=made
        )
        async with opening as engine, engine.begin() as connection:
            revision = await connection.exec_driver_sql("SELECT version_num FROM alembic_version")
            kept.append((revision.scalars().all(), (await connection.run_sync(described))["alembic_version"]))
    assert kept[0] == kept[1]
