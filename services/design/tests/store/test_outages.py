"""What the store does while its database does not do what it should."""

import asyncio

import pytest
from langdesign_chassis import errors
from langdesign_database import open_database, open_transactions
from langdesign_design.sql_store import SqlDesignStore
from langdesign_design.tables import MIGRATIONS
from sqlalchemy import text
from sqlalchemy.engine import make_url

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
async def on_postgres(postgres, opened_store, drafts):
    """A database's address, and a caller of the store on it."""
    address = postgres.new_database()
    async with opened_store(address) as store:
        yield address, drafts.caller(store)


async def test_the_store_answers_again_when_its_server_does(postgres, on_postgres):
    address, caller = on_postgres
    name = make_url(address).database
    design, root = await caller.design()
    postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false;")
    postgres.drop_connections(address)
    with pytest.raises(errors.Unavailable) as caught:
        await caller.begin(root, key="k")
    assert caught.value.retry_after
    assert "Traceback" not in caught.value.message
    postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true;")
    await caller.begin(root, key="k")
    assert (await caller.get(design)).node_count == 2


async def test_of_transactions_that_wait_crosswise_the_stores_is_made_again(on_postgres):
    address, caller = on_postgres
    _, root = await caller.design()
    above = await caller.edit(root)
    below = await caller.edit(above)
    lock = text("SELECT id FROM nodes WHERE id = :id FOR UPDATE")
    opening = open_database(address, migrations=MIGRATIONS, setting="DESIGN_DATABASE", exclusive=False)
    async with opening as engine:
        async with engine.begin() as first, engine.connect() as watching:
            await first.execute(text("SET LOCAL deadlock_timeout = '60s'"))  # the store is to find it out
            await first.execute(lock, {"id": below.id})
            deleting = asyncio.create_task(caller.delete(above))
            async with asyncio.timeout(30):
                while not await watching.scalar(text(WAITING)):
                    await watching.rollback()  # each look is a transaction, which sees what is now
            await first.execute(lock, {"id": above.id})
        assert set(await deleting) == {above.id, below.id}


async def test_a_full_disk_is_told_and_takes_nothing_that_was_kept(tmp_path, drafts, caplog):
    address = f"sqlite:///{tmp_path}/design.sqlite"
    opening = open_transactions(address, migrations=MIGRATIONS, setting="DESIGN_DATABASE", exclusive=False)
    async with opening as transactions:
        caller = drafts.caller(SqlDesignStore(transactions))
        design, root = await caller.design()
        await limit(transactions, 1)  # never less than there is
        with pytest.raises(errors.Unavailable, match="the store of the designs is full"):
            await caller.begin(root, edit=bytes(100_000), key="k")
        assert [record.reason for record in caplog.records] == ["database or disk is full"]
        assert await caller.all_nodes(design) == [root]
        await limit(transactions, 100_000)
        node = await caller.begin(root, edit=bytes(100_000), key="k")
        assert await caller.all_nodes(design) == [root, node]


async def limit(transactions, pages):
    """Lets the file have so many pages, as a disk does."""
    await transactions.run(
        lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}").all()
    )
