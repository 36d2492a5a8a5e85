import asyncio

import pytest
from langdesign_chassis.interceptors.leftovers import Leftovers


@pytest.fixture
def given_back():
    return asyncio.Event()


@pytest.fixture
def layer(given_back):
    return Leftovers(0.0, given_back.set)


def call(layer):
    return layer.around("/package.Service/Method", None)


async def turns():
    """Let the loop do all that waits for no time."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_memory_goes_back_after_the_last_of_several_calls(layer, given_back):
    async with call(layer):
        async with call(layer):
            pass
        await turns()
        assert not given_back.is_set()
    async with asyncio.timeout(10):
        await given_back.wait()


async def test_a_new_call_puts_it_off(layer, given_back):
    async with call(layer):
        pass
    async with call(layer):
        await turns()
        assert not given_back.is_set()
    async with asyncio.timeout(10):
        await given_back.wait()


async def test_a_call_that_fails_ends_too(layer, given_back):
    with pytest.raises(ValueError, match="wrong"):
        async with call(layer):
            raise ValueError("wrong")
    async with asyncio.timeout(10):
        await given_back.wait()
