"""Two replicas on one Postgres: they take edits over from each other, and a rollout fails no call."""

import asyncio

import pytest
from langdesign.design.v1 import design_pb2 as pb
from langdesign_chassis import channel
from langdesign_database import open_database
from langdesign_design.tables import MIGRATIONS
from sqlalchemy import text


@pytest.fixture
async def replicas(tmp_path, postgres, programs):
    """Editing, and two replicas of design."""
    async with programs.running(tmp_path, postgres.new_database(), 2, DESIGN_CONCURRENCY="4") as running:
        yield running


async def test_a_replica_takes_over_the_edits_of_one_that_was_killed(replicas, photo, helpers, programs):
    first, second = replicas.designs
    async with channel(first.address) as here, channel(second.address) as there:
        caller, other = helpers.caller(here), helpers.caller(there)
        root = (await caller.create_design(photo)).root
        request = helpers.edit_request(root.name, key="e", steps=40, candidates=3)
        call = caller.stub.CreateNodes(request)
        await programs.until_preview(call)
        await first.kill()
        nodes = helpers.ended(await other.call("CreateNodes", request, timeout=30))
        assert [node.state for node in nodes] == [pb.NODE_STATE_READY] * 3
        assert sorted(replicas.edits_done()) == [f"paint it\t{seed}" for seed in range(3)]


async def test_a_watcher_of_one_replica_hears_live_of_edits_that_the_other_sees_to(replicas, photo, helpers):
    first, second = replicas.designs
    async with channel(first.address) as here, channel(second.address) as there:
        caller, other = helpers.caller(here), helpers.caller(there)
        root = (await caller.create_design(photo)).root
        watch = other.stub.WatchDesign(pb.WatchDesignRequest(name=root.name.split("/nodes/")[0]), timeout=60)
        while not (await watch.read()).current:
            pass
        running = asyncio.create_task(
            caller.call("CreateNodes", helpers.edit_request(root.name, steps=60, candidates=8))
        )
        previews, ready = set(), set()
        async for response in watch:
            if response.event.event.HasField("preview"):
                previews.add(response.event.node)
            if response.node.state == pb.NODE_STATE_READY and response.node.depth:
                ready.add(response.node.name)
                if len(ready) == 8:
                    break
        watch.cancel()
        assert previews == ready
        assert {node.name for node in helpers.ended(await running)} == ready


async def test_a_replica_that_was_too_busy_to_renew_a_lease_sees_to_the_edit_once(
    stack, postgres, photo, engine, helpers, caplog
):
    address = postgres.new_database()
    async with (
        stack.editing() as editing,
        stack.design(editing.address, database=address, lease_seconds=600) as design,
        open_database(address, migrations=MIGRATIONS, setting="D", exclusive=False) as database,
    ):
        caller = stack.caller(design)
        root = (await caller.create_design(photo)).root
        engine.hold()
        call = asyncio.create_task(caller.edit_one(root.name))
        await engine.until(lambda engine: engine.running)
        lease = text("UPDATE nodes SET lease_time = :time WHERE state = 'running' AND lease_time > :time")
        async with asyncio.timeout(30):
            taken = 0
            while taken < 2:  # the first time it is ours, the second it was claimed again
                async with database.begin() as connection:
                    taken += (await connection.execute(lease, {"time": 1})).rowcount
        engine.go_on()
        assert (await call).state == pb.NODE_STATE_READY
    assert engine.begun == engine.done == [0]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_an_edit_is_cancelled_through_the_replica_that_does_not_see_to_it(
    replicas, photo, helpers, programs
):
    async with channel(replicas.addresses) as both:
        caller = helpers.caller(both)
        root = (await caller.create_design(photo)).root
        call = caller.stub.CreateNodes(helpers.edit_request(root.name, steps=200))
        name = (await call.read()).node.name
        await programs.until_preview(call)
        for design in replicas.designs:  # one of them sees to it; a second time changes nothing
            async with channel(design.address) as peer:
                request = pb.CancelNodeRequest(idempotency_key="stop", name=name)
                node = (await helpers.caller(peer).call("CancelNode", request)).node
                assert node.state == pb.NODE_STATE_CANCELLED
        async with asyncio.timeout(10):
            (node,) = helpers.ended([response async for response in call])
    assert node.state == pb.NODE_STATE_CANCELLED
    assert replicas.edits_done() == []


@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
async def test_rolling_sigterms_under_load_fail_no_call(
    tmp_path, postgres, programs, photo, helpers, figure, rounds
):
    async with (
        programs.running(tmp_path, postgres.new_database(), 2, LANGDESIGN_DRAIN_DELAY="1.5") as replicas,
        channel(replicas.addresses) as peers,
    ):
        load = helpers.load(helpers.caller(peers), photo, helpers)
        async with asyncio.TaskGroup() as group:
            for number in range(3):
                group.create_task(load.work(number))
            for number in range(rounds):
                replica = replicas.designs[number % 2]
                assert await replica.end() == 0
                await replica.start()
                await replica.ready()
            load.stopping.set()
    figure(
        f"promise 8: {len(load.failed)} of {load.succeeded + len(load.failed)} calls of designs failed over "
        f"{rounds} rolling SIGTERMs; {load.resumed} watches resumed",
        failed=len(load.failed),
    )
    assert load.failed == []
    assert load.resumed
