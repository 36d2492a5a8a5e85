"""Promise 22: a second model server gets its share of the calls within the connections' maximum age.

Two real Tritons at two addresses behind one name, which a name server of the test's own resolves.
"""

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.editing.v1 import editing_pb2_grpc
from langdesign_chassis import channel
from langdesign_chassis.testing import serving
from langdesign_command.local.names import name_server
from langdesign_command.local.testing import free_ports, start_triton
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_editing.settings import EditingSettings
from langdesign_editing.wiring import SERVICE, register
from langdesign_edits import ImageFormat
from langdesign_media import encode
from tritonclient.grpc import service_pb2, service_pb2_grpc

REPOSITORY = Path(__file__).parents[2] / "services/model_server/model_repository"
FIRST, SECOND = "127.0.0.1", "127.0.0.2"
SHARE = 0.35
WINDOW = 40  # latest calls that a share is taken of
MARGIN = 2.0  # s, for scheduling and a look at the counters on a busy machine
JITTER = 1.1  # gRPC spreads the ages of connections by a tenth
SUCCESSES = "nv_inference_request_success"

MODEL = """
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        inputs = [pb_utils.get_input_tensor_by_name(request, "IN").as_numpy() for request in requests]
        return [pb_utils.InferenceResponse([pb_utils.Tensor("OUT", values)]) for values in inputs]
"""
CONFIG = """
backend: "python"
max_batch_size: 0
input [ { name: "IN" data_type: TYPE_UINT8 dims: [ 1 ] } ]
output [ { name: "OUT" data_type: TYPE_UINT8 dims: [ 1 ] } ]
instance_group [ { kind: KIND_CPU count: 1 } ]
"""


@pytest.fixture
def two(tmp_path):
    """Starts a server at each of two addresses, on the same port, with so many seconds of a connection."""
    folder = tmp_path / "echo"
    (folder / "1").mkdir(parents=True)
    (folder / "1/model.py").write_text(MODEL)
    (folder / "config.pbtxt").write_text(CONFIG)
    ports, servers = free_ports(), []

    def start(age, models=(folder,), **variables):
        variables["MODEL_SERVER_CONNECTION_AGE"] = str(age)
        for host in (FIRST, SECOND):
            place = tmp_path / host
            place.mkdir()
            servers.append(start_triton(place, models, variables, ports=ports, host=host))
        for server in servers:
            server.wait_until_ready()
        return servers

    yield start
    for server in servers:
        server.close()


class Calls:
    """Calls at a steady rate through one channel; an answer is counted, a failure fails the test."""

    def __init__(self, call, servers, rate, model):
        self._call, self._servers, self._pause, self._model = call, servers, 1 / rate, model

    async def __aenter__(self):
        self._stopping, self.made = False, 0
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *error):
        self._stopping = True
        await self._task

    async def _run(self):
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                self.made += 1
                group.create_task(self._call(self.made))
                await asyncio.sleep(self._pause)

    def counts(self):
        """Calls that each server has answered since its start."""
        labels = f'model="{self._model}",version="1"'
        return [int(server.metric(SUCCESSES, labels)) for server in self._servers]

    async def share(self):
        """The second server's share of the next calls."""
        first, second = await asyncio.to_thread(self.counts)
        while True:
            await asyncio.sleep(0.1)
            more, of_second = await asyncio.to_thread(self.counts)
            if (total := more - first + of_second - second) >= WINDOW:
                return (of_second - second) / total


async def seconds_until_shared(calls, names, age):
    """Lets a name have a second address; returns seconds until that one had its share of the latest calls."""
    assert await calls.share() == 0
    names.addresses.append(SECOND)
    start = time.monotonic()
    async with asyncio.timeout(3 * age + 10):
        while await calls.share() < SHARE:
            pass
    return time.monotonic() - start


async def test_a_second_server_gets_its_share_of_calls_when_connections_have_their_age(two, figure):
    age, rate = 6, 50
    servers = two(age)
    request = service_pb2.ModelInferRequest(model_name="echo", raw_input_contents=[b"x"])
    request.inputs.add(name="IN", datatype="UINT8", shape=[1])
    async with (
        name_server(FIRST) as names,
        channel(f"dns://127.0.0.1:{names.port}/model-server:{servers[0].ports.grpc}") as peer,
    ):
        triton = service_pb2_grpc.GRPCInferenceServiceStub(peer)

        async def call(_number):
            await triton.ModelInfer(request, timeout=20)

        async with Calls(call, servers, rate, "echo") as calls:
            seconds = await seconds_until_shared(calls, names, age)
            share = await calls.share()
    figure(
        f"promise 22: a second model server had {share:.0%} of the calls {seconds:.1f} s after it was there "
        f"(age of connections {age} s); 0 of {calls.made} failed",
        share=share,
        ages=(seconds - WINDOW / rate) / age,  # the share is that of calls made until then
    )
    assert share >= SHARE
    assert seconds <= age * JITTER + WINDOW / rate + MARGIN


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_second_server_gets_its_share_of_edits_through_the_editing_service(two, tmp_path, figure):
    age, rate = 30, 2
    random_checkpoint("tiny").save(tmp_path / "checkpoint")
    servers = two(age, [REPOSITORY / "edit"], EDIT_MODEL_DIR=str(tmp_path / "checkpoint"))
    picture = encode(np.random.default_rng(3).integers(0, 256, (48, 64, 3), np.uint8), ImageFormat.PNG, b"")
    async with name_server(FIRST) as names:
        name = f"dns://127.0.0.1:{names.port}/model-server:{servers[0].ports.grpc}"
        settings = EditingSettings(triton_addr=name, decoders=1, concurrency=1000)

        async def add(server, runtime):
            await register(server, runtime, settings)

        async with serving(add, SERVICE) as served:
            editing = editing_pb2_grpc.EditingServiceStub(served.channel)

            async def edit(number):
                request = pb.EditRequest(
                    idempotency_key=f"{number}", instruction="make it red", region=pb.Region(whole=True)
                )
                request.image.data = picture
                request.options.instruct_pix2pix.steps = 2
                told = [answer async for answer in editing.Edit(request, timeout=120)]
                assert told[-1].event.HasField("result")

            async with Calls(edit, servers, rate, "edit") as calls:
                seconds = await seconds_until_shared(calls, names, age)
                share = await calls.share()
    figure(
        f"promise 22: a second model server had {share:.0%} of the calls of edits {seconds:.1f} s after it "
        f"was there (age of connections {age} s); 0 of {calls.made} edits failed",
        share=share,
        ages=(seconds - WINDOW / (2 * rate)) / age,
    )
    assert share >= SHARE
    # An edit is two calls of the model: its check, and itself.
    assert seconds <= age * JITTER + WINDOW / (2 * rate) + MARGIN
