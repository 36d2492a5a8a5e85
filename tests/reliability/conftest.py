"""Real processes under test, and the figures that the promises print."""

import asyncio
import contextlib
import io
import multiprocessing
import os
import runpy
import socket
from dataclasses import dataclass
from pathlib import Path

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from PIL import Image

PROGRAM = Path(__file__).with_name("replica.py")
_EAGER = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 100)]


# Has a replica's libraries; each replica is then a process of its own within a fraction of a second.
_PROCESSES = multiprocessing.get_context("forkserver")


@dataclass
class Replica:
    """A process, started again on the same port as often as needed."""

    port: int
    variables: dict
    arguments: tuple = ()
    process: multiprocessing.Process | None = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        quiet = {"LANGDESIGN_TELEMETRY_METRICS": "off", "LANGDESIGN_TELEMETRY_LEVEL": "error"}
        listen = {"LANGDESIGN_LISTEN": self.address, "REPLICA_LISTEN": self.address}
        order = {
            "environment": quiet | listen | self.variables,
            "arguments": list(self.arguments),
            "priority": os.getpriority(os.PRIO_PROCESS, 0),
        }
        arguments = (str(PROGRAM), {"ORDER": order}, "__main__")
        self.process = _PROCESSES.Process(target=runpy.run_path, args=arguments, daemon=True)
        self.process.start()

    async def ready(self):
        """Waits until it serves; fails when it does not."""
        async with asyncio.timeout(60), grpc.aio.insecure_channel(self.address, _EAGER) as channel:
            await channel.channel_ready()
            if self.arguments:
                return
            watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
            async for answer in watch:
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    watch.cancel()
                    return

    def send(self, number):
        os.kill(self.process.pid, number)

    async def ended(self):
        await asyncio.to_thread(self.process.join, 60)
        return self.process.exitcode

    async def kill(self):
        if self.process is not None:
            self.process.kill()
            await self.ended()


@pytest.fixture
async def replicas():
    """Starts replicas: ``await replicas(2, cost=0.03)``; none outlives the test."""
    started = []

    async def start(count, *arguments, cost=0.03, **variables):
        ports = _free_ports(count)
        new = [Replica(port, {"REPLICA_COST": str(cost)} | variables, arguments) for port in ports]
        started.extend(new)
        for replica in new:
            replica.start()
        await asyncio.gather(*(replica.ready() for replica in new))
        return new

    yield start
    for replica in started:
        await replica.kill()


def _free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [taken.getsockname()[1] for taken in sockets]


@pytest.fixture
def edit_request():
    """An edit of a 512x512 picture, as PNG."""
    picture = _room()

    def request(steps=None, **options):
        options["instruct_pix2pix"] = editing_pb2.InstructPix2PixOptions(steps=steps)
        edit = editing_pb2.EditRequest(idempotency_key="key", instruction="paint it", options=options)
        edit.image.data = picture
        return edit

    return request


def _room():
    """A 512x512 picture with the smooth shades and the grain of a render, PNG."""
    shade = np.linspace(40, 220, 512)
    grain = np.random.default_rng(0).normal(0, 1.0, (512, 512, 3))
    pixels = (shade[:, None, None] + shade[None, :, None]) / 2 + grain
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def undisturbed():
    """Puts this process and those it starts ahead of others on a shared machine, where it may."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with contextlib.suppress(PermissionError):
        _prioritise(-15)
    yield
    _prioritise(before)


def _prioritise(priority):
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(ProcessLookupError):  # a thread may end meanwhile
            os.setpriority(os.PRIO_PROCESS, int(thread.name), priority)


def percentile(values, share):
    """Nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@pytest.fixture(name="percentile")
def _percentile():
    return percentile


@pytest.fixture
def stub_of():
    return editing_pb2_grpc.EditingServiceStub


class PacedEditing(editing_pb2_grpc.EditingServiceServicer):
    """A fixed-cost engine in this process that counts its steps, and tells when it is entered and stopped."""

    service = editing_pb2.DESCRIPTOR.services_by_name["EditingService"].full_name

    def __init__(self, cost):
        self.cost, self.steps, self.running = cost, 0, 0
        self.entered, self.stopped = asyncio.Event(), asyncio.Event()

    def register(self, server, runtime):
        editing_pb2_grpc.add_EditingServiceServicer_to_server(self, server)

    async def Edit(self, request, context):
        self.running += 1
        self.entered.set()
        try:
            steps = request.options.instruct_pix2pix.steps
            for step in range(1, steps + 1):
                self.steps += 1
                if request.options.preview_every:
                    preview = editing_pb2.PreviewEvent(step=step, steps=steps)
                    yield editing_pb2.EditResponse(event=editing_pb2.EditEvent(preview=preview))
                await asyncio.sleep(self.cost)
        finally:
            self.running -= 1
            self.stopped.set()


class Relay(editing_pb2_grpc.EditingServiceServicer):
    """A service that passes an edit on to the engine at an address."""

    def __init__(self, address):
        self.address = address

    def register(self, server, runtime):
        self.engine = editing_pb2_grpc.EditingServiceStub(runtime.channel(self.address))
        editing_pb2_grpc.add_EditingServiceServicer_to_server(self, server)

    async def Edit(self, request, context):
        async for event in self.engine.Edit(request):
            yield event


@pytest.fixture
def new_engine():
    return PacedEditing


@pytest.fixture
def new_relay():
    return Relay


@pytest.fixture
async def endless_engine():
    return PacedEditing(cost=1.0)
