import asyncio

import grpc
import numpy as np
import pytest
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign_chassis.settings import ChassisSettings
from langdesign_chassis.testing import Issuer, test_settings
from langdesign_editing.settings import EditingSettings
from langdesign_editing.sql_store import SqlOperationStore
from langdesign_media import BlobStore, mask_to_png


async def first(call):
    async for response in call:
        return response
    return None


async def rest(call):
    """Reads on to the end."""
    responses = []
    while (response := await call.read()) is not grpc.aio.EOF:
        responses.append(response)
    return responses


async def failing(awaitable):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await awaitable
    return caught.value.code()


# --- done once ---


async def test_an_equal_request_with_the_same_key_joins_from_the_first_event(editing, ask, box, as_kept):
    request = ask(region=box)
    assert as_kept(await editing.edit(request)) == await editing.edit(request)
    assert len(editing.engine.requests) == 1


async def test_many_equal_requests_at_once_are_one_edit(editing, ask, box, as_kept):
    request = ask(region=box)
    answers = await asyncio.gather(*(editing.edit(request) for _ in range(10)))
    assert all(as_kept(answer) == as_kept(answers[0]) for answer in answers)
    assert len(editing.engine.requests) == 1


async def test_another_request_with_the_same_key_is_refused(editing, ask, box):
    await editing.edit(ask(region=box))
    other = ask(region=box, instruction="make it blue")
    assert await failing(editing.edit(other)) is grpc.StatusCode.ALREADY_EXISTS


@pytest.mark.parametrize(("retryable", "edits"), [(True, 2), (False, 1)])
async def test_a_failure_that_may_pass_begins_anew_with_the_same_key(editing, ask, box, retryable, edits):
    from langdesign_chassis import errors

    editing.engine.failure = errors.ResourceExhausted("full") if retryable else errors.InvalidArgument("no")
    request = ask(region=box)
    started = await first(editing.stub.Edit(request))
    await editing.watch(started.operation_id)
    editing.engine.failure = None
    again = await first(editing.stub.Edit(request))
    events = await editing.watch(again.operation_id)
    assert (again.operation_id != started.operation_id) is retryable
    assert events[-1].WhichOneof("event") == ("result" if retryable else "failed")
    assert len(editing.engine.requests) == edits
    assert (await editing.get(started.operation_id)).state == pb.EDIT_STATE_FAILED


# --- followed again ---


async def test_a_broken_stream_resumes_at_every_event_and_loses_none(editing, ask, box, as_kept):
    whole = as_kept([response.event for response in await editing.edit(ask(region=box))])
    operation = (await first(editing.stub.Edit(ask(region=box)))).operation_id
    for after in range(len(whole) + 1):
        assert await editing.watch(operation, after) == whole[after:]


async def test_a_stream_broken_at_every_event_resumes_live(editing, ask, box):
    for broken_after in range(1, 6):
        editing.engine.hold()
        call = editing.stub.Edit(ask(f"key {broken_after}", region=box))
        seen = [await call.read()]
        for _ in range(broken_after - 1):
            editing.engine.allow(1)
            seen.append(await call.read())
        call.cancel()
        operation = seen[0].operation_id
        following = asyncio.create_task(editing.watch(operation, broken_after))
        editing.engine.allow(4 - broken_after + 1)
        rest = await following
        events = [response.event for response in seen] + rest
        assert [event.sequence for event in events] == [1, 2, 3, 4, 5]
        assert events[-1].HasField("result")
    assert len(editing.engine.requests) == 5


async def test_an_edit_goes_on_when_its_caller_goes_away(editing, ask, box):
    editing.engine.hold()
    call = editing.stub.Edit(ask(region=box))
    operation = (await call.read()).operation_id
    call.cancel()
    assert (await editing.get(operation)).state == pb.EDIT_STATE_RUNNING
    editing.engine.allow(4)
    await editing.watch(operation)
    assert (await editing.get(operation)).state == pb.EDIT_STATE_SUCCEEDED


async def test_an_operation_is_returned_without_the_pictures_of_its_previews(editing, ask, box):
    responses = await editing.edit(ask(region=box))
    answer = await editing.get(responses[0].operation_id)
    assert answer.state == pb.EDIT_STATE_SUCCEEDED
    assert [event.sequence for event in answer.events] == [1, 2, 3, 4, 5]
    assert answer.events[1].preview == pb.PreviewEvent(step=1, steps=4)
    assert answer.events[-1] == responses[-1].event
    assert 0 <= answer.events[0].time.ToNanoseconds() - answer.create_time.ToNanoseconds() < 10e9


async def test_an_unknown_operation_is_not_found(editing):
    for call in (editing.get("none"), editing.watch("none"), editing.cancel("none")):
        assert await failing(call) is grpc.StatusCode.NOT_FOUND


# --- stopped ---


@pytest.mark.parametrize("done", [0, 1, 3])
async def test_a_cancelled_edit_stops_within_one_step(editing, ask, box, done):
    engine = editing.engine
    engine.hold()
    call = editing.stub.Edit(ask(region=box))
    operation = (await call.read()).operation_id
    engine.allow(done)
    await engine.until(done)
    assert await editing.cancel(operation) == pb.EDIT_STATE_CANCELLED
    engine.allow(10)
    # It may not have reached the engine before its first step; where it has, the engine was stopped.
    assert (engine.steps, engine.closed) == (done, len(engine.requests))
    last = (await editing.watch(operation))[-1]
    assert last.failed.code == grpc.StatusCode.CANCELLED.value[0]
    assert await editing.cancel(operation) == pb.EDIT_STATE_CANCELLED
    assert await failing(editing.edit(ask(region=box))) is grpc.StatusCode.CANCELLED


@pytest.mark.parametrize("by", ["cancel", "deadline"])
async def test_an_edit_stopped_while_it_is_segmented_stops_that_too(
    with_peers, reader, segmenter, ask, planned, by
):
    reader.plans["make it red"] = planned.plan(planned.edit("it"))
    segmenter.work.held = True
    call = with_peers.stub.Edit(ask(), timeout=4.0 if by == "deadline" else None)
    async with asyncio.timeout(10):
        await segmenter.work.began.wait()
        if by == "cancel":
            operation = (await call.initial_metadata())["operation-id"]
            assert await with_peers.cancel(operation) == pb.EDIT_STATE_CANCELLED
        await segmenter.work.cancelled.wait()
    codes = {"cancel": grpc.StatusCode.CANCELLED, "deadline": grpc.StatusCode.DEADLINE_EXCEEDED}
    assert await failing(rest(call)) is codes[by]
    assert not with_peers.engine.requests


@pytest.mark.parametrize("by", ["cancel", "deadline"])
async def test_a_call_that_ends_while_its_instruction_is_read_stops_the_reading_and_leaves_no_operation(
    with_peers, reader, ask, planned, by
):
    reader.plans["make it red"] = planned.plan(planned.edit("it", unknown_words=["it"]))
    reader.work.held = True
    call = with_peers.stub.Edit(ask(), timeout=2.0 if by == "deadline" else None)
    reading = asyncio.create_task(rest(call))
    async with asyncio.timeout(10):
        await reader.work.began.wait()
        if by == "cancel":
            call.cancel()
        await reader.work.cancelled.wait()
        with pytest.raises((grpc.aio.AioRpcError, asyncio.CancelledError)):
            await reading
    reader.work.held = False
    value = with_peers.served.runtime.registry.get_sample_value
    assert value("langdesign_editing_running") == 0
    assert (await with_peers.edit(ask()))[-1].event.HasField("result")


async def test_cancelling_a_finished_edit_changes_nothing(editing, ask, box, as_kept):
    responses = as_kept(await editing.edit(ask(region=box)))
    operation = responses[0].operation_id
    assert await editing.cancel(operation) == pb.EDIT_STATE_SUCCEEDED
    assert await editing.watch(operation) == [response.event for response in responses]


async def test_an_edit_ends_at_the_deadline_of_the_call_that_began_it(editing, ask, box):
    editing.engine.hold()
    call = editing.stub.Edit(ask(region=box), timeout=1.0)
    operation = (await call.read()).operation_id
    last = (await editing.watch(operation))[-1]
    assert last.failed.code == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
    assert (await editing.get(operation)).state == pb.EDIT_STATE_FAILED
    assert (editing.engine.steps, editing.engine.closed) == (0, 1)


async def test_one_edit_too_many_is_refused_at_once(start, ask, box):
    async with start(settings=EditingSettings(decoders=1, concurrency=2)) as editing:
        editing.engine.hold()
        calls = [editing.stub.Edit(ask(f"key {number}", region=box)) for number in range(2)]
        for call in calls:
            await call.read()
        refused = editing.edit(ask("one more", region=box))
        assert await failing(refused) is grpc.StatusCode.RESOURCE_EXHAUSTED
        editing.engine.allow(8)
        for call in calls:
            assert (await rest(call))[-1].event.HasField("result")
        editing.engine.allow(4)
        assert (await editing.edit(ask("one more", region=box)))[-1].event.HasField("result")


async def test_of_many_edits_at_once_no_more_than_the_limit_begin(start, ask, box):
    async with start(settings=EditingSettings(decoders=1, concurrency=4)) as editing:
        editing.engine.hold()
        calls = [editing.stub.Edit(ask(f"key {number}", region=box)) for number in range(20)]
        answers = await asyncio.gather(*(call.read() for call in calls), return_exceptions=True)
        refused = [answer for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
        assert {error.code() for error in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
        assert len(refused) == 16
        editing.engine.allow(16)
        for call, answer in zip(calls, answers, strict=True):
            if answer not in refused:
                assert (await rest(call))[-1].event.HasField("result")
        # Counted at the end: an edit tells of itself before it reaches the engine.
        assert len(editing.engine.requests) == 4


async def test_pictures_under_way_have_so_many_pixels_together_and_one_alone_is_always_taken(start, ask, box):
    alone = EditingSettings(decoders=1, pixels=24 * 16 - 1)
    async with start(settings=alone) as editing:
        assert (await editing.edit(ask(region=box)))[-1].event.HasField("result")

    async with start(settings=EditingSettings(decoders=1, pixels=2 * 24 * 16)) as editing:
        editing.engine.hold()
        calls = [editing.stub.Edit(ask(f"key {number}", region=box)) for number in range(2)]
        for call in calls:
            await call.read()
        with pytest.raises(grpc.aio.AioRpcError, match=r"pictures of 768 pixels are under way") as caught:
            await editing.edit(ask("one more", region=box))
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        plan = pb.PlanEditRequest(image=ask().image, instruction="make it red", region=box)
        with pytest.raises(grpc.aio.AioRpcError, match=r"pictures of 768 pixels"):
            await editing.stub.PlanEdit(plan)
        editing.engine.allow(8)
        for call in calls:
            await rest(call)
        await editing.stub.PlanEdit(plan)
        editing.engine.allow(4)
        assert (await editing.edit(ask("one more", region=box)))[-1].event.HasField("result")


async def test_an_edit_refused_for_its_picture_gives_its_place_back(start, ask, box):
    async with start(settings=EditingSettings(decoders=1, concurrency=1)) as editing:
        broken = ask("broken", region=box, image=media_pb2.Image(data=b"no picture"))
        assert await failing(editing.edit(broken)) is grpc.StatusCode.INVALID_ARGUMENT
        assert (await editing.edit(ask(region=box)))[-1].event.HasField("result")


async def test_an_edit_cancelled_twice_while_its_result_is_stored_has_one_end(editing, ask, box, monkeypatch):
    storing, go_on = asyncio.Event(), asyncio.Event()
    put = BlobStore.put

    async def slow_put(store, tenant, data):
        storing.set()
        await go_on.wait()
        return await put(store, tenant, data)

    monkeypatch.setattr(BlobStore, "put", slow_put)
    call = editing.stub.Edit(ask(region=box))
    operation = (await call.read()).operation_id
    async with asyncio.timeout(10):
        await storing.wait()
        cancels = [asyncio.create_task(editing.cancel(operation)) for _ in range(2)]
        await editing.get(operation)  # by now both have arrived
        await editing.get(operation)
        go_on.set()
        assert await asyncio.gather(*cancels) == [pb.EDIT_STATE_SUCCEEDED] * 2
    assert (await rest(call))[-1].event.HasField("result")
    assert (await editing.watch(operation))[-1].HasField("result")


async def test_an_edit_whose_failure_could_not_be_stored_is_told_to_its_watchers(
    editing, ask, box, monkeypatch
):
    from langdesign_chassis import errors

    append = SqlOperationStore.append

    async def full(store, operation, events, ending=None):
        if ending is not None and not editing.is_free:
            raise errors.Unavailable("the store of the edits does not answer now")
        return await append(store, operation, events, ending)

    editing.is_free = False
    monkeypatch.setattr(SqlOperationStore, "append", full)
    call = editing.stub.Edit(ask(region=box))
    operation = (await call.read()).operation_id
    assert await failing(rest(call)) is grpc.StatusCode.UNAVAILABLE
    editing.is_free = True  # the keeper records its end as soon as it can
    events = await editing.watch(operation)
    assert events[-1].failed.code == grpc.StatusCode.UNAVAILABLE.value[0]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert (await editing.edit(ask(region=box)))[-1].event.HasField("result")


async def test_an_edit_that_begins_while_the_keeper_asks_the_store_is_its_own_and_goes_on(
    start, ask, box, monkeypatch
):
    attend, asked, go_on = SqlOperationStore.attend, asyncio.Event(), asyncio.Event()
    rounds = []

    async def slow(store, own, lease):
        rounds.append(own)
        if len(rounds) == 2:  # the first is that of the start
            asked.set()
            await go_on.wait()
        return await attend(store, own, lease)

    monkeypatch.setattr(SqlOperationStore, "attend", slow)
    async with start(settings=EditingSettings(decoders=1, lease=1)) as editing, asyncio.timeout(10):
        editing.engine.hold()
        await asked.wait()
        call = editing.stub.Edit(ask(region=box))
        await call.read()
        go_on.set()
        while len(rounds) < 4:  # noqa: ASYNC110 - the keeper tells nobody of its rounds
            await asyncio.sleep(0.01)
        editing.engine.allow(4)
        assert (await rest(call))[-1].event.HasField("result")


# --- kept ---


async def test_another_tenants_operation_is_not_found_by_any_method(start, ask, box, tmp_path):
    issuer = Issuer()
    chassis: ChassisSettings = test_settings(auth=issuer.settings(tmp_path))
    async with start(chassis=chassis) as editing:
        mine, other = ({"metadata": issuer.metadata(tenant, "editing")} for tenant in ("acme", "other"))
        operation = (await editing.edit(ask(region=box), **mine))[0].operation_id
        for method in (editing.get, editing.watch, editing.cancel):
            assert await failing(method(operation, **other)) is grpc.StatusCode.NOT_FOUND
        theirs = await editing.edit(ask(region=box, instruction="blue"), **other)
        assert theirs[0].operation_id != operation
        assert (await editing.get(operation, **mine)).state == pb.EDIT_STATE_SUCCEEDED
        assert [request.tenant for request in editing.engine.requests] == ["acme", "other"]


async def test_another_tenants_running_operation_is_not_found_either(start, ask, box, tmp_path):
    issuer = Issuer()
    async with start(chassis=test_settings(auth=issuer.settings(tmp_path))) as editing:
        mine, other = ({"metadata": issuer.metadata(tenant, "editing")} for tenant in ("acme", "other"))
        editing.engine.hold()
        call = editing.stub.Edit(ask(region=box), **mine)
        operation = (await call.read()).operation_id
        for method in (editing.get, editing.watch, editing.cancel):
            assert await failing(method(operation, **other)) is grpc.StatusCode.NOT_FOUND
        editing.engine.allow(4)
        assert (await rest(call))[-1].event.HasField("result")


async def test_only_the_latest_ended_operations_are_kept(start, ask, box, tmp_path):
    async with start(settings=EditingSettings(decoders=1, keep_count=2, blobs=str(tmp_path))) as editing:
        operations = []
        for number in range(4):
            request = ask(f"key {number}", region=box)
            operations.append((await editing.edit(request))[0].operation_id)
        await until_forgotten(editing, operations[1])
        assert [await found(editing, operation) for operation in operations] == [False, False, True, True]
    # The four results are equal, and each had a place of its own.
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2


async def test_an_operation_is_forgotten_after_its_time(start, ask, box, tmp_path):
    settings = EditingSettings(decoders=1, keep_seconds=1e-6, blobs=str(tmp_path))
    async with start(settings=settings) as editing:
        operation = (await editing.edit(ask(region=box)))[0].operation_id
        await until_forgotten(editing, operation)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


async def until_forgotten(editing, operation):
    async with asyncio.timeout(10):
        while await found(editing, operation):  # noqa: ASYNC110 - the service tells nobody when it forgets
            await asyncio.sleep(0.01)


async def found(editing, operation):
    try:
        await editing.get(operation)
    except grpc.aio.AioRpcError:
        return False
    return True


# --- over a restart ---


async def test_what_ended_is_there_after_a_restart(start, ask, box, tmp_path, as_kept):
    settings = EditingSettings(decoders=1, operations=str(tmp_path / "db"), blobs=str(tmp_path / "blobs"))
    async with start(settings=settings) as editing:
        before = as_kept(await editing.edit(ask(region=box)))
    async with start(settings=settings) as editing:
        assert await editing.edit(ask(region=box)) == before
        operation = before[0].operation_id
        for after in range(len(before) + 1):
            assert await editing.watch(operation, after) == [response.event for response in before[after:]]
        assert not editing.engine.requests


async def test_what_a_stop_interrupted_is_failed_and_begins_anew(start, ask, box, tmp_path):
    settings = EditingSettings(decoders=1, operations=str(tmp_path / "db"), blobs=str(tmp_path / "blobs"))
    async with start(settings=settings) as editing:
        editing.engine.hold()
        call = editing.stub.Edit(ask(region=box))
        operation = (await call.read()).operation_id
        call.cancel()
    assert editing.engine.closed == 1
    async with start(settings=settings) as editing:
        answer = await editing.get(operation)
        assert answer.state == pb.EDIT_STATE_FAILED
        assert answer.events[-1].failed.code == grpc.StatusCode.UNAVAILABLE.value[0]
        assert "same idempotency_key" in answer.events[-1].failed.message
        again = await editing.edit(ask(region=box))
        assert again[-1].event.HasField("result")
        assert again[0].operation_id != operation


async def test_a_result_whose_bytes_changed_on_disk_is_never_returned(start, ask, box, tmp_path):
    settings = EditingSettings(decoders=1, blobs=str(tmp_path))
    async with start(settings=settings) as editing:
        operation = (await editing.edit(ask(region=box)))[0].operation_id
        [blob] = [path for path in tmp_path.rglob("*") if path.is_file()]
        blob.write_bytes(b"tampered")
        assert await failing(editing.get(operation)) is grpc.StatusCode.DATA_LOSS


async def test_a_stored_picture_is_edited_by_its_digest(start, ask, box, tmp_path, photo):
    from langdesign_media import BlobStore

    address = await BlobStore.open(str(tmp_path)).put("local", photo)
    async with start(settings=EditingSettings(decoders=1, blobs=str(tmp_path))) as editing:
        responses = await editing.edit(ask(region=box, image=media_pb2.Image(blob=address)))
        assert responses[-1].event.HasField("result")


async def test_the_service_is_ready_only_once_its_engine_is(start, engine_class, ask, box):
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    engine = engine_class()
    engine.available = False
    async with (
        start(engine, wait_ready=False) as editing,
        grpc.aio.insecure_channel(editing.served.address) as plain,  # the own ones avoid what is not ready
    ):
        health = health_pb2_grpc.HealthStub(plain)
        request = health_pb2.HealthCheckRequest(service="langdesign.editing.v1.EditingService")
        watching = health.Watch(request)
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert await failing(editing.edit(ask(region=box), timeout=1)) in {
            grpc.StatusCode.UNAVAILABLE,
            grpc.StatusCode.DEADLINE_EXCEEDED,
        }
        engine.available = True
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.SERVING
        watching.cancel()


async def test_ended_edits_are_counted_by_state(editing, ask, box):
    await editing.edit(ask(region=box))
    empty = media_pb2.Mask(png=mask_to_png(np.zeros((16, 24), bool)))
    await editing.edit(ask("k2", region=pb.Region(mask=empty)))
    value = editing.served.runtime.registry.get_sample_value
    assert value("langdesign_editing_seconds_count", {"state": "succeeded"}) == 2
    assert value("langdesign_editing_no_ops_total", {"reason": "empty_mask"}) == 1
    outside = "langdesign_editing_changed_outside"
    assert value(f"{outside}_count", {"preserve": "strict"}) == 1, "of what changed nothing, nothing is said"
    assert value(f"{outside}_sum", {"preserve": "strict"}) == 0
    assert value("langdesign_editing_running") == 0
