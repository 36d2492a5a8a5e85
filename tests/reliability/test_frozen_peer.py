"""Promise 10: a frozen peer (SIGSTOP) is noticed within keepalive time + timeout, from both sides."""

import asyncio
import os
import signal
import sys
import textwrap
import time

import grpc
import pytest
from langdesign_chassis import channel
from langdesign_chassis.settings import KeepaliveSettings
from langdesign_chassis.testing import serving, test_settings

KEEPALIVE = KeepaliveSettings(time=1.0, timeout=1.0)
MARGIN = 1.0
"""For scheduling on a busy machine; the bound itself is time + timeout."""

CALLER = """
import asyncio, sys
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign_chassis import channel

async def main():
    edit = editing_pb2.EditRequest(idempotency_key="key", instruction="paint it")
    edit.options.instruct_pix2pix.steps = 200
    edit.image.data = b"picture"
    async with channel(sys.argv[1]) as peer:
        async for event in editing_pb2_grpc.EditingServiceStub(peer).Edit(edit):
            pass

asyncio.run(main())
"""


async def test_a_client_notices_a_frozen_server(replicas, stub_of, edit_request, figure):
    (replica,) = await replicas(1, cost=0.05)
    async with channel(replica.address, keepalive=KEEPALIVE) as peer:
        call = stub_of(peer).Edit(edit_request(steps=200, preview_every=1))
        assert (await call.read()).event.preview.step == 1
        replica.send(signal.SIGSTOP)
        start = time.perf_counter()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async for _ in call:
                pass
        seconds = time.perf_counter() - start
    bound = KEEPALIVE.time + KEEPALIVE.timeout
    figure(
        f"promise 10: a client noticed its frozen server after {seconds:.2f} s (keepalive {bound:g} s)",
        client=seconds / bound,
    )
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert seconds <= bound + MARGIN


async def test_a_server_notices_a_frozen_client_and_stops_its_work(endless_engine, figure):
    settings = test_settings(keepalive=KEEPALIVE)
    async with serving(endless_engine.register, endless_engine.service, settings=settings) as served:
        caller = await asyncio.create_subprocess_exec(
            sys.executable, "-c", textwrap.dedent(CALLER), served.address, env=dict(os.environ)
        )
        try:
            async with asyncio.timeout(30):
                await endless_engine.entered.wait()
            caller.send_signal(signal.SIGSTOP)
            start = time.perf_counter()
            async with asyncio.timeout(30):
                await endless_engine.stopped.wait()
            seconds = time.perf_counter() - start
        finally:
            caller.kill()
            await caller.wait()
    bound = KEEPALIVE.time + KEEPALIVE.timeout
    figure(
        f"promise 10: a server noticed its frozen client after {seconds:.2f} s (keepalive {bound:g} s)",
        server=seconds / bound,
    )
    assert seconds <= bound + MARGIN
