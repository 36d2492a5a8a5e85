import asyncio

import grpc
import numpy as np
from langdesign.design.v1 import design_pb2 as pb
from langdesign.editing.v1 import editing_pb2
from langdesign_chassis import errors


async def test_an_edit_becomes_a_child_whose_picture_differs_inside_its_region_alone(
    designer, root, pixels, helpers
):
    responses = await designer.call("CreateNodes", helpers.edit_request(root.name, seed=3))
    first, last = responses[0].node, responses[-1].node
    assert first.state == pb.NODE_STATE_RUNNING
    assert first.parent == root.name
    assert last.state == pb.NODE_STATE_READY
    assert last.depth == 1
    assert last.name == first.name
    assert (last.width, last.height) == (root.width, root.height)
    assert last.path_report.outside.changed_share == 0
    assert last.edit.result.report.outside.changed_share == 0
    assert last.edit.result.checkpoint == "painter@sha256:0"
    assert not last.edit.result.HasField("image")
    after = await designer.pixels(last.name)
    differs = (after != pixels).any(axis=2)
    assert differs[5:11, 4:12].all()
    inside = last.path_report.inside
    assert differs.sum() == round(inside.changed_share * inside.pixels)
    kept = await designer.node(last.name)
    assert kept == last
    assert helpers.decoded(kept.edit.mask.png)[5:11, 4:12].all()


async def test_events_come_between_a_nodes_begin_and_its_end_without_pictures_of_results(
    designer, root, helpers
):
    responses = await designer.call("CreateNodes", helpers.edit_request(root.name, steps=3))
    kinds = [
        response.edit.event.WhichOneof("event") if response.HasField("edit") else "node"
        for response in responses
    ]
    assert kinds[0] == kinds[-1] == "node"
    assert kinds[1:-1] == ["mask", "preview", "preview", "result"]
    assert all(
        not response.edit.event.result.HasField("image")
        for response in responses
        if response.HasField("edit")
    )


async def test_candidates_take_seeds_one_after_another_and_stay_as_siblings_of_one_group(
    designer, root, helpers
):
    nodes = await designer.edit(root.name, seed=40, candidates=3)
    assert [node.edit.options.seed for node in nodes] == [40, 41, 42]
    assert {node.parent for node in nodes} == {root.name}
    assert len({node.group for node in nodes}) == 1
    assert nodes[0].group
    assert len({node.pixels for node in nodes}) == 3
    again = await designer.edit_one(root.name, seed=40)
    assert again.pixels == nodes[0].pixels
    assert again.group != nodes[0].group


async def test_an_equal_request_joins_and_another_under_its_key_is_refused(
    designer, root, engine, helpers, refused
):
    engine.hold()
    request = helpers.edit_request(root.name, key="one")
    first = asyncio.create_task(designer.call("CreateNodes", request))
    await engine.until(lambda engine: engine.begun)
    second = asyncio.create_task(designer.call("CreateNodes", request))
    other = helpers.edit_request(root.name, key="one", seed=1)
    await refused(designer.call("CreateNodes", other), grpc.StatusCode.ALREADY_EXISTS, "key")
    engine.go_on()
    one, two = helpers.ended(await first), helpers.ended(await second)
    assert one == two
    assert one[0].state == pb.NODE_STATE_READY
    assert helpers.ended(await designer.call("CreateNodes", request)) == one
    assert engine.done == [0]


async def test_closing_the_stream_stops_nothing(designer, root, engine, helpers):
    engine.hold()
    call = designer.stub.CreateNodes(helpers.edit_request(root.name))
    name = (await call.read()).node.name
    await engine.until(lambda engine: engine.begun)
    call.cancel()
    engine.go_on()
    await engine.until(lambda engine: engine.done)
    watch = designer.stub.WatchDesign(pb.WatchDesignRequest(name=name.split("/nodes/")[0]))
    async with asyncio.timeout(10):
        async for response in watch:
            if response.node.name == name and response.node.state == pb.NODE_STATE_READY:
                break
    watch.cancel()
    assert engine.done == [0]


async def test_cancelling_a_node_stops_its_edit_within_a_step_and_repeats_harmlessly(
    designer, root, engine, helpers
):
    engine.hold()
    running = asyncio.create_task(designer.call("CreateNodes", helpers.edit_request(root.name, steps=50)))
    await engine.until(lambda engine: engine.begun)
    (name,) = [node.name for node in await designer.nodes(root.name.split("/nodes/")[0]) if node.depth]
    for _ in range(2):
        request = pb.CancelNodeRequest(idempotency_key="stop", name=name)
        assert (await designer.call("CancelNode", request)).node.state == pb.NODE_STATE_CANCELLED
    await engine.until(lambda engine: not engine.running)
    (node,) = helpers.ended(await running)
    assert node.state == pb.NODE_STATE_CANCELLED
    assert engine.done == []


async def test_cancelling_a_node_that_is_ready_changes_nothing(designer, root):
    node = await designer.edit_one(root.name)
    request = pb.CancelNodeRequest(idempotency_key="stop", name=node.name)
    assert (await designer.call("CancelNode", request)).node == node


async def test_what_has_nothing_to_change_is_a_node_with_its_parents_picture_and_the_reason(
    designer, root, pixels, helpers
):
    nothing = helpers.mask_region(np.zeros(pixels.shape[:2], bool))
    node = await designer.edit_one(root.name, region=nothing)
    assert node.state == pb.NODE_STATE_READY
    assert node.pixels == root.pixels
    assert node.edit.result.no_op_reason == editing_pb2.NO_OP_REASON_EMPTY_MASK
    assert not node.edit.HasField("mask")
    np.testing.assert_array_equal(await designer.pixels(node.name), pixels)


async def test_a_failed_edit_keeps_its_node_with_code_and_words_and_can_be_asked_for_anew(
    designer, root, engine
):
    engine.failure = errors.InvalidArgument("the instruction is too long", hint="shorten it")
    node = await designer.edit_one(root.name)
    assert node.state == pb.NODE_STATE_FAILED
    assert node.failure.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert "too long; shorten it" in node.failure.message
    engine.failure = None
    assert (await designer.edit_one(root.name)).state == pb.NODE_STATE_READY
    assert (await designer.node(node.name)).state == pb.NODE_STATE_FAILED


async def test_an_edit_waits_out_an_engine_that_is_not_there_for_the_moment(designer, root, engine, helpers):
    engine.failure = errors.Unavailable("the model server restarts")
    running = asyncio.create_task(designer.call("CreateNodes", helpers.edit_request(root.name)))
    await engine.until(lambda engine: len(engine.begun) >= 2)
    engine.failure = None
    (node,) = helpers.ended(await running)
    assert node.state == pb.NODE_STATE_READY
    assert engine.done == [0]


async def test_an_edit_fails_with_what_to_do_once_nobodys_patience_is_left(stack, photo, engine):
    async with stack.editing() as editing, stack.design(editing.address, patience_seconds=0.3) as design:
        caller = stack.caller(design)
        root = (await caller.create_design(photo)).root
        engine.failure = errors.Unavailable("the model server is not there", hint="ask again later")
        node = await caller.edit_one(root.name)
    assert node.state == pb.NODE_STATE_FAILED
    assert node.failure.code == grpc.StatusCode.UNAVAILABLE.value[0]
    assert "ask again later" in node.failure.message
    assert len(engine.begun) >= 2


async def test_edits_of_edits_leave_what_no_edit_touched_as_it_was_in_the_root(
    designer, root, pixels, helpers
):
    parent, boxes = root, [(2, 2, 5, 5), (20, 3, 6, 6), (10, 14, 8, 8)]
    for seed, box in enumerate(boxes):
        parent = await designer.edit_one(parent.name, region=helpers.box_region(*box), seed=seed)
    assert parent.depth == 3
    assert parent.path_report.outside.changed_share == 0
    after = await designer.pixels(parent.name)
    assert (after == pixels).all(axis=2).sum() >= parent.path_report.outside.pixels > 0


async def test_no_more_edits_are_under_way_than_allowed_and_the_others_wait(stack, photo, engine, helpers):
    async with stack.editing() as editing, stack.design(editing.address, concurrency=2) as design:
        caller = stack.caller(design)
        root = (await caller.create_design(photo)).root
        engine.hold()
        running = asyncio.create_task(
            caller.call("CreateNodes", helpers.edit_request(root.name, candidates=6))
        )
        await engine.until(lambda engine: engine.running == 2)
        engine.go_on()
        nodes = helpers.ended(await running)
        assert [node.state for node in nodes] == [pb.NODE_STATE_READY] * 6
        assert engine.most == 2


async def test_edits_are_counted_by_how_they_ended(stack, photo, engine):
    async with stack.editing() as editing, stack.design(editing.address) as design:
        caller = stack.caller(design)
        root = (await caller.create_design(photo)).root
        await caller.edit(root.name, candidates=2)
        engine.failure = errors.InvalidArgument("no")
        await caller.edit(root.name)

        def count(state):
            return design.runtime.registry.get_sample_value(
                "langdesign_design_seconds_count", {"state": state}
            )

        assert (count("ready"), count("failed")) == (2, 1)
        assert design.runtime.registry.get_sample_value("langdesign_design_running") == 0


async def test_a_plan_tells_where_an_instruction_acts_and_keeps_nothing(designer, root, helpers):
    request = pb.PlanNodeRequest(parent=root.name, instruction="paint it", region=helpers.box_region())
    plan = (await designer.call("PlanNode", request)).plan
    assert helpers.decoded(plan.mask.mask.png)[5:11, 4:12].all()
    assert (plan.mask.box.x, plan.mask.box.width) == (4, 8)
    assert len(await designer.nodes(root.name.split("/nodes/")[0])) == 1


async def test_a_shared_store_carries_pictures_by_reference(stack, photo, pixels):
    async with (
        stack.editing() as editing,
        stack.design(editing.address, shared_blobs=True) as design,
    ):
        caller = stack.caller(design)
        root = (await caller.create_design(photo)).root
        node = await caller.edit_one((await caller.edit_one(root.name)).name, seed=1)
        assert node.state == pb.NODE_STATE_READY
        assert not np.array_equal(await caller.pixels(node.name), pixels)
