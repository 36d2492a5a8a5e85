"""Two replicas of design and of editing behind the real gateway: no caller notices that they come and go."""

import asyncio
import uuid
from contextlib import asynccontextmanager

import grpc
import pytest
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign.media.v1 import media_pb2
from langdesign_client import (
    AsyncClient,
    Box,
    Connection,
    EditOptions,
    InstructPix2PixOptions,
    Preview,
    ResumePolicy,
    everywhere,
)
from langdesign_client import designs as calls

ONCE = [("grpc.enable_retries", 0)]
"""Each call is made once, as a browser does: what saves it is the gateway."""


@pytest.fixture
def behind_gateway(tmp_path, postgres, programs):
    """Runs two replicas of each over Postgres, and the gateway before them."""

    @asynccontextmanager
    async def run(**settings):
        databases = {"database": postgres.new_database(), "operations": postgres.new_database()}
        async with programs.running(tmp_path, replicas=2, editings=2, **databases, **settings) as replicas:
            addresses = {
                "DESIGN_ADDR": replicas.addresses,
                "EDITING_ADDR": programs.every(replicas.editings),
            }
            gateway = programs.Gateway(tmp_path, **addresses)
            async with programs.started([gateway]):
                yield replicas, gateway.address

    return run


@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
async def test_rolling_sigterms_of_both_services_fail_no_call(behind_gateway, photo, helpers, figure, rounds):
    # Nobody is killed: what is under way ends within the grace, and no lease, on a busy machine too.
    drain = {"LANGDESIGN_DRAIN_DELAY": "1.5", "LANGDESIGN_DRAIN_GRACE": "30"}
    async with (
        behind_gateway(lease=20, **drain) as (replicas, address),
        grpc.aio.insecure_channel(address, ONCE) as channel,
    ):
        load = helpers.load(helpers.caller(channel), photo, helpers)
        edits, editing = 0, editing_pb2_grpc.EditingServiceStub(channel)

        async def edit():
            nonlocal edits
            while not load.stopping.is_set():
                request = editing_pb2.EditRequest(
                    idempotency_key=uuid.uuid4().hex,
                    image=media_pb2.Image(data=photo),
                    instruction="paint it",
                    region=helpers.box_region(),
                    options=helpers.edit_request("", steps=4).options,
                )
                answers = [answer async for answer in editing.Edit(request, timeout=30)]
                assert answers[-1].event.HasField("result"), answers[-1]
                asked = editing_pb2.GetEditRequest(operation_id=answers[0].operation_id)
                assert (await editing.GetEdit(asked, timeout=30)).state == editing_pb2.EDIT_STATE_SUCCEEDED
                edits += 1

        async with asyncio.TaskGroup() as group:  # an edit that fails ends it
            group.create_task(edit())
            for number in range(3):
                group.create_task(load.work(number))
            for number in range(2 * rounds):
                pair = replicas.designs[number % 2], replicas.editings[number % 2]
                assert await asyncio.gather(*(one.end() for one in pair)) == [0, 0]
                await asyncio.gather(*(one.start() for one in pair))
                await asyncio.gather(*(one.ready() for one in pair))
            load.stopping.set()
    figure(
        f"promise 8: {len(load.failed)} of {load.succeeded + len(load.failed)} calls of designs through the "
        f"gateway, and 0 of {edits} edits, failed over {2 * rounds} rolling SIGTERMs of each service; "
        f"{load.resumed} watches resumed",
        failed=len(load.failed),
    )
    assert load.failed == []
    assert load.resumed


async def test_the_client_sees_an_edit_to_its_end_though_both_designs_are_killed(
    behind_gateway, photo, figure
):
    async with behind_gateway() as (replicas, address):
        patience = ResumePolicy(attempts=60, longest=0.5)
        async with AsyncClient(Connection(everywhere(address)), resume=patience) as client:
            design = await client.call(calls.create(photo))
            editor = InstructPix2PixOptions(steps=60)
            told, killed = [], False
            async for item in client.create_nodes(
                design.root,
                "paint it",
                region=Box(x=4, y=5, width=8, height=6),
                options=EditOptions(preview_every=1, editor=editor),
            ):
                told.append(item)
                if isinstance(getattr(item, "event", None), Preview) and not killed:
                    killed = True
                    for replica in replicas.designs:
                        await replica.kill()
                    for replica in replicas.designs:
                        await replica.start()
        assert killed
        assert [node.state for node in (told[0], told[-1])] == ["running", "ready"]
        assert replicas.edits_done() == ["paint it\t0"]
    figure(
        f"promise 9: through the gateway, an edit outlives kill -9 of both designs; {len(told)} told once",
        twice=len(replicas.edits_done()) - 1,
    )
