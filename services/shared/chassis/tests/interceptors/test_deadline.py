import asyncio
import time

import grpc
import pytest
from langdesign_chassis import remaining
from langdesign_chassis.settings import DeadlineSettings
from langdesign_chassis.testing import serving, test_settings

ROUNDED = 0.1
"""Seconds more that a call may find left than its caller gave: gRPC rounds up, and reads another clock."""


async def left_with(echo, settings, **options):
    """Returns the seconds that a handler finds left."""
    found = []

    async def behaviour(request):
        found.append(remaining())
        return await echo.answer(request)

    echo.behaviour = behaviour
    async with serving(echo.register, echo.name, settings=settings) as served:
        await echo.call(served.channel, **options)
    return found[0]


async def test_a_call_without_a_deadline_gets_the_default(echo):
    settings = test_settings(deadline=DeadlineSettings(default=40))
    assert 35 < await left_with(echo, settings) <= 40


async def test_the_callers_deadline_counts_and_the_maximum_caps_it(echo):
    settings = test_settings(deadline=DeadlineSettings(default=40, maximum=100))
    assert 5 < await left_with(echo, settings, timeout=10) <= 10 + ROUNDED
    assert 95 < await left_with(echo, settings, timeout=5000) <= 100


async def test_a_call_past_the_default_deadline_ends_and_its_handler_stops(echo, gate, kind):
    echo.behaviour = gate
    settings = test_settings(deadline=DeadlineSettings(default=0.2))
    async with serving(echo.register, echo.name, settings=settings) as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await echo.call(served.channel, kind=kind)
        async with asyncio.timeout(5):
            await gate.cancelled.wait()
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize("how", ["cancel", "deadline"])
async def test_a_callers_cancel_or_deadline_stops_the_handler(echo, gate, kind, how):
    echo.behaviour = gate
    async with serving(echo.register, echo.name) as served:
        call = asyncio.create_task(
            echo.call(served.channel, kind=kind, timeout=0.3 if how == "deadline" else None)
        )
        await gate.entered.acquire()
        if how == "cancel":
            call.cancel()
        with pytest.raises((asyncio.CancelledError, grpc.aio.AioRpcError)):
            await call
        async with asyncio.timeout(5):
            await gate.cancelled.wait()


class Relay:
    """A service that calls `echo` within each of its own calls, and keeps what it passed on."""

    def __init__(self, echo, address, timeout=None):
        self.echo, self.address, self.timeout = echo, address, timeout

    def register(self, server, runtime):
        peer = runtime.channel(self.address, timeout=self.timeout)

        async def behaviour(request):
            return await self.echo.call(peer, request)

        front = type(self.echo)()
        front.behaviour = behaviour
        front.register(server, runtime)


@pytest.mark.parametrize(
    ("own", "callers", "low", "high"), [(None, 10, 5, 10), (3, 10, 0, 3), (30, 10, 5, 10), (3, None, 0, 3)]
)
async def test_downstream_calls_get_the_smaller_of_the_callers_time_and_their_own(
    echo, own, callers, low, high
):
    found = []

    async def behaviour(request):
        found.append(remaining())
        return await echo.answer(request)

    echo.behaviour = behaviour
    async with (
        serving(echo.register, echo.name) as back,
        serving(Relay(echo, back.address, own).register, echo.name) as front,
    ):
        await echo.call(front.channel, timeout=callers)
    assert low < found[0] <= high + ROUNDED


async def test_a_cancelled_call_cancels_its_downstream_call(echo, gate):
    echo.behaviour = gate
    async with (
        serving(echo.register, echo.name) as back,
        serving(Relay(echo, back.address).register, echo.name) as front,
    ):
        call = asyncio.create_task(echo.call(front.channel))
        await gate.entered.acquire()
        call.cancel()
        async with asyncio.timeout(5):
            await gate.cancelled.wait()


async def test_no_downstream_call_is_made_when_no_time_is_left(echo):
    async def late(request):
        while remaining():
            await asyncio.sleep(0)
            time.sleep(0.01)  # noqa: ASYNC251 - the loop must not get to cancel in between
        return await echo.call(peer, request)

    async with serving(echo.register, echo.name) as back:
        front = type(echo)()
        front.behaviour = late

        def register(server, runtime):
            nonlocal peer
            peer = runtime.channel(back.address)
            front.register(server, runtime)

        peer = None
        settings = test_settings(deadline=DeadlineSettings(default=0.1))
        async with serving(register, echo.name, settings=settings) as served:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await echo.call(served.channel)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert echo.seen == []
