"""Commits nodes from a number on, one by one, and says each number once its commit was acknowledged."""

import asyncio
import itertools
import sys
from pathlib import Path

from langdesign_database import open_database
from sqlalchemy import text

MIGRATIONS = Path(__file__).with_name("migrations")


async def main(address, first):
    database = open_database(address, migrations=MIGRATIONS, setting="NODES_DATABASE", exclusive=False)
    async with database as engine:
        for number in itertools.count(int(first)):
            async with engine.begin() as connection:
                await connection.execute(text(f"INSERT INTO nodes (id) VALUES ({number})"))
            print(number, flush=True)  # noqa: T201 - what the test reads


asyncio.run(main(*sys.argv[1:]))
