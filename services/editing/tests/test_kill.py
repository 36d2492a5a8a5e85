import asyncio
import io
import sqlite3
import time

import grpc
import numpy as np
from langdesign.editing.v1 import editing_pb2 as pb
from PIL import Image

EDITS, KILLS = 12, 3


async def test_killed_again_and_again_no_edit_is_lost_or_stored_twice(
    tmp_path, launch, insist, ask, box, pixels, figure, as_kept
):
    async with launch(tmp_path) as ([service], stub):
        seen = 0

        async def on_event():
            nonlocal seen
            seen += 1
            # Each kill meets other edits at other stages; progress decides, not the clock.
            if service.kills < KILLS and seen >= 9 * (service.kills + 1):
                await service.kill()
                await service.start()

        requests = [ask(f"key {number}", region=box, steps=6 + number) for number in range(EDITS)]
        results = await asyncio.gather(*(insist(stub, request, on_event) for request in requests))
        assert service.kills == KILLS
        for request, events in zip(requests, results, strict=True):
            assert [event.event.sequence for event in events] == list(range(1, len(events) + 1))
            picture = np.asarray(Image.open(io.BytesIO(events[-1].event.result.image.data)))
            np.testing.assert_array_equal(picture[3:9, 2:10], 255 - pixels[3:9, 2:10])
            joined = [response async for response in stub.Edit(request)]
            assert joined == as_kept(events)
    states, succeeded = audit(tmp_path / "operations.sqlite")
    interrupted = states.count(pb.EDIT_STATE_FAILED)
    lost, twice = EDITS - len(succeeded), sum(succeeded) - len(succeeded)
    figure(
        f"promise 9: {KILLS} kills, {EDITS} edits: {interrupted} interrupted, {lost} lost, "
        f"{twice} stored twice",
        lost=lost,
        twice=twice,
    )
    assert (lost, twice) == (0, 0)


def audit(path):
    """Checks the invariants of the file; returns its operations' states, and each edit's successes."""
    with sqlite3.connect(path) as database:
        succeeded = dict(
            database.execute("SELECT fingerprint, count(*) FROM operations WHERE state = 2 GROUP BY 1")
        )
        states = [state for (state,) in database.execute("SELECT state FROM operations")]
        spans = database.execute(
            "SELECT min(sequence), max(sequence), count(*) FROM events GROUP BY operation"
        )
        assert all(first == 1 and last == count for first, last, count in spans)
    database.close()
    assert set(states) <= {pb.EDIT_STATE_SUCCEEDED, pb.EDIT_STATE_FAILED}
    assert states.count(pb.EDIT_STATE_FAILED) >= 1
    return states, list(succeeded.values())


async def test_a_caller_hears_of_a_kill_at_once_and_finds_its_edit_failed(tmp_path, launch, ask, box, figure):
    async with launch(tmp_path) as ([service], stub):
        call = stub.Edit(ask(region=box, steps=200), wait_for_ready=True)
        operation = (await call.read()).operation_id
        service.process.kill()
        killed = time.monotonic()
        code = await call.code()
        seconds = time.monotonic() - killed
        assert code is grpc.StatusCode.UNAVAILABLE
        assert seconds < 1  # the promise is 100 ms; a busy machine is not the service's fault
        await service.ended()
        await service.start()
        request = pb.WatchEditRequest(operation_id=operation)
        events = [answer.event async for answer in stub.WatchEdit(request, wait_for_ready=True)]
        assert events[-1].failed.code == grpc.StatusCode.UNAVAILABLE.value[0]
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    figure(
        f"promise 9: UNAVAILABLE {1000 * seconds:.1f} ms after the kill of the editing service",
        noticed_ms=1000 * seconds,
    )
