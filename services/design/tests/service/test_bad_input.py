import grpc
import numpy as np
import pytest
from langdesign.design.v1 import design_pb2 as pb
from langdesign.editing.v1 import editing_pb2
from langdesign.media.v1 import media_pb2

INVALID = grpc.StatusCode.INVALID_ARGUMENT


def updated(request, *paths):
    request.update_mask.paths[:] = paths
    return request


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"GIF89a not a picture", ["PNG, JPEG or WebP"]),
        (b"\x89PNG\r\n\x1a\n", ["image"]),
        (b"\xff\xd8\xff\xe0 and nothing more", ["image"]),
    ],
)
async def test_what_is_no_picture_is_refused_with_what_to_do(designer, data, words, refused):
    await refused(designer.create_design(data), INVALID, *words)


async def test_a_picture_of_too_many_pixels_is_refused_with_the_limit(designer, refused):
    from langdesign_media.png import write_png

    flat = write_png(np.zeros((7200, 7200, 3), np.uint8))
    await refused(designer.create_design(flat), INVALID, "50")


async def test_a_blob_that_is_gone_is_told_as_lost_with_a_way_on(stack, photo, refused):
    async with stack.editing() as editing, stack.design(editing.address) as design:
        caller = stack.caller(design)
        root = (await caller.create_design(photo)).root
        node = await caller.edit_one(root.name)
    for path in (stack.folder / "blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    async with stack.editing() as editing, stack.design(editing.address) as design:
        caller = stack.caller(design)
        for request in (pb.GetPictureRequest(name=node.name), pb.GetPictureRequest(name=root.name)):
            await refused(caller.call("GetPicture", request), grpc.StatusCode.DATA_LOSS, "backup")
        assert (
            await caller.call("GetDesign", pb.GetDesignRequest(name=node.name.split("/nodes/")[0]))
        ).design


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"instruction": ""}, ["instruction"]),
        ({"candidates": 9}, ["candidates"]),
        ({"parent": "designs/x"}, ["parent"]),
        ({"options": {"seed": 2**63 - 1}, "candidates": 2}, ["options.seed", "at most"]),
        ({"region": editing_pb2.Region(box=media_pb2.Box(x=0, y=0, width=99, height=2))}, ["region.box"]),
        ({"region": editing_pb2.Region(mask=media_pb2.Mask(png=b"no"))}, ["region.mask"]),
    ],
)
async def test_a_wrong_request_for_edits_names_its_field_and_makes_no_node(
    designer, root, helpers, refused, fields, words
):
    request = helpers.edit_request(**{"parent": root.name, **fields})
    await refused(designer.call("CreateNodes", request), INVALID, *words)
    assert len(await designer.nodes(root.name.split("/nodes/")[0])) == 1


async def test_a_mask_of_another_size_names_both_sizes(designer, root, helpers, refused):
    request = helpers.edit_request(root.name, region=helpers.mask_region(np.ones((10, 10), bool)))
    await refused(designer.call("CreateNodes", request), INVALID, "region.mask", "10x10", "32x24")


async def test_a_node_without_a_picture_is_edited_by_nobody(designer, root, engine, helpers, refused):
    engine.hold()
    call = designer.stub.CreateNodes(helpers.edit_request(root.name))
    running = (await call.read()).node
    precondition = grpc.StatusCode.FAILED_PRECONDITION
    await refused(designer.edit(running.name), precondition, "under way", "once it is ready")
    request = pb.GetPictureRequest(name=running.name)
    await refused(designer.call("GetPicture", request), precondition, "once it is ready")
    call.cancel()


async def test_fields_that_cannot_be_changed_are_named_with_those_that_can(designer, root, refused):
    request = updated(pb.UpdateNodeRequest(idempotency_key="u", node=root), "pixels", "note")
    await refused(designer.call("UpdateNode", request), INVALID, "pixels", "favourite, hidden, note, title")
    request = updated(pb.UpdateNodeRequest(idempotency_key="u", node=root))
    await refused(designer.call("UpdateNode", request), INVALID, "update_mask names no field")
    long = pb.Node(name=root.name, title="x" * 201)
    request = updated(pb.UpdateNodeRequest(idempotency_key="u", node=long), "title")
    await refused(designer.call("UpdateNode", request), INVALID, "node.title", "200", "shorten")
    request = updated(pb.UpdateNodeRequest(idempotency_key="u", node=pb.Node(name="mine")), "title")
    await refused(designer.call("UpdateNode", request), INVALID, "node.name", "designs/{id}/nodes/{id}")
    request = updated(pb.UpdateDesignRequest(idempotency_key="u", design=pb.Design(name="mine")), "title")
    await refused(designer.call("UpdateDesign", request), INVALID, "design.name", "designs/{id}")


async def test_nodes_of_two_designs_are_neither_compared_nor_joined(designer, root, photo, refused):
    other = (await designer.create_design(photo)).root
    request = pb.CompareNodesRequest(base=root.name, other=other.name)
    await refused(designer.call("CompareNodes", request), INVALID, "two designs")
    request = pb.MergeNodesRequest(idempotency_key="m", base=root.name, other=other.name)
    await refused(designer.call("MergeNodes", request), INVALID, "two designs")


async def test_a_page_token_that_is_none_is_refused(designer, root, refused):
    design = root.name.split("/nodes/")[0]
    for method, request in (
        ("ListDesigns", pb.ListDesignsRequest(page_token="next")),
        ("ListNodes", pb.ListNodesRequest(parent=design, page_token="next")),
        ("SearchNodes", pb.SearchNodesRequest(parent=design, query="a", page_token="next")),
    ):
        await refused(designer.call(method, request), INVALID, "page_token")


@pytest.mark.parametrize("archive", [b"PK\x03\x04", b"no archive at all", b"PK\x05\x06" + bytes(18)])
async def test_what_is_no_archive_of_a_design_is_refused(designer, archive, refused):
    request = pb.ImportDesignRequest(idempotency_key="i", archive=archive)
    await refused(designer.call("ImportDesign", request), INVALID, "archive")
    assert not (await designer.call("ListDesigns", pb.ListDesignsRequest())).designs


async def test_what_names_nothing_is_not_found_with_a_hint(designer, root, refused):
    missing = f"{root.name.split('/nodes/')[0]}/nodes/none"
    await refused(designer.node(missing), grpc.StatusCode.NOT_FOUND)
    request = pb.GetDesignRequest(name="designs/none")
    await refused(designer.call("GetDesign", request), grpc.StatusCode.NOT_FOUND)
    request = pb.BatchGetThumbnailsRequest(parent="designs/-", names=[root.name, missing])
    await refused(designer.call("BatchGetThumbnails", request), grpc.StatusCode.NOT_FOUND, missing)
