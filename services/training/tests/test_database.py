"""Where runs are kept: migrations, one process at a time, SQLite and a real Postgres."""

import asyncio
import sys

import langdesign_database
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from langdesign.training.v1 import training_pb2 as pb
from langdesign_chassis.errors import StartError
from langdesign_database import migrate
from langdesign_database.testing import described
from langdesign_training.tables import METADATA, MIGRATIONS


def open_database(address, tables=None):
    return langdesign_database.open_database(
        address, migrations=MIGRATIONS, setting="TRAINING_DATABASE", exclusive=True, tables=tables
    )


def differences(connection):
    return compare_metadata(MigrationContext.configure(connection), METADATA)


async def test_the_migrations_make_the_tables_that_the_code_reads(address):
    for _ in range(2):  # a second start finds them
        async with open_database(address) as engine, engine.begin() as connection:
            assert not await connection.run_sync(differences)


async def test_an_empty_database_gets_the_tables_that_the_migrations_make(address):
    async with open_database(address, METADATA) as engine, engine.connect() as connection:
        made = await connection.run_sync(described)
        await connection.rollback()
        for revision in ("base", "head"):
            await connection.run_sync(migrate, MIGRATIONS, revision)
            await connection.rollback()
        assert await connection.run_sync(described) == made


async def test_a_second_process_is_refused_with_a_hint(address):
    async with open_database(address):
        with pytest.raises(StartError, match="no other replica") as caught:
            async with open_database(address):
                pass
    assert "\n" not in str(caught.value)
    async with open_database(address):
        pass


async def test_runs_are_kept_over_a_restart(start, address):
    async with start(database=address) as training:
        first = await training.create(key="k", steps=1)
        held = await training.create(steps=2, hold=1)
        await training.until(held, progress=0.5)
        first = await training.end(first)
    async with start(database=address) as training:
        assert await training.get(first) == first
        assert await training.create(key="k", steps=1) == first
        training.go_on(held)
        assert (await training.end(held)).state == pb.RUN_STATE_SUCCEEDED
        found = await training.runs.ListRuns(pb.ListRunsRequest(page_size=1))
        assert [run.name for run in found.runs] == [held.name]
        page = pb.ListRunsRequest(page_token=found.next_page_token)
        assert [run.name for run in (await training.runs.ListRuns(page)).runs] == [first.name]


async def test_a_database_that_drops_every_connection_amid_a_run_loses_nothing(start, postgres, pause):
    pause(0.05)
    address = postgres.new_database()
    async with start(database=address) as training:
        run = await training.create(steps=4, hold=2)
        await training.until(run, progress=0.5)
        await asyncio.to_thread(postgres.drop_connections, address)
        training.go_on(run)
        run = await training.end(run)
        assert run.state == pb.RUN_STATE_SUCCEEDED
        assert await training.get(run) == run


def test_every_setting_is_listed_with_what_it_is(monkeypatch, capsys):
    from langdesign_training.__main__ import main

    monkeypatch.setenv("TRAINING_KUBERNETES_QUEUE", "gpus")
    monkeypatch.setenv("TRAINING_DATABASE", "postgresql://me:secret@db/runs")
    monkeypatch.setattr(sys, "argv", ["langdesign-training", "--show-settings"])
    main()
    printed = capsys.readouterr().out
    assert "TRAINING_KUBERNETES_QUEUE=gpus  # " in printed
    assert "secret" not in printed
