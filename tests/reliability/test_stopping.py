"""Promise 11, chassis part: a cancel or deadline stops a handler and its downstream call within one step."""

import asyncio

import grpc
import pytest
from langdesign_chassis.testing import serving

STEP = 0.05


async def settled(engine):
    """Waits until the engine runs nothing; returns the steps that it did."""
    async with asyncio.timeout(10):
        while engine.running:  # noqa: ASYNC110 - the engine has no event
            await asyncio.sleep(STEP / 10)
    return engine.steps


@pytest.fixture
async def chain(new_engine, new_relay):
    """Client -> service -> engine, each behind the chassis; gives the engine and a channel to the service."""
    engine = new_engine(STEP)
    async with (
        serving(engine.register, engine.service) as back,
        serving(new_relay(back.address).register, engine.service) as front,
    ):
        yield engine, front.channel


@pytest.mark.parametrize("after", [1, 2, 7])
async def test_a_cancel_stops_the_engine_within_one_step(chain, stub_of, edit_request, figure, after):
    engine, channel = chain
    call = stub_of(channel).Edit(edit_request(steps=100, preview_every=1))
    for _ in range(after):
        seen = (await call.read()).event.preview.step
    at_cancel = engine.steps
    call.cancel()
    further = await settled(engine) - at_cancel
    figure(
        f"promise 11: cancelled in step {at_cancel} (caller saw {seen}): {further} further steps downstream",
        further=further,
    )
    assert further <= 1


async def test_a_cancel_before_the_first_answer_stops_the_engine_too(chain, stub_of, edit_request, figure):
    engine, channel = chain
    call = stub_of(channel).Edit(edit_request(steps=100))
    async with asyncio.timeout(10):
        while not engine.steps:  # noqa: ASYNC110 - the engine has no event
            await asyncio.sleep(STEP / 10)
    at_cancel = engine.steps
    call.cancel()
    further = await settled(engine) - at_cancel
    figure(
        f"promise 11: cancelled before the first answer: {further} further steps downstream", further=further
    )
    assert further <= 1


async def test_a_deadline_stops_the_engine_within_one_step(chain, stub_of, edit_request, figure):
    engine, channel = chain
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in stub_of(channel).Edit(edit_request(steps=100), timeout=STEP * 6.5):
            pass
    at_deadline = engine.steps
    further = await settled(engine) - at_deadline
    figure(f"promise 11: deadline in step {at_deadline}: {further} further steps downstream", further=further)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert further <= 1
