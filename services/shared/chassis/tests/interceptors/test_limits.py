import asyncio

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from hypothesis import given
from hypothesis import strategies as st
from langdesign_chassis.interceptors.limits import TokenBuckets
from langdesign_chassis.settings import LimitSettings
from langdesign_chassis.testing import serving, test_settings


def retry_delay(error):
    status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    info = error_details_pb2.RetryInfo()
    assert any(packed.Unpack(info) for packed in status.details)
    return info.retry_delay.ToMilliseconds() / 1000


async def test_calls_above_the_concurrency_are_refused_at_once_and_the_others_finish(echo, gate):
    echo.behaviour = gate
    settings = test_settings(limits=LimitSettings(concurrency=2))
    async with serving(echo.register, echo.name, settings=settings) as served:
        running = [asyncio.create_task(echo.call(served.channel)) for _ in range(2)]
        for _ in running:
            await gate.entered.acquire()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await echo.call(served.channel)
        health = await health_pb2_grpc.HealthStub(served.channel).Check(health_pb2.HealthCheckRequest())
        gate.open()
        answers = await asyncio.gather(*running)

    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert retry_delay(caught.value) > 0
    assert health.status == health_pb2.HealthCheckResponse.SERVING
    assert [answer.width for answer in answers] == [1, 1]


async def test_a_cancelled_call_gives_its_place_back(echo, gate, kind):
    echo.behaviour = gate
    settings = test_settings(limits=LimitSettings(concurrency=1))
    async with serving(echo.register, echo.name, settings=settings) as served:
        first = asyncio.create_task(echo.call(served.channel, kind=kind))
        await gate.entered.acquire()
        first.cancel()
        async with asyncio.timeout(5):
            await gate.cancelled.wait()
        gate.open()
        assert (await echo.call(served.channel, kind=kind)).width == 1


async def test_a_tenant_above_its_rate_is_refused_and_another_is_not(echo, issuer, tmp_path):
    settings = test_settings(auth=issuer.settings(tmp_path), limits=LimitSettings(rate=0.001, burst=2))
    async with serving(echo.register, echo.name, settings=settings) as served:
        for _ in range(2):
            await echo.call(served.channel, metadata=issuer.metadata("acme", "echo"))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await echo.call(served.channel, metadata=issuer.metadata("acme", "echo"))
        await echo.call(served.channel, metadata=issuer.metadata("other", "echo"))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert retry_delay(caught.value) == pytest.approx(1000, rel=0.01)


@given(
    rate=st.floats(0.1, 50),
    burst=st.integers(1, 20),
    gaps=st.lists(st.floats(0, 2), min_size=1, max_size=60),
)
def test_no_window_admits_more_than_the_burst_and_its_share_of_the_rate(rate, burst, gaps):
    now = 0.0
    buckets = TokenBuckets(rate, burst, clock=lambda: now)
    admitted = []
    for gap in gaps:
        now += gap
        if buckets.take("tenant") == 0:
            admitted.append(now)
    for first, start in enumerate(admitted):
        for last in range(first, len(admitted)):
            assert last - first + 1 <= burst + rate * (admitted[last] - start) + 1e-6


def test_the_promised_wait_is_enough_for_a_token():
    now = 0.0
    buckets = TokenBuckets(4, 1, clock=lambda: now)
    assert buckets.take("tenant") == 0
    now = buckets.take("tenant")
    assert now == pytest.approx(0.25)
    assert buckets.take("tenant") == 0


async def test_calls_wait_for_no_dependency_but_are_told_that_the_service_starts(echo):
    def register(server, runtime):
        echo.register(server, runtime)
        runtime.wait_for("engine", never)

    async def never():
        return False

    async with (
        serving(register, echo.name, wait_ready=False) as served,
        grpc.aio.insecure_channel(served.address) as plain,
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await echo.call(plain)
        health = await health_pb2_grpc.HealthStub(plain).Check(health_pb2.HealthCheckRequest())
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert health.status == health_pb2.HealthCheckResponse.NOT_SERVING
