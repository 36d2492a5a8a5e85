import grpc
import numpy as np
import pytest
from langdesign.design.v1 import design_pb2 as pb
from langdesign.media.v1 import media_pb2


@pytest.fixture
async def branch(designer, root, helpers):
    """Two edits, one after another."""
    first = await designer.edit_one(root.name, region=helpers.box_region(2, 2, 6, 6), instruction="first")
    second = await designer.edit_one(
        first.name, region=helpers.box_region(16, 8, 6, 6), instruction="second", seed=9
    )
    return [first, second]


async def replay(designer, branch, **fields):
    request = pb.ReplayNodeRequest(**{"idempotency_key": "again", "name": branch[-1].name, **fields})
    return await designer.call("ReplayNode", request)


async def test_the_same_edits_on_the_same_root_come_out_the_same_as_a_new_chain(designer, root, branch):
    steps = await replay(designer, branch)
    assert [step.node for step in steps] == [node.name for node in branch]
    assert [step.identical for step in steps] == [True, True]
    assert steps[0].made.parent == root.name
    assert steps[1].made.parent == steps[0].made.name
    assert [step.made.pixels for step in steps] == [node.pixels for node in branch]
    assert {step.made.name for step in steps}.isdisjoint(node.name for node in branch)
    assert await replay(designer, branch) == steps


async def test_what_is_only_validated_leaves_nothing_behind(designer, root, branch):
    design = root.name.split("/nodes/")[0]
    before = await designer.nodes(design)
    steps = await replay(designer, branch, validate_only=True)
    assert [step.identical for step in steps] == [True, True]
    assert all(step.difference.changed_share == 0 and not step.HasField("made") for step in steps)
    assert await designer.nodes(design) == before


async def test_another_picture_becomes_another_design_without_regions_that_were_drawn(
    designer, root, helpers, refused
):
    whole = helpers.box_region()
    whole.whole = True
    node = await designer.edit_one(root.name, region=whole, seed=4)
    picture = np.random.default_rng(5).integers(0, 256, (40, 20, 3), np.uint8)
    image = media_pb2.Image(data=helpers.png(picture))
    (step,) = await replay(designer, [node], image=image)
    assert step.made.name.split("/nodes/")[0] != root.name.split("/nodes/")[0]
    assert (step.made.width, step.made.height) == (20, 40)
    assert not step.HasField("identical")
    assert not step.HasField("difference")
    made = await designer.pixels(step.made.name)
    np.testing.assert_array_equal(made, helpers.painted(picture, (), 4))
    drawn = await designer.edit_one(root.name)
    error = await refused(
        replay(designer, [drawn], idempotency_key="drawn", image=image), grpc.StatusCode.FAILED_PRECONDITION
    )
    assert drawn.name in error.details()


async def test_another_model_edits_within_the_masks_that_were_used(stack, photo, helpers):
    models = "edit=instruct_pix2pix,other=instruct_pix2pix"
    async with stack.editing(models=models) as editing, stack.design(editing.address) as design:
        caller = stack.caller(design)
        root = (await caller.create_design(photo)).root
        node = await caller.edit_one(root.name)
        (step,) = await replay(caller, [node], model="other")
        assert step.made.edit.model == "other"
        assert step.made.edit.region.mask == node.edit.mask
        masks = [helpers.decoded(one.edit.mask.png) for one in (node, step.made)]
        np.testing.assert_array_equal(*masks)


async def test_a_root_has_nothing_to_do_again(designer, root, refused):
    await refused(replay(designer, [root]), grpc.StatusCode.FAILED_PRECONDITION, "below it")


async def test_a_path_with_a_join_is_not_done_again_and_says_why(designer, root, branch, helpers, refused):
    other = await designer.edit_one(root.name, region=helpers.box_region(24, 18, 4, 4))
    request = pb.MergeNodesRequest(idempotency_key="m", base=branch[0].name, other=other.name)
    joined = (await designer.call("MergeNodes", request)).node
    await refused(replay(designer, [joined]), grpc.StatusCode.FAILED_PRECONDITION, "joins", "merge")
