"""Promise 13: clients that crash and time out make no memory grow, and a leak is caught.

The real editing service as a process, with its decoder. What these two have for themselves (unique set size)
is measured in rounds; growth is from the first quarter of them to the last, after a warm-up.
"""

import asyncio
import itertools
import json
import multiprocessing
import os
import runpy
import signal
import socket
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import grpc
import numpy as np
import psutil
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.editing.v1 import editing_pb2_grpc
from langdesign_edits import ImageFormat
from langdesign_media import encode

HERE = Path(__file__).parent
PROCESSES = multiprocessing.get_context("forkserver")
CAP = 8 * 2**20  # bytes by which memory may grow, however long it lasts
LEAK = 2**17  # bytes that a leak keeps of each edit
SECONDS = 60 * float(os.environ.get("LANGDESIGN_SOAK_MINUTES", "10"))  # of the long form
WARM_UP, ROUNDS = 5, 12
DONE, TIMED_OUT, CRASHED = 8, 4, 3  # edits of a round


@asynccontextmanager
async def service(folder, leak=0):
    """Serves editing in a process; gives that and a channel to it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    # A program of its own: a forked one has pages in common with others, which become its own one by one.
    order = json.dumps({"folder": str(folder), "listen": address, "leak": leak})
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(HERE / "soaked.py"), order), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with grpc.aio.insecure_channel(address) as channel:
            watch = health_pb2_grpc.HealthStub(channel).Watch(
                health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=60
            )
            async for answer in watch:
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    watch.cancel()
                    break
            yield psutil.Process(process.pid), Clients(address, channel)
    finally:
        process.terminate()
        await process.wait()


class Clients:
    """Callers of one service: those that wait, those that time out and those that die."""

    def __init__(self, address, channel):
        self._address, self._keys = address, itertools.count()
        self._editing = editing_pb2_grpc.EditingServiceStub(channel)
        noise = np.random.default_rng(3).integers(0, 256, (96, 128, 3), np.uint8)
        self._picture = encode(noise, ImageFormat.PNG, b"")
        self.edits = 0

    async def round(self):
        """Makes the edits of a round, all at once, and waits until each has ended or its caller is gone."""
        waiting = [self._finish() for _ in range(DONE)] + [self._time_out() for _ in range(TIMED_OUT)]
        await asyncio.gather(*waiting, asyncio.to_thread(self._crash))
        self.edits += DONE + TIMED_OUT + CRASHED

    async def _finish(self):
        answers = [answer async for answer in self._editing.Edit(self._request(steps=4), timeout=60)]
        assert answers[-1].event.HasField("result")

    async def _time_out(self):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async for _ in self._editing.Edit(self._request(steps=200), timeout=0.1):
                pass
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED

    def _crash(self):
        requests = [self._request(steps=60).SerializeToString() for _ in range(CRASHED)]
        order = {"ORDER": {"address": self._address, "requests": requests}}
        client = PROCESSES.Process(
            target=runpy.run_path, args=(str(HERE / "crashing_client.py"), order, "__main__"), daemon=True
        )
        client.start()
        client.join(60)
        assert client.exitcode == -signal.SIGKILL

    def _request(self, steps):
        request = pb.EditRequest(
            idempotency_key=f"{next(self._keys)}", instruction="make it red", region=pb.Region(whole=True)
        )
        request.image.data = self._picture
        request.options.instruct_pix2pix.steps = steps
        return request


def memory(process):
    """Bytes that a process and its children have for themselves."""
    return sum(one.memory_full_info().uss for one in (process, *process.children(recursive=True)))


async def growth(process, clients, rounds, seconds=0.0):
    """Returns by how many bytes memory grew over so many rounds, and more until so much time has passed."""
    for _ in range(WARM_UP):
        await clients.round()
    seen, end = [], time.monotonic() + seconds
    while len(seen) < rounds or time.monotonic() < end:
        await clients.round()
        seen.append(memory(process))
    quarter = len(seen) // 4
    return median(seen[-quarter:]) - median(seen[:quarter])


@pytest.mark.parametrize("long", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.timeout(300 + SECONDS)
async def test_crashing_and_timing_out_clients_make_no_memory_grow(tmp_path, figure, long):
    seconds = SECONDS if long else 0.0
    async with service(tmp_path) as (process, clients):
        grown = await growth(process, clients, ROUNDS, seconds)
    figure(
        f"promise 13: {clients.edits} edits, of which {DONE} of {DONE + TIMED_OUT + CRASHED} end well: "
        f"memory grew by {grown / 2**20:.1f} MiB (cap {CAP / 2**20:.0f} MiB)",
        growth=grown / CAP,
    )
    assert grown <= CAP


async def test_a_deliberate_leak_is_caught(tmp_path, figure):
    async with service(tmp_path, leak=LEAK) as (process, clients):
        grown = await growth(process, clients, ROUNDS)
    figure(
        f"promise 13: a leak of {LEAK / 1024:.0f} KiB an edit, {clients.edits} edits: memory grew by "
        f"{grown / 2**20:.1f} MiB (cap {CAP / 2**20:.0f} MiB)",
        leak=grown / CAP,
    )
    assert grown > CAP
