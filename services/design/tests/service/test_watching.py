import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import grpc
import pytest
from langdesign.design.v1 import design_pb2 as pb
from langdesign_chassis import channel
from langdesign_chassis.settings import DrainSettings
from langdesign_chassis.testing import test_settings


class Watch:
    """A stream that follows a design."""

    def __init__(self, caller, design, after=0):
        request = pb.WatchDesignRequest(name=design, after_revision=after)
        self.call = caller.stub.WatchDesign(request, metadata=caller.metadata, timeout=60)
        self.revision = after

    async def next(self):
        async with asyncio.timeout(10):
            response = await self.call.read()
        assert response is not grpc.aio.EOF
        assert response.HasField("event") or response.revision >= self.revision
        self.revision = max(self.revision, response.revision)
        return response

    async def until(self, holds):
        """Returns what came up to the first response for which something holds."""
        seen = []
        while not seen or not holds(seen[-1]):
            seen.append(await self.next())
        return seen


@asynccontextmanager
async def watching(caller, design, after=0):
    watch = Watch(caller, design, after)
    try:
        yield watch
    finally:
        watch.call.cancel()


def is_current(response):
    return response.current


def is_ready(response):
    return response.node.depth > 0 and response.node.state == pb.NODE_STATE_READY


@pytest.fixture
def design(root):
    return root.name.split("/nodes/")[0]


async def test_a_watcher_gets_all_that_is_there_then_a_mark_then_what_happens(
    designer, root, design, helpers
):
    made = await designer.edit_one(root.name)
    async with watching(designer, design) as watch:
        before = await watch.until(is_current)
        assert {one.node.name for one in before if one.HasField("node")} == {root.name, made.name}
        assert [one.design.name for one in before if one.HasField("design")] == [design]
        running = asyncio.create_task(designer.call("CreateNodes", helpers.edit_request(root.name, seed=1)))
        live = await watch.until(is_ready)
        (node,) = helpers.ended(await running)
        assert live[-1].node.name == node.name
        assert any(one.event.node == node.name for one in live if one.HasField("event"))


async def test_a_watcher_goes_on_from_the_revision_that_it_knows(designer, root, design):
    async with watching(designer, design) as watch:
        known = (await watch.until(is_current))[-1].revision
    made = await designer.edit_one(root.name)
    async with watching(designer, design, known) as watch:
        missed = await watch.until(is_current)
        assert {one.node.name for one in missed if one.HasField("node")} == {made.name}
    async with watching(designer, design, watch.revision) as watch:
        assert [one.current for one in await watch.until(is_current)] == [True]


async def test_remarks_and_deletions_reach_watchers(designer, root, design):
    node = await designer.edit_one(root.name)
    async with watching(designer, design) as watch:
        await watch.until(is_current)
        said = pb.Node(name=node.name, title="the green one", favourite=True)
        request = pb.UpdateNodeRequest(idempotency_key="say", node=said)
        request.update_mask.paths[:] = ["title", "favourite"]
        await designer.call("UpdateNode", request)
        seen = await watch.until(lambda one: one.node.title == "the green one")
        assert seen[-1].node.favourite
        await designer.call("DeleteNode", pb.DeleteNodeRequest(idempotency_key="bin", name=node.name))
        await watch.until(lambda one: one.node.name == node.name and one.node.HasField("delete_time"))
        renamed = pb.UpdateDesignRequest(idempotency_key="r", design=pb.Design(name=design, title="loft"))
        renamed.update_mask.paths[:] = ["title"]
        await designer.call("UpdateDesign", renamed)
        await watch.until(lambda one: one.design.title == "loft")


async def test_a_watcher_that_does_not_read_holds_nobody_up(designer, root, design):
    async with watching(designer, design), watching(designer, design) as quick:
        await quick.until(is_current)
        for seed in range(5):
            await designer.edit_one(root.name, seed=seed)
            await quick.until(is_ready)


async def test_many_watchers_of_a_design_cost_one_poll(designer, root, design, monkeypatch):
    from langdesign_design.sql_store import SqlDesignStore

    polls, original = [], SqlDesignStore.changes

    async def counted(self, tenant, design, after):
        polls.append(after)
        return await original(self, tenant, design, after)

    monkeypatch.setattr(SqlDesignStore, "changes", counted)
    watches = [Watch(designer, design) for _ in range(20)]
    for watch in watches:
        await watch.until(is_current)
    polls.clear()
    await designer.edit_one(root.name)
    for watch in watches:
        await watch.until(is_ready)
    assert len(polls) < 20
    for watch in watches:
        watch.call.cancel()


async def test_watchers_end_at_once_with_unavailable_when_the_service_stops(stack, photo, helpers):
    stack.chassis = lambda: test_settings(drain=DrainSettings(delay=0, grace=20))
    async with stack.editing() as editing, AsyncExitStack() as peers:
        async with stack.design(editing.address) as served:
            caller = helpers.caller(await peers.enter_async_context(channel(served.address)))
            design = (await caller.create_design(photo)).design
            watch = Watch(caller, design.name)
            await watch.until(is_current)
        async with asyncio.timeout(5):
            assert await watch.call.code() is grpc.StatusCode.UNAVAILABLE
        assert "after the last revision" in str(await watch.call.trailing_metadata())
