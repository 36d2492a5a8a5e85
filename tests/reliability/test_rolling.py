"""Promise 8: rolling SIGTERMs under load fail no call. Promise 9, chassis part: kill -9 loses none."""

import asyncio
import signal
import time
from statistics import median

import grpc
import pytest
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign_chassis import channel

NOTICE = 0.1


class Load:
    """Calls at a steady rate, whatever becomes of the earlier ones; keeps who succeeded and what failed."""

    def __init__(self, stub, rate, edit):
        self.stub, self.rate, self.edit = stub, rate, edit
        self.succeeded, self.failed, self.slowest = 0, [], 0.0

    async def __aenter__(self):
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *error):
        self._stopping = True
        await self._task

    async def more(self, count):
        """Waits until so many more calls have succeeded."""
        enough = self.succeeded + count
        async with asyncio.timeout(30):
            while self.succeeded < enough:  # noqa: ASYNC110 - a counter has no event
                await asyncio.sleep(0.01)

    async def _run(self):
        self._stopping = False
        loop = asyncio.get_running_loop()
        next_at, number = loop.time(), 0
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                group.create_task(self._call(number))
                number += 1
                next_at += 1 / self.rate
                await asyncio.sleep(max(0.0, next_at - loop.time()))

    async def _call(self, number):
        start = time.perf_counter()
        try:
            if self.edit is not None and number % 4 == 0:
                assert [event async for event in self.stub.Edit(self.edit, timeout=20)]
            else:
                await self.stub.GetEdit(pb.GetEditRequest(operation_id=f"{number}"), timeout=20)
        except grpc.aio.AioRpcError as error:
            self.failed.append(f"{number}: {error.code().name} {error.debug_error_string()}")
        else:
            self.succeeded += 1
            self.slowest = max(self.slowest, time.perf_counter() - start)


def both(pair):
    return channel("ipv4:" + ",".join(replica.address for replica in pair))


@pytest.mark.parametrize(("rounds", "rate"), [(6, 40), pytest.param(60, 100, marks=pytest.mark.long)])
async def test_rolling_sigterms_under_load_fail_no_call(
    replicas, stub_of, edit_request, figure, rounds, rate
):
    pair = await replicas(2, cost=0.05, LANGDESIGN_DRAIN_DELAY="1.5")
    edit = edit_request(steps=4, preview_every=1)  # committed by its first preview: only a drain saves it
    async with both(pair) as peers, Load(stub_of(peers), rate, edit) as load:
        for number in range(rounds):
            replica = pair[number % 2]
            replica.send(signal.SIGTERM)
            assert await replica.ended() == 0
            replica.start()
            await replica.ready()
    figure(
        f"promise 8: {len(load.failed)} of {load.succeeded + len(load.failed)} calls failed (a quarter "
        f"streams with previews), {rounds} rolling SIGTERMs at {rate}/s; slowest {load.slowest * 1e3:.0f} ms",
        failed=len(load.failed),
    )
    assert load.failed == []
    assert load.succeeded > rounds * 10


@pytest.mark.parametrize(("rounds", "rate"), [(2, 40), pytest.param(40, 100, marks=pytest.mark.long)])
async def test_kill_9_loses_no_unary_call(replicas, stub_of, figure, rounds, rate):
    pair = await replicas(2, cost=0.05)
    async with both(pair) as peers, Load(stub_of(peers), rate, None) as load:
        for number in range(rounds):
            await load.more(10)
            await pair[number % 2].kill()
            pair[number % 2].start()
            await pair[number % 2].ready()
    figure(
        f"promise 9: {len(load.failed)} of {load.succeeded + len(load.failed)} unary calls lost over "
        f"{rounds} kill -9 at {rate}/s",
        lost=len(load.failed),
    )
    assert load.failed == []


async def test_a_stream_learns_of_kill_9_at_once(replicas, stub_of, edit_request, percentile, figure):
    noticed = []
    for _ in range(3):
        (replica,) = await replicas(1, cost=0.05)
        async with channel(replica.address) as peer:
            call = stub_of(peer).Edit(edit_request(steps=200, preview_every=1))
            assert (await call.read()).event.preview.step == 1
            replica.send(signal.SIGKILL)
            start = time.perf_counter()
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                async for _ in call:
                    pass
            noticed.append(time.perf_counter() - start)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    figure(
        f"promise 9: a broken stream ends UNAVAILABLE {median(noticed) * 1e3:.0f} ms from kill -9 (median)",
        noticed_ms=median(noticed) * 1e3,
    )
    assert median(noticed) <= NOTICE
