"""Services in processes of their own, to be killed, ended and started again."""

import asyncio
import os
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
        async with asyncio.timeout(60), channel(self.address) as peer:
            stub = health_pb2_grpc.HealthStub(peer)
            while True:
                try:
                    answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=5)
                except grpc.aio.AioRpcError:
                    answer = None
                if answer and answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return
                await asyncio.sleep(0.05)

    async def kill(self):
        """Ends it by SIGKILL."""
        self.process.kill()
        assert await self.process.wait() == -signal.SIGKILL

    async def end(self):
        """Ends it by SIGTERM, as a rollout does."""
        if self.process.returncode is None:
            self.process.terminate()
        return await self.process.wait()


class Programs:
    """Editing and so many replicas of design, on one folder's files."""

    def __init__(self, folder, database, replicas, **settings):
        self.folder = folder
        self.editing = Program((str(HERE / "killable_editing.py"), str(folder)), free_port(), {})
        environment = {
            "LANGDESIGN_TELEMETRY_METRICS": "off",
            "LANGDESIGN_TELEMETRY_LEVEL": "error",
            "LANGDESIGN_DRAIN_DELAY": "0",
            "LANGDESIGN_DRAIN_GRACE": "10",
            "EDITING_ADDR": self.editing.address,
            "DESIGN_DATABASE": database,
            "DESIGN_BLOBS": str(folder / "blobs"),
            "DESIGN_LEASE_SECONDS": "1",
            "DESIGN_DECODERS": "1",
            **settings,
        }
        self.designs = [
            Program(("-m", "langdesign_design"), free_port(), environment) for _ in range(replicas)
        ]

    @property
    def addresses(self):
        """Both replicas, for a channel that goes round robin."""
        return "ipv4:" + ",".join(design.address for design in self.designs)

    def edits_done(self):
        """Returns what the engine finished, a line an edit."""
        path = self.folder / "edits.log"
        return path.read_text("utf-8").splitlines() if path.exists() else []


@asynccontextmanager
async def running(folder, database=None, replicas=1, **settings):
    programs = Programs(folder, database or f"sqlite:///{folder}/design.sqlite", replicas, **settings)
    every = [programs.editing, *programs.designs]
    for program in every:
        await program.start()
    try:
        for program in every:
            await program.ready()
        yield programs
    finally:
        for program in reversed(every):
            await program.end()


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
