import asyncio
import io

import grpc
import numpy as np
import pytest
from langdesign.design.v1 import design_pb2 as pb
from langdesign.media.v1 import media_pb2
from PIL import Image


async def test_a_design_begins_with_its_picture_as_root(designer, photo, pixels):
    made = await designer.create_design(photo, title="my room")
    design, root = made.design, made.root
    assert design.title == "my room"
    assert design.root == root.name
    assert design.node_count == 1
    assert design.revision >= 1
    assert design.cover == root.name
    assert root.state == pb.NODE_STATE_READY
    assert root.depth == 0
    assert not root.parent
    assert (root.width, root.height) == (pixels.shape[1], pixels.shape[0])
    assert not root.HasField("edit")
    assert not root.HasField("path_report")
    np.testing.assert_array_equal(await designer.pixels(root.name), pixels)
    assert (await designer.call("GetDesign", pb.GetDesignRequest(name=design.name))).design == design


async def test_the_same_call_creates_one_design(designer, photo):
    first = await designer.create_design(photo, key="once")
    assert await designer.create_design(photo, key="once") == first
    listed = await designer.call("ListDesigns", pb.ListDesignsRequest())
    assert [design.name for design in listed.designs] == [first.design.name]


async def test_designs_are_listed_page_by_page_the_last_changed_first(designer, photo):
    names = [(await designer.create_design(photo, title=str(number))).design.name for number in range(5)]
    listed, token = [], ""
    while True:
        page = await designer.call("ListDesigns", pb.ListDesignsRequest(page_size=2, page_token=token))
        listed += [design.name for design in page.designs]
        token = page.next_page_token
        if not token:
            break
    assert listed == names[::-1]


async def test_a_design_goes_to_the_bin_and_comes_back(designer, photo, refused):
    made = await designer.create_design(photo)
    name = made.design.name
    deleted = await designer.call("DeleteDesign", pb.DeleteDesignRequest(idempotency_key="d", name=name))
    days = deleted.design.purge_time.seconds - deleted.design.delete_time.seconds
    assert days == 30 * 24 * 3600
    assert not (await designer.call("ListDesigns", pb.ListDesignsRequest())).designs
    (binned,) = (await designer.call("ListDesigns", pb.ListDesignsRequest(deleted=True))).designs
    assert binned.name == name
    await refused(designer.edit(made.root.name), grpc.StatusCode.FAILED_PRECONDITION, "bin")
    await designer.call("UndeleteDesign", pb.UndeleteDesignRequest(idempotency_key="u", name=name))
    assert (await designer.edit_one(made.root.name)).state == pb.NODE_STATE_READY


def listing(root, **fields):
    return pb.ListNodesRequest(parent=root.name.split("/nodes/")[0], **fields)


async def test_what_was_in_the_bin_for_long_is_gone_for_good(stack, photo, refused):
    async with stack.editing() as editing:
        async with stack.design(editing.address) as design:
            caller = stack.caller(design)
            root = (await caller.create_design(photo)).root
            node = await caller.edit_one(root.name)
            await caller.call("DeleteNode", pb.DeleteNodeRequest(idempotency_key="d", name=node.name))
            assert (await caller.node(node.name)).HasField("delete_time")
        async with stack.design(editing.address, purge_days=1e-9) as design:
            caller = stack.caller(design)
            async with asyncio.timeout(10):
                while (  # noqa: ASYNC110 - nobody tells of what is purged
                    await caller.call("ListNodes", listing(root, deleted=True))
                ).nodes:
                    await asyncio.sleep(0.05)
            await refused(caller.node(node.name), grpc.StatusCode.NOT_FOUND)
            assert (await caller.node(root.name)).name == root.name


async def test_a_branch_goes_to_the_bin_and_comes_back(designer, root, refused):
    child = await designer.edit_one(root.name)
    grandchild = await designer.edit_one(child.name, seed=1)
    request = pb.DeleteNodeRequest(idempotency_key="d", name=child.name)
    assert set((await designer.call("DeleteNode", request)).nodes) == {child.name, grandchild.name}
    assert [node.name for node in await designer.nodes(root.name.split("/nodes/")[0])] == [root.name]
    request = pb.UndeleteNodeRequest(idempotency_key="u", name=grandchild.name)
    assert set((await designer.call("UndeleteNode", request)).nodes) == {child.name, grandchild.name}
    request = pb.DeleteNodeRequest(idempotency_key="r", name=root.name)
    await refused(designer.call("DeleteNode", request), grpc.StatusCode.FAILED_PRECONDITION, "design")


async def test_nodes_are_found_by_words_of_instructions_and_notes(designer, root):
    design = root.name.split("/nodes/")[0]
    green = await designer.edit_one(root.name, instruction="Make the sofa green")
    await designer.edit_one(root.name, instruction="Remove the lamp", seed=1)
    for parent in (design, "designs/-"):
        found = await designer.call("SearchNodes", pb.SearchNodesRequest(parent=parent, query="sof GREEN"))
        assert [node.name for node in found.nodes] == [green.name]
    none = await designer.call("SearchNodes", pb.SearchNodesRequest(parent=design, query="sofa lamp"))
    assert not none.nodes


async def test_an_old_etag_loses_and_changes_nothing(designer, root, refused):
    node = await designer.edit_one(root.name)

    def update(key, note, etag):
        said = pb.Node(name=node.name, note=note, etag=etag)
        request = pb.UpdateNodeRequest(idempotency_key=key, node=said)
        request.update_mask.paths[:] = ["note"]
        return designer.call("UpdateNode", request)

    first = (await update("a", "first", node.etag)).node
    assert first.note == "first"
    assert first.etag != node.etag
    await refused(update("b", "second", node.etag), grpc.StatusCode.ABORTED)
    assert (await designer.node(node.name)).note == "first"
    assert (await update("c", "third", "")).node.note == "third"


async def test_masks_are_listed_only_where_they_are_asked_for(designer, root, helpers, pixels):
    design = root.name.split("/nodes/")[0]
    drawn = np.zeros(pixels.shape[:2], bool)
    drawn[3:9, 3:9] = True
    await designer.edit_one(root.name, region=helpers.mask_region(drawn))
    for with_masks in (False, True):
        request = pb.ListNodesRequest(parent=design, with_masks=with_masks)
        node = (await designer.call("ListNodes", request)).nodes[-1]
        assert node.edit.HasField("mask") == node.edit.region.HasField("mask") == with_masks


async def test_a_path_leads_from_the_root_to_the_node(designer, root):
    child = await designer.edit_one(root.name)
    grandchild = await designer.edit_one(child.name)
    found = await designer.call("GetNode", pb.GetNodeRequest(name=grandchild.name))
    assert list(found.path) == [root.name, child.name, grandchild.name]


async def test_pictures_come_smaller_and_in_other_formats(designer, root, pixels):
    request = pb.GetPictureRequest(name=root.name, max_side=16)
    small = await designer.call("GetPicture", request)
    assert (small.width, small.height) == (16, 12)
    assert small.image.data.startswith(b"\xff\xd8")
    whole = await designer.call(
        "GetPicture", pb.GetPictureRequest(name=root.name, format=media_pb2.IMAGE_FORMAT_WEBP)
    )
    with Image.open(io.BytesIO(whole.image.data)) as image:
        assert image.format == "WEBP"
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), pixels)


async def test_thumbnails_come_in_the_order_asked_for_without_nodes_that_are_not_ready(
    designer, root, engine, refused
):
    from langdesign_chassis import errors

    ready = await designer.edit_one(root.name)
    engine.failure = errors.InvalidArgument("no")
    failed = await designer.edit_one(root.name, seed=1)
    names = [ready.name, failed.name, root.name]
    for parent in (root.name.split("/nodes/")[0], "designs/-"):
        request = pb.BatchGetThumbnailsRequest(parent=parent, names=names)
        thumbnails = (await designer.call("BatchGetThumbnails", request)).thumbnails
        assert [one.node for one in thumbnails] == [ready.name, root.name]
        assert all((one.width, one.height) == (32, 24) for one in thumbnails)
        assert all(one.jpeg.startswith(b"\xff\xd8") for one in thumbnails)
    request = pb.BatchGetThumbnailsRequest(parent="designs/other", names=names)
    await refused(designer.call("BatchGetThumbnails", request), grpc.StatusCode.INVALID_ARGUMENT, "designs/-")


async def test_two_nodes_are_compared_from_their_common_ancestor_on(designer, root, helpers):
    trunk = await designer.edit_one(root.name, region=helpers.box_region(0, 0, 4, 4))
    one = await designer.edit_one(trunk.name, seed=1)
    other = await designer.edit_one(trunk.name, seed=2)
    compared = await designer.call("CompareNodes", pb.CompareNodesRequest(base=one.name, other=other.name))
    assert compared.ancestor == trunk.name
    assert list(compared.base_path) == [one.name]
    assert list(compared.other_path) == [other.name]
    assert 0 < compared.difference.changed_share < 1
    assert helpers.decoded(compared.changed.png)[5:11, 4:12].all()
    same = await designer.call("CompareNodes", pb.CompareNodesRequest(base=one.name, other=one.name))
    assert same.difference.changed_share == 0
    assert not same.HasField("changed")


async def test_two_branches_that_change_different_places_are_joined_once(
    designer, root, helpers, refused, pixels
):
    one = await designer.edit_one(root.name, region=helpers.box_region(1, 1, 5, 5))
    other = await designer.edit_one(root.name, region=helpers.box_region(22, 14, 6, 6), seed=1)
    request = pb.MergeNodesRequest(idempotency_key="m", base=one.name, other=other.name)
    joined = (await designer.call("MergeNodes", request)).node
    assert joined.parent == one.name
    assert joined.merged == other.name
    assert joined.depth == 2
    assert joined.state == pb.NODE_STATE_READY
    assert not joined.HasField("edit")
    expected = await designer.pixels(one.name)
    theirs = await designer.pixels(other.name)
    differs = (theirs != pixels).any(axis=2)
    expected = np.where(differs[..., None], theirs, expected)
    np.testing.assert_array_equal(await designer.pixels(joined.name), expected)
    assert (await designer.call("MergeNodes", request)).node == joined
    clash = await designer.edit_one(root.name, region=helpers.box_region(3, 3, 5, 5), seed=2)
    request = pb.MergeNodesRequest(idempotency_key="n", base=one.name, other=clash.name)
    await refused(designer.call("MergeNodes", request), grpc.StatusCode.FAILED_PRECONDITION, "same")


@pytest.mark.parametrize("pictures", [pb.EXPORT_PICTURES_NONE, pb.EXPORT_PICTURES_ALL])
async def test_an_archive_becomes_a_design_with_the_same_pictures(designer, root, pictures):
    child = await designer.edit_one(root.name, instruction="a sofa")
    await designer.edit_one(child.name, seed=1)
    design = root.name.split("/nodes/")[0]
    parts = await designer.call("ExportDesign", pb.ExportDesignRequest(name=design, pictures=pictures))
    assert all(0 < len(part.data) <= 1 << 20 for part in parts)
    request = pb.ImportDesignRequest(idempotency_key="i", archive=b"".join(part.data for part in parts))
    imported = (await designer.call("ImportDesign", request)).design
    assert imported.name != design
    assert imported.node_count == 3
    assert (await designer.call("ImportDesign", request)).design.name == imported.name
    before, after = await designer.nodes(design), await designer.nodes(imported.name)
    assert [node.pixels for node in after] == [node.pixels for node in before]
    assert [node.edit.instruction for node in after] == [node.edit.instruction for node in before]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(await designer.pixels(one.name), await designer.pixels(other.name))
    more = await designer.edit_one(after[-1].name, seed=2)
    assert more.state == pb.NODE_STATE_READY
    assert more.depth == 3
