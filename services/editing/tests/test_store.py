"""The store of operations, over SQLite and a real Postgres."""

import asyncio
import itertools
import uuid
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from langdesign_chassis import errors
from langdesign_database import migrate, open_database, open_transactions
from langdesign_database.testing import described
from langdesign_editing.events import Event, State
from langdesign_editing.sql_store import SqlOperationStore
from langdesign_editing.store import Ending, LostOperationError, Orphan
from langdesign_editing.tables import METADATA, MIGRATIONS

PRINT = bytes(32)
DONE = Ending(State.SUCCEEDED, result="sha256:1")
PASSING = Ending(State.FAILED, retryable=True)
GONE = -1.0
"""A lease that has ended as soon as it is given."""


def opened(address):
    return open_transactions(address, migrations=MIGRATIONS, setting="EDITING_OPERATIONS", exclusive=False)


def new_store(transactions):
    return SqlOperationStore(transactions, replica=uuid.uuid4().hex)


@pytest.fixture
async def stores(address):
    """Two replicas' stores over one database; on SQLite, those of two processes, one after the other."""
    async with opened(address) as transactions:
        yield new_store(transactions), new_store(transactions)


@pytest.fixture
async def store(stores):
    await stores[0].attend([], 60)
    return stores[0]


@asynccontextmanager
async def replicas(address, count):
    """So many replicas, each with connections of its own."""
    async with AsyncExitStack() as stack:
        yield [new_store(await stack.enter_async_context(opened(address))) for _ in range(count)]


async def begin(store, key="k", tenant="acme", fingerprint=PRINT):
    return await store.begin(tenant, key, fingerprint, uuid.uuid4().hex)


async def end(store, operation, ending=DONE, sequence=1):
    await store.append(operation, [Event(sequence, b"end")], ending)


def differences(connection):
    return compare_metadata(MigrationContext.configure(connection), METADATA)


async def test_the_migrations_make_the_tables_that_the_code_reads_and_can_be_taken_back(address):
    opening = open_database(address, migrations=MIGRATIONS, setting="EDITING_OPERATIONS", exclusive=False)
    async with opening as engine, engine.connect() as connection:
        for revision in ("base", "head"):
            await connection.run_sync(migrate, MIGRATIONS, revision)
            await connection.rollback()
        assert not await connection.run_sync(differences)


async def test_an_empty_database_gets_the_tables_that_the_migrations_make(address):
    opening = open_database(
        address, migrations=MIGRATIONS, setting="EDITING_OPERATIONS", exclusive=False, tables=METADATA
    )
    async with opening as engine, engine.connect() as connection:
        made = await connection.run_sync(described)
        await connection.rollback()
        for revision in ("base", "head"):
            await connection.run_sync(migrate, MIGRATIONS, revision)
            await connection.rollback()
        assert await connection.run_sync(described) == made


async def test_a_key_begins_one_operation_and_then_joins_it(store):
    begun = await begin(store)
    assert begun.new
    assert (await begin(store)).operation == begun.operation
    assert await store.find("acme", "k", PRINT) == begun.operation
    assert await store.find("other", "k", PRINT) is None
    assert (await begin(store, tenant="other")).new


async def test_a_key_is_for_one_request(store):
    await begin(store)
    with pytest.raises(errors.AlreadyExists):
        await begin(store, fingerprint=bytes([1] * 32))
    with pytest.raises(errors.AlreadyExists):
        await store.find("acme", "k", bytes([1] * 32))


async def test_of_many_equal_calls_at_once_one_begins_at_whatever_replica(postgres):
    async with replicas(postgres.new_database(), 3) as stores:
        for store in stores:
            await store.attend([], 60)
        for round_ in range(3):  # the later rounds take the key over from an attempt whose failure may pass
            every = [begin(store, key="k") for store in stores * 4]
            begun = await asyncio.gather(*every)
            assert sum(one.new for one in begun) == 1, round_
            assert len({one.operation for one in begun}) == 1
            for store in stores:
                try:
                    await end(store, begun[0].operation, PASSING)
                except LostOperationError:
                    continue


async def test_events_come_back_in_order_and_after_a_number(store):
    operation = (await begin(store)).operation
    for sequence in range(1, 6):
        assert not await store.append(operation, [Event(sequence, b"%d" % sequence)])
    record = await store.load("acme", operation, after=2)
    assert [(event.sequence, event.message) for event in record.events] == [(3, b"3"), (4, b"4"), (5, b"5")]
    assert record.state is State.RUNNING
    assert (await store.load("acme", operation, after=9)).events == []


async def test_a_picture_is_never_stored_with_its_event(store):
    operation = (await begin(store)).operation
    await store.append(operation, [Event(1, b"step", picture=b"a preview")])
    assert (await store.load("acme", operation)).events == [Event(1, b"step")]


@pytest.mark.parametrize("sequence", [1, 3])
async def test_an_event_that_is_not_the_next_one_is_refused_whole(store, sequence):
    operation = (await begin(store)).operation
    await store.append(operation, [Event(1, b"first")])
    with pytest.raises(LostOperationError):
        await store.append(operation, [Event(sequence, b"again")], DONE)
    record = await store.load("acme", operation)
    assert (record.state, len(record.events)) == (State.RUNNING, 1)


async def test_an_ended_operation_takes_no_further_event(store):
    operation = (await begin(store)).operation
    await end(store, operation)
    with pytest.raises(LostOperationError):
        await store.append(operation, [Event(2, b"more")])
    record = await store.load("acme", operation)
    assert (record.state, record.result) == (State.SUCCEEDED, "sha256:1")


async def test_another_tenants_operation_is_not_found(store):
    operation = (await begin(store)).operation
    for call in (store.load("other", operation), store.ask_to_cancel("other", operation)):
        with pytest.raises(errors.NotFound):
            await call
    assert not (await store.attend([operation], 60)).cancelled


async def test_cancelling_elsewhere_reaches_the_replica_with_its_next_event_or_round(stores):
    mine, other = stores
    await mine.attend([], 60)
    operation = (await begin(mine)).operation
    await other.ask_to_cancel("acme", operation)
    assert await mine.append(operation, [Event(1, b"step")])
    assert (await mine.attend([operation], 60)).cancelled == [operation]
    await end(mine, operation, sequence=2)
    await other.ask_to_cancel("acme", operation)
    assert not (await mine.attend([], 60)).cancelled


async def test_what_a_replica_that_is_gone_left_is_another_ones_to_end_and_only_its(stores):
    gone, other = stores
    await gone.attend([], GONE)
    operation = (await begin(gone)).operation
    await gone.append(operation, [Event(1, b"step")])
    duties = await other.attend([], 60)
    assert duties.orphans == [Orphan(operation, 1, cancelled=False)]
    with pytest.raises(LostOperationError):  # it was not gone after all: too late
        await end(gone, operation, sequence=2)
    await end(other, operation, PASSING, sequence=2)
    assert (await other.attend([], 60)).orphans == []
    again = await begin(other)
    assert again.new
    assert again.operation != operation


async def test_replicas_that_are_there_keep_what_is_theirs(postgres):
    async with replicas(postgres.new_database(), 2) as (mine, other):
        await mine.attend([], 60)
        operation = (await begin(mine)).operation
        assert (await other.attend([], 60)).orphans == []
        await mine.leave()
        assert [orphan.operation for orphan in (await other.attend([], 60)).orphans] == [operation]


async def test_an_orphan_goes_to_one_of_those_who_look_for_it_at_once(postgres):
    async with replicas(postgres.new_database(), 4) as (gone, *others):
        await gone.attend([], GONE)
        begun = [(await begin(gone, key=f"k{number}")).operation for number in range(8)]
        duties = await asyncio.gather(*(other.attend([], 60) for other in others))
        found = [orphan.operation for one in duties for orphan in one.orphans]
        assert sorted(found) == sorted(begun)


async def test_an_operation_of_its_own_that_a_replica_does_not_do_is_an_orphan(store):
    first, second = [(await begin(store, key=key)).operation for key in "ab"]
    assert [orphan.operation for orphan in (await store.attend([second], 60)).orphans] == [first]


async def test_an_orphan_that_was_cancelled_says_so(stores):
    gone, other = stores
    await gone.attend([], GONE)
    operation = (await begin(gone)).operation
    await other.ask_to_cancel("acme", operation)
    assert (await other.attend([], 60)).orphans == [Orphan(operation, 0, cancelled=True)]


async def test_only_the_latest_ended_ones_are_kept_and_the_running_ones(store):
    running, *ended = [(await begin(store, key=str(number))).operation for number in range(5)]
    for operation in ended:
        await end(store, operation)
    forgotten = await store.prune(keep_seconds=60, keep_count=2)
    assert [gone.operation for gone in forgotten] == ended[:2]
    for operation in (running, *ended[2:]):
        await store.load("acme", operation)
    assert {gone.operation for gone in await store.prune(keep_seconds=-1, keep_count=2)} == set(ended[2:])
    assert (await store.load("acme", running)).state is State.RUNNING


async def test_a_database_that_drops_every_connection_is_used_again(postgres):
    address = postgres.new_database()
    async with replicas(address, 1) as (store,):
        await store.attend([], 60)
        operation = (await begin(store)).operation
        for sequence in itertools.count(1):
            await store.append(operation, [Event(sequence, b"step")])
            if sequence == 3:
                break
            await asyncio.to_thread(postgres.drop_connections, address)
        assert len((await store.load("acme", operation)).events) == 3


def drop_events(connection):
    connection.exec_driver_sql("DROP TABLE events")


async def test_a_store_that_fails_tells_its_log_why_and_its_caller_that_it_is_unavailable(postgres, caplog):
    address = postgres.new_database()
    async with opened(address) as transactions:
        store = new_store(transactions)
        await store.attend([], 60)
        operation = (await begin(store)).operation
        await transactions.run(drop_events)
        with pytest.raises(errors.Unavailable) as caught:
            await store.append(operation, [Event(1, b"step")])
        assert "events" not in str(caught.value)
        assert caplog.records[-1].reason == 'relation "events" does not exist'
