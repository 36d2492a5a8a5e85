"""Two replicas over one Postgres: whatever is asked of one can be followed and stopped at the other."""

import asyncio
import io
from contextlib import AsyncExitStack

import grpc
import numpy as np
import pytest
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign_chassis.testing import Issuer, test_settings
from langdesign_database import open_database
from langdesign_editing.settings import EditingSettings
from langdesign_editing.tables import MIGRATIONS
from PIL import Image
from sqlalchemy import text

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE.value[0]


@pytest.fixture
async def pair(start, postgres, tmp_path):
    """Two replicas, each with an engine of its own."""
    settings = EditingSettings(
        decoders=1, operations=postgres.new_database(), blobs=str(tmp_path / "blobs"), lease=1
    )
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(start(settings=settings)) for _ in range(2)]


@pytest.fixture
def held(pair, ask, box):
    """Begins an edit at the first replica, whose engine waits; returns its call and id."""

    async def begin(**fields):
        pair[0].engine.hold()
        call = pair[0].stub.Edit(ask(region=box, **fields))
        return call, (await call.read()).operation_id

    return begin


async def rest(call):
    return [response async for response in call]


async def test_the_same_request_at_the_other_replica_joins(pair, held, ask, box, as_kept):
    one, other = pair
    call, operation = await held()
    joining = asyncio.create_task(other.edit(ask(region=box)))
    one.engine.allow(4)
    told = await rest(call)
    joined = await joining
    assert joined[1:] == as_kept(told)
    assert joined[0].operation_id == operation
    assert joined[-1].event.result.image.data == told[-1].event.result.image.data
    assert (len(one.engine.requests), len(other.engine.requests)) == (1, 0)


async def test_an_edit_is_followed_live_at_the_other_replica_step_by_step(pair, held):
    one, other = pair
    call, operation = await held()
    watching = other.stub.WatchEdit(pb.WatchEditRequest(operation_id=operation, after_sequence=1))
    for step in (1, 2, 3):
        one.engine.allow(1)
        event = (await watching.read()).event
        assert event.preview == pb.PreviewEvent(step=step, steps=4)  # its picture stays where it was made
        assert event.sequence == step + 1
        assert (await other.get(operation)).state == pb.EDIT_STATE_RUNNING
    one.engine.allow(1)
    assert (await watching.read()).event.HasField("result")
    assert await other.get(operation) == await one.get(operation)
    assert (await rest(call))[-1].event.HasField("result")


@pytest.mark.parametrize("done", [0, 2])
async def test_an_edit_cancelled_at_the_other_replica_stops_within_one_step(pair, held, ask, box, done):
    one, other = pair
    call, operation = await held()
    one.engine.allow(done)
    await one.engine.until(done)
    assert await other.cancel(operation) == pb.EDIT_STATE_CANCELLED
    one.engine.allow(10)
    assert (one.engine.steps, one.engine.closed) == (done, 1)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await rest(call)
    assert caught.value.code() is grpc.StatusCode.CANCELLED
    assert await one.cancel(operation) == pb.EDIT_STATE_CANCELLED


async def test_many_equal_requests_at_both_are_one_edit(pair, ask, box):
    request = ask(region=box)
    answers = await asyncio.gather(*(one.edit(request) for one in pair * 6))
    assert len({answer[0].operation_id for answer in answers}) == 1
    assert all(answer[-1].event == answers[0][-1].event for answer in answers)
    assert sum(len(one.engine.requests) for one in pair) == 1


async def test_an_edit_in_the_hands_of_a_replica_that_stops_goes_on_elsewhere(
    start, postgres, tmp_path, ask, box
):
    settings = EditingSettings(decoders=1, operations=postgres.new_database(), blobs=str(tmp_path))
    async with start(settings=settings) as other:
        async with start(settings=settings) as one:
            one.engine.hold()
            call = one.stub.Edit(ask(region=box))
            operation = (await call.read()).operation_id
            call.cancel()
            watching = asyncio.create_task(other.watch(operation))
            await other.get(operation)
        events = await watching
        assert events[-1].failed.code == UNAVAILABLE
        again = await other.edit(ask(region=box))
        assert again[-1].event.HasField("result")


async def test_another_tenants_edit_at_the_other_replica_is_not_found(start, postgres, tmp_path, ask, box):
    settings = EditingSettings(decoders=1, operations=postgres.new_database(), blobs=str(tmp_path / "blobs"))
    issuer = Issuer()
    chassis = test_settings(auth=issuer.settings(tmp_path))
    async with (
        start(settings=settings, chassis=chassis) as one,
        start(settings=settings, chassis=chassis) as other,
    ):
        mine, theirs = ({"metadata": issuer.metadata(tenant, "editing")} for tenant in ("acme", "other"))
        one.engine.hold()
        call = one.stub.Edit(ask(region=box), **mine)
        operation = (await call.read()).operation_id
        for method in (other.get, other.watch, other.cancel):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await method(operation, **theirs)
            assert caught.value.code() is grpc.StatusCode.NOT_FOUND
        one.engine.allow(4)
        assert (await rest(call))[-1].event.HasField("result")


async def test_of_two_replicas_one_is_killed_under_load_and_no_edit_is_lost_or_stored_twice(
    postgres, tmp_path, launch, insist, ask, box, pixels, figure
):
    address, edits = postgres.new_database(), 12
    async with launch(tmp_path, address, count=2, lease=1.0) as (services, stub):
        for service in services:
            await service.ready()
        seen = 0

        async def on_event():
            nonlocal seen
            seen += 1
            kills = sum(service.kills for service in services)
            if kills < 2 and seen >= 20 * (kills + 1):
                await services[kills].kill()
                await services[kills].start()

        requests = [ask(f"key {number}", region=box, steps=6 + number % 12) for number in range(edits)]
        results = await asyncio.gather(*(insist(stub, request, on_event) for request in requests))
        for events in results:
            assert [event.event.sequence for event in events] == list(range(1, len(events) + 1))
            picture = np.asarray(Image.open(io.BytesIO(events[-1].event.result.image.data)))
            np.testing.assert_array_equal(picture[3:9, 2:10], 255 - pixels[3:9, 2:10])
        assert [service.kills for service in services] == [1, 1]
    succeeded, attempts = await audit(address)
    lost, twice = edits - len(set(succeeded)), len(succeeded) - len(set(succeeded))
    figure(
        f"promise 9: two replicas over Postgres, each killed once, {edits} edits: "
        f"{attempts - len(succeeded)} interrupted, {lost} lost, {twice} stored twice",
        lost=lost,
        twice=twice,
    )
    assert (lost, twice) == (0, 0)


async def audit(address):
    """Checks the invariants of the store; returns the succeeded edits, and the number of all attempts."""
    opening = open_database(address, migrations=MIGRATIONS, setting="EDITING_OPERATIONS", exclusive=False)
    async with opening as engine, engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT fingerprint, state, event_count, (SELECT count(*) FROM events WHERE operation = id),"
                " (SELECT max(sequence) FROM events WHERE operation = id) FROM operations"
            )
        )
        rows = rows.all()
    succeeded = [bytes(fingerprint) for fingerprint, state, *_ in rows if state == pb.EDIT_STATE_SUCCEEDED]
    for _, state, count, *stored in rows:
        assert stored == [count, count]
        assert state in {pb.EDIT_STATE_SUCCEEDED, pb.EDIT_STATE_FAILED}
    return succeeded, len(rows)


@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
async def test_rolling_sigterms_fail_no_edit(postgres, tmp_path, launch, ask, box, figure, rounds):
    async with launch(tmp_path, postgres.new_database(), count=2, delay=1.0) as (services, stub):
        for service in services:
            await service.ready()
        stopping, counts = asyncio.Event(), {"edits": 0, "reads": 0, "failed": 0}

        async def caller(number):
            while not stopping.is_set():
                request = ask(f"{number} {counts}", region=box, steps=20)
                try:
                    answers = [answer async for answer in stub.Edit(request, timeout=30)]
                    assert answers[-1].event.HasField("result")
                    counts["edits"] += 1
                    operation = answers[0].operation_id
                    read = await stub.GetEdit(pb.GetEditRequest(operation_id=operation), timeout=30)
                    assert read.state == pb.EDIT_STATE_SUCCEEDED
                    counts["reads"] += 1
                except grpc.aio.AioRpcError:
                    counts["failed"] += 1

        async with asyncio.TaskGroup() as callers:
            for number in range(4):
                callers.create_task(caller(number))
            for number in range(rounds):
                service = services[number % 2]
                await service.stop()
                await service.start()
                await service.ready()
            stopping.set()
    figure(
        f"promise 8: two replicas of editing over Postgres, {rounds} SIGTERMs: "
        f"{counts['edits']} edits and {counts['reads']} reads succeeded, {counts['failed']} calls failed",
        failed=counts["failed"],
    )
    assert counts["failed"] == 0
    assert counts["edits"] > rounds
