"""Opening, migrating and using a database, on SQLite and a real Postgres."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from langdesign_chassis.errors import StartError
from langdesign_database import migrate, open_database, open_transactions
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

MIGRATIONS = Path(__file__).with_name("migrations")
WRITER = Path(__file__).with_name("writer.py")
CHAIN = "INSERT INTO nodes (id, parent) VALUES (1, NULL), (2, 1), (3, 2), (4, 3)"
LINKS = text("SELECT id, parent FROM nodes ORDER BY id")


def opened(address, *, migrations=MIGRATIONS, exclusive=False):
    return open_database(address, migrations=migrations, setting="NODES_DATABASE", exclusive=exclusive)


async def to(engine, revision):
    async with engine.connect() as connection:
        await connection.run_sync(migrate, MIGRATIONS, revision)


async def links(engine):
    async with engine.begin() as connection:
        return [tuple(row) for row in await connection.execute(LINKS)]


async def test_migrating_a_filled_tree_up_and_down_keeps_every_row_and_link(address):
    async with opened(address) as engine:
        await to(engine, "0001")
        async with engine.begin() as connection:
            await connection.execute(text(CHAIN))
        for revision in ("0002", "0001", "head"):
            await to(engine, revision)
            assert await links(engine) == [(1, None), (2, 1), (3, 2), (4, 3)]
        async with engine.begin() as connection:
            assert (await connection.execute(text("SELECT DISTINCT note FROM nodes"))).scalars().all() == [""]


async def test_every_migration_can_be_taken_back(address):
    async with opened(address) as engine:
        await to(engine, "base")
        await to(engine, "head")
        assert await links(engine) == []


async def test_foreign_keys_act_after_a_migration(address):
    async with opened(address) as engine:
        with pytest.raises(IntegrityError):
            async with engine.begin() as connection:
                await connection.execute(text("INSERT INTO nodes (id, parent) VALUES (1, 7)"))
        async with engine.begin() as connection:
            await connection.execute(text(CHAIN))
            await connection.execute(text("DELETE FROM nodes WHERE id = 2"))
        assert await links(engine) == [(1, None)]


async def test_a_migration_that_leaves_a_broken_link_changes_nothing(tmp_path):
    async with opened(f"sqlite:///{tmp_path}/nodes.sqlite") as engine:
        await to(engine, "0001")
        async with engine.connect() as connection:
            await connection.run_sync(break_link)
        with pytest.raises(IntegrityError, match="row 1 of nodes refers to a missing row of nodes"):
            await to(engine, "0002")
        async with engine.begin() as connection:
            assert [tuple(row) for row in await connection.execute(text("SELECT * FROM nodes"))] == [(1, 7)]


def break_link(connection):
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.execute("INSERT INTO nodes (id, parent) VALUES (1, 7)")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


async def test_a_column_whose_type_a_migration_changes_is_read_by_connections_from_before(postgres):
    address = postgres.new_database()
    notes = text("SELECT note FROM nodes")
    async with opened(address) as before, opened(address) as migrating, before.connect() as connection:
        for _ in range(10):  # psycopg would prepare what was asked five times
            await connection.execute(notes)
        await connection.commit()
        async with migrating.begin() as other:
            await other.execute(text("ALTER TABLE nodes ALTER COLUMN note TYPE VARCHAR(100)"))
        assert (await connection.execute(notes)).all() == []


async def test_many_replicas_start_at_once_on_one_postgres(postgres):
    address = postgres.new_database()

    async def replica(number):
        async with opened(address) as engine, engine.begin() as connection:
            await connection.execute(text(f"INSERT INTO nodes (id) VALUES ({number})"))

    await asyncio.gather(*(replica(number) for number in range(6)))
    async with opened(address) as engine:
        assert len(await links(engine)) == 6


async def test_a_second_process_is_refused_where_one_alone_may_use_it(address):
    exclusive = address.startswith("postgresql")  # a SQLite file is for one process anyway
    async with opened(address, exclusive=exclusive):
        with pytest.raises(StartError, match="no other replica") as caught:
            async with opened(address, exclusive=exclusive):
                pass
    assert "\n" not in str(caught.value)
    async with opened(address, exclusive=exclusive):
        pass


async def test_concurrent_reads_before_writes_lose_no_update(address):
    lock = "" if address.startswith("sqlite") else " FOR UPDATE"
    async with opened(address) as engine:
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO nodes (id, note) VALUES (1, '')"))

        async def lengthen():
            async with engine.begin() as connection:
                note = await connection.scalar(text(f"SELECT note FROM nodes{lock}"))
                await asyncio.sleep(0)
                await connection.execute(text("UPDATE nodes SET note = :note"), {"note": note + "x"})

        await asyncio.gather(*(lengthen() for _ in range(20)))
        async with engine.begin() as connection:
            assert await connection.scalar(text("SELECT length(note) FROM nodes")) == 20


async def test_no_acknowledged_commit_is_lost_when_the_process_is_killed(address):
    """Two kills: each writer goes on where the last one's acknowledged commits end."""
    acknowledged = 0
    for _ in range(2):
        writer = await asyncio.create_subprocess_exec(
            sys.executable, WRITER, address, str(acknowledged + 1), stdout=asyncio.subprocess.PIPE
        )
        for _ in range(20):
            acknowledged = int(await writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        rest, _ = await writer.communicate()
        acknowledged = int((rest.split() or [acknowledged])[-1])
        async with opened(address) as engine:
            kept = [number for number, _ in await links(engine)]
        assert kept[:acknowledged] == list(range(1, acknowledged + 1))
        assert len(kept) <= acknowledged + 1
        acknowledged = len(kept)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("nonsense", "sqlite:///FILE"),
        ("mysql://host/name", "choose sqlite or postgresql"),
        ("sqlite:////proc/none/nodes.sqlite", "that this process can write"),
        ("postgresql://me:secret@127.0.0.1:1/name", "that this process can write"),
    ],
)
async def test_a_database_that_cannot_be_used_ends_the_start_in_one_line_without_its_password(wrong, hint):
    with pytest.raises(StartError, match=hint) as caught:
        async with opened(wrong):
            pass
    assert "NODES_DATABASE" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_tables_of_a_newer_release_end_the_start_with_a_hint(address):
    async with opened(address) as engine, engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StartError, match="or a newer one"):
        async with opened(address):
            pass


async def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path):
    file = tmp_path / "nodes.sqlite"
    file.write_bytes(b"the minutes of a meeting" * 100)
    with pytest.raises(StartError, match="not a database"):
        async with opened(f"sqlite:///{file}"):
            pass
    assert file.read_bytes().startswith(b"the minutes")


async def test_memory_is_a_database_of_its_own():
    async with opened("sqlite:///:memory:") as engine:
        async with engine.begin() as connection:
            await connection.execute(text(CHAIN))
        assert len(await links(engine)) == 4


def add(connection, number, *, parent=None):
    values = {"id": number, "parent": parent}
    connection.execute(text("INSERT INTO nodes (id, parent) VALUES (:id, :parent)"), values)
    return number


def count(connection):
    return connection.scalar(text("SELECT count(*) FROM nodes"))


async def test_a_function_is_one_transaction(address):
    opening = open_transactions(address, migrations=MIGRATIONS, setting="NODES_DATABASE", exclusive=False)
    async with opening as transactions:
        assert await transactions.run(add, 1) == 1
        assert await transactions.run(add, 2, parent=1) == 2

        def add_in_vain(connection):
            add(connection, 3)
            add(connection, 4, parent=7)

        with pytest.raises(IntegrityError):
            await transactions.run(add_in_vain)
        assert await transactions.run(count) == 2
    async with opened(address) as engine:
        assert await links(engine) == [(1, None), (2, 1)]


async def test_functions_that_run_at_once_lose_nothing(address):
    opening = open_transactions(address, migrations=MIGRATIONS, setting="NODES_DATABASE", exclusive=False)
    async with opening as transactions:
        await asyncio.gather(*(transactions.run(add, number) for number in range(1, 41)))
        assert await transactions.run(count) == 40


async def test_a_file_in_use_refuses_transactions_too(tmp_path):
    address = f"sqlite:///{tmp_path}/nodes.sqlite"
    async with opened(address):
        with pytest.raises(StartError, match="no other replica"):
            async with open_transactions(
                address, migrations=MIGRATIONS, setting="NODES_DATABASE", exclusive=False
            ):
                pass
