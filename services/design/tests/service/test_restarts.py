"""Promise 9, design's part: whoever is killed amid edits, each ends as one node, and is done once."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from langdesign.design.v1 import design_pb2 as pb
from langdesign_chassis import channel

HERE = Path(__file__).parent


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


class Program:
    """A service's process on a port of its own; `kill` ends it with SIGKILL and starts it anew."""

    def __init__(self, arguments, environment):
        self._arguments, self._environment = arguments, {**os.environ, **environment}
        self.process = None

    async def start(self):
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, *self._arguments, env=self._environment
        )

    async def kill(self):
        self.process.kill()
        assert await self.process.wait() == -signal.SIGKILL
        await self.start()

    async def stop(self):
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()


class Both:
    """Both services in processes of their own, on files in a folder."""

    def __init__(self, folder):
        self.folder, ports = folder, (free_port(), free_port())
        self.editing = Program((str(HERE / "killable_editing.py"), str(folder), ports[0]), {})
        self.design = Program(
            ("-m", "langdesign_design"),
            {
                "LANGDESIGN_LISTEN": f"127.0.0.1:{ports[1]}",
                "LANGDESIGN_TELEMETRY_METRICS": "off",
                "LANGDESIGN_TELEMETRY_LEVEL": "error",
                "LANGDESIGN_DRAIN_DELAY": "0",
                "LANGDESIGN_DRAIN_GRACE": "1",
                "EDITING_ADDR": f"127.0.0.1:{ports[0]}",
                "DESIGN_DATABASE": f"sqlite:///{folder}/design.sqlite",
                "DESIGN_BLOBS": str(folder / "blobs"),
                "DESIGN_LEASE_SECONDS": "1",
                "DESIGN_DECODERS": "1",
            },
        )
        self.address = f"127.0.0.1:{ports[1]}"

    def edits_done(self):
        """Returns what the engine finished, a line an edit."""
        path = self.folder / "edits.log"
        return path.read_text("utf-8").splitlines() if path.exists() else []


async def until(holds):
    """Waits until something holds of files that other processes write."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - no event of this process tells
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(folder):
    both = Both(folder)
    await both.editing.start()
    await both.design.start()
    try:
        yield both
    finally:
        await both.design.stop()
        await both.editing.stop()


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


async def until_ended(caller, design):
    """Follows a design, again and again, until none of its nodes runs; returns its nodes."""
    async with asyncio.timeout(60):
        while True:
            nodes = (await insist(caller, "ListNodes", pb.ListNodesRequest(parent=design))).nodes
            if all(node.state != pb.NODE_STATE_RUNNING for node in nodes):
                return nodes
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("victim", ["design", "editing"])
async def test_killed_amid_an_edit_either_side_leaves_one_ready_node_that_was_edited_once(
    tmp_path, photo, helpers, victim
):
    async with running(tmp_path) as both, channel(both.address) as peer:
        caller = helpers.caller(peer)
        create = pb.CreateDesignRequest(idempotency_key="c", image={"data": photo})
        root = (await insist(caller, "CreateDesign", create)).root
        request = helpers.edit_request(root.name, key="e", steps=30)
        call = caller.stub.CreateNodes(request)
        async for response in call:
            if response.edit.event.preview.step >= 3:
                break
        call.cancel()
        await getattr(both, victim).kill()
        (_, node) = await until_ended(caller, root.name.split("/nodes/")[0])
        assert node.state == pb.NODE_STATE_READY, node
        joined = helpers.ended(await insist(caller, "CreateNodes", request))
        assert [one.name for one in joined] == [node.name]
        assert both.edits_done() == ["paint it\t0"]


async def test_killed_again_and_again_no_edit_is_lost_or_done_twice(tmp_path, photo, helpers, figure):
    edits, kills = 8, 4
    async with running(tmp_path) as both, channel(both.address) as peer:
        caller = helpers.caller(peer)
        create = pb.CreateDesignRequest(idempotency_key="c", image={"data": photo})
        root = (await insist(caller, "CreateDesign", create)).root
        requests = [
            helpers.edit_request(root.name, key=str(seed), seed=seed, steps=20) for seed in range(edits)
        ]
        asked = [asyncio.create_task(insist(caller, "CreateNodes", request)) for request in requests]
        for number in range(kills):
            seen = len(both.edits_done())
            await until(lambda seen=seen: len(both.edits_done()) > seen or seen >= edits)
            await (both.design if number % 2 else both.editing).kill()
        nodes = [helpers.ended(responses)[-1] for responses in await asyncio.gather(*asked)]
        assert [node.state for node in nodes] == [pb.NODE_STATE_READY] * edits
        kept = await until_ended(caller, root.name.split("/nodes/")[0])
        assert {node.name for node in kept} == {root.name, *(node.name for node in nodes)}
        twice = len(both.edits_done()) - edits
    figure(f"promise 9: {kills} kills of design and editing, {edits} edits: {twice} done anew, 0 lost")
