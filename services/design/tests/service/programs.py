"""Services in processes of their own, to be killed, ended and started again."""

import asyncio
import http.client
import multiprocessing
import os
import runpy
import signal
import socket
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from langdesign.design.v1 import design_pb2 as pb
from langdesign_chassis import channel

HERE = Path(__file__).parent
PROCESSES = multiprocessing.get_context("forkserver")
SERVE = HERE.parents[3] / "deploy/gateway/serve.py"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class Program:
    """A service's process on a port of its own."""

    def __init__(self, arguments, port, environment):
        self.address = f"127.0.0.1:{port}"
        self._arguments = arguments
        self._environment = {**os.environ, **environment, "LANGDESIGN_LISTEN": self.address}
        self.process = None

    async def start(self):
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, *self._arguments, env=self._environment
        )

    async def ready(self):
        """Waits until it serves."""
        async with asyncio.timeout(240), channel(self.address) as peer:  # a busy machine starts slowly
            stub = health_pb2_grpc.HealthStub(peer)
            while True:
                try:
                    answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=5)
                except grpc.aio.AioRpcError:
                    answer = None
                if answer and answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return
                self._check()
                await asyncio.sleep(0.05)

    def _check(self):
        """Fails where it has ended, in place of waiting for it."""
        assert self._code() is None, f"{self._arguments[0]} ended with {self._code()}; what it wrote is above"

    def _code(self):
        return self.process.returncode

    async def end(self):
        """Ends it by SIGTERM."""
        if self._code() is None:
            self.process.terminate()
        return await self.process.wait()


class Service(Program):
    """A service whose libraries its process has already: it is there within a fraction of a second."""

    async def start(self):
        order = {"arguments": list(self._arguments), "environment": self._environment}
        arguments = (str(HERE / "forked.py"), {"ORDER": order}, "__main__")
        self.process = PROCESSES.Process(target=runpy.run_path, args=arguments, daemon=True)
        self.process.start()

    async def kill(self):
        """Ends it by SIGKILL."""
        self.process.kill()
        assert await self._ended() == -signal.SIGKILL

    async def end(self):
        """Ends it by SIGTERM, as a rollout does."""
        if self._code() is None:
            self.process.terminate()
        return await self._ended()

    def _code(self):
        return self.process.exitcode

    async def _ended(self):
        await asyncio.to_thread(self.process.join, 60)
        return self.process.exitcode


def every(programs):
    """Returns what a channel is opened to for all of them, round robin."""
    return "ipv4:" + ",".join(program.address for program in programs)


class Programs:
    """Replicas of editing and of design, on one folder's files.

    Once a replica has said nothing for a lease, in seconds, others see to what it did; it is short for tests
    that kill.
    """

    def __init__(self, folder, database, replicas, operations=None, editings=1, lease=1, **settings):
        self.folder = folder
        own = {
            "OPERATIONS": operations or f"{folder}/operations.sqlite",
            "DRAIN_DELAY": settings.get("LANGDESIGN_DRAIN_DELAY", "0"),
            "DRAIN_GRACE": settings.get("LANGDESIGN_DRAIN_GRACE", "1"),
            "LEASE": str(lease),
        }
        arguments = ("killable_editing", str(folder))
        self.editings = [Service(arguments, free_port(), own) for _ in range(editings)]
        environment = {
            "LANGDESIGN_TELEMETRY_METRICS": "off",
            "LANGDESIGN_TELEMETRY_LEVEL": "error",
            "LANGDESIGN_DRAIN_DELAY": "0",
            "LANGDESIGN_DRAIN_GRACE": "10",
            "EDITING_ADDR": every(self.editings),
            "DESIGN_DATABASE": database,
            "DESIGN_BLOBS": str(folder / "blobs"),
            "DESIGN_LEASE_SECONDS": str(lease),
            "DESIGN_DECODERS": "1",
            **settings,
        }
        self.designs = [Service(("langdesign_design",), free_port(), environment) for _ in range(replicas)]

    @property
    def editing(self):
        return self.editings[0]

    @property
    def addresses(self):
        return every(self.designs)

    def edits_done(self):
        """Returns what the engine finished, a line an edit."""
        path = self.folder / "edits.log"
        return path.read_text("utf-8").splitlines() if path.exists() else []


@asynccontextmanager
async def running(folder, database=None, replicas=1, **settings):
    programs = Programs(folder, database or f"sqlite:///{folder}/design.sqlite", replicas, **settings)
    async with started([*programs.editings, *programs.designs]):
        yield programs


@asynccontextmanager
async def started(programs):
    for program in programs:
        await program.start()
    try:
        for program in programs:
            await program.ready()
        yield
    finally:
        for program in reversed(programs):
            await program.end()


class Gateway(Program):
    """The gateway before services, as `deploy/gateway` sets it up; it shows an empty page."""

    def __init__(self, folder, **addresses):
        page, port = folder / "page", free_port()
        page.mkdir()
        (page / "index.html").touch()
        variables = {
            "GATEWAY_LISTEN": f"127.0.0.1:{port}",
            "GATEWAY_ADMIN": f"127.0.0.1:{free_port()}",
            "GATEWAY_PAGE": str(page),
            "GATEWAY_STATE": str(folder / "gateway"),
            "GATEWAY_THREADS": "1",
            "GATEWAY_ACCESS_LOG": "off",
            "LANGDESIGN_DRAIN_DELAY": "0",
            "LANGDESIGN_DRAIN_GRACE": "0",
        }
        super().__init__((str(SERVE),), port, variables | addresses)

    async def ready(self):
        async with asyncio.timeout(240):
            while await asyncio.to_thread(self._status) != 200:
                self._check()
                await asyncio.sleep(0.05)

    def _status(self):
        connection = http.client.HTTPConnection(self.address, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()


async def insist(caller, method, request):
    """Asks with one key until there is an answer, as a caller does."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await caller.call(method, request, timeout=30, wait_for_ready=True)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise
                await asyncio.sleep(0.05)


async def until(holds):
    """Waits until something holds of files that other processes write."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - no event of this process tells
            await asyncio.sleep(0.01)


async def until_ended(caller, design):
    """Asks until none of a design's nodes runs; returns them."""
    async with asyncio.timeout(60):
        while True:
            nodes = (await insist(caller, "ListNodes", pb.ListNodesRequest(parent=design))).nodes
            if all(node.state != pb.NODE_STATE_RUNNING for node in nodes):
                return nodes
            await asyncio.sleep(0.05)


async def until_preview(call):
    """Reads a stream of new nodes until the first edit is amid its denoising."""
    async for response in call:
        if response.edit.event.preview.step >= 2:
            return
