import asyncio

import grpc
import pytest
from langdesign_chassis import channel, errors
from langdesign_chassis.testing import serving


def flaky(echo, failures, error):
    """Makes the echo fail so many times before it answers; returns the list of its attempts."""
    attempts = []

    async def behaviour(request):
        attempts.append(len(request.image.data))
        if len(attempts) <= failures:
            raise error
        return await echo.answer(request)

    echo.behaviour = behaviour
    return attempts


@pytest.mark.parametrize("size", [10, 160 * 1024 * 1024], ids=["small", "160 MiB"])
async def test_an_unavailable_peer_is_tried_four_times_whatever_the_size(echo, request_of, size):
    attempts = flaky(echo, 3, errors.Unavailable("not now"))
    request = request_of()
    request.image.data = bytes(size)
    async with serving(echo.register, echo.name) as served:
        assert (await echo.call(served.channel, request)).width == 1
    assert attempts == [size] * 4


async def test_a_fifth_try_is_not_made(echo):
    attempts = flaky(echo, 9, errors.Unavailable("not now"))
    async with serving(echo.register, echo.name) as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await echo.call(served.channel)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert len(attempts) == 4


@pytest.mark.parametrize(
    "error", [errors.ResourceExhausted("full"), errors.Aborted("race"), RuntimeError("bug")]
)
async def test_other_failures_are_not_tried_again(echo, error):
    attempts = flaky(echo, 1, error)
    async with serving(echo.register, echo.name) as served:
        with pytest.raises(grpc.aio.AioRpcError):
            await echo.call(served.channel)
    assert len(attempts) == 1


async def test_calls_go_round_robin_over_the_addresses(echo):
    other = type(echo)()
    async with (
        serving(echo.register, echo.name) as one,
        serving(other.register, echo.name) as two,
        channel(f"ipv4:{one.address},{two.address}") as both,
    ):
        async with asyncio.timeout(5):
            while not (echo.seen and other.seen):  # both are connected before the count starts
                await echo.call(both)
        before = len(echo.seen), len(other.seen)
        for _ in range(10):
            await echo.call(both)
    assert (len(echo.seen) - before[0], len(other.seen) - before[1]) == (5, 5)


async def test_a_call_without_a_timeout_gets_the_channels(echo, gate):
    echo.behaviour = gate
    async with serving(echo.register, echo.name) as served, channel(served.address, timeout=0.2) as impatient:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await echo.call(impatient)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
