import subprocess
import sys
from pathlib import Path

OPEN = """
import asyncio, sys
from pathlib import Path
from langdesign_database import open_transactions

async def main(address, migrations):
    opening = open_transactions(address, migrations=Path(migrations), setting="DATABASE", exclusive=False)
    async with opening as transactions:
        assert await transactions.run(lambda connection: connection.exec_driver_sql("SELECT 1").scalar()) == 1

asyncio.run(main(*sys.argv[1:]))
loaded = {name.partition(".")[0] for name in sys.modules}
print(*loaded & {"alembic", "mako"}, "sqlalchemy.orm" in sys.modules)
"""


def test_tables_of_the_newest_revision_are_opened_without_alembic(tmp_path):
    address = f"sqlite:///{tmp_path}/database.sqlite"
    command = [sys.executable, "-c", OPEN, address, str(Path(__file__).with_name("migrations"))]
    said = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(2)]
    assert "alembic" in said[0]
    assert said[1].split() == ["False"]
