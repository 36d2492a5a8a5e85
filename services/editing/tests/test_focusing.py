"""Pictures larger than the network's working size: the engine sees a crop, the caller gets the picture."""

import io

import grpc
import numpy as np
import pytest
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign.reference.v1 import reference_pb2
from langdesign_chassis.errors import StartError
from langdesign_editing.backend import BackendRequest
from langdesign_editing.focusing import FocusedBackend
from langdesign_editing.parameters import engine_parameters
from langdesign_editing.plan_messages import plan_from_message
from langdesign_editing.sampling import read_sampling
from langdesign_editing.settings import EditingSettings
from langdesign_edits import Box, EditSpec, InstructPix2PixOptions, box_mask, dilated
from langdesign_edits.put_back import feather_width
from langdesign_media import encode
from PIL import Image

WIDTH, HEIGHT = 900, 600
ROOM = Box(300, 200, 260, 240)


@pytest.fixture(scope="module")
def large():
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    grain = np.random.default_rng(3).integers(0, 9, (HEIGHT, WIDTH, 3))
    light = np.stack([rows // 4, columns // 5, (rows + columns) // 8], axis=2)
    return (light + grain).astype(np.uint8)


@pytest.fixture
async def editing(start):
    """The service with a checkpoint that knows 128 pixels."""
    settings = EditingSettings(decoders=1, working_size=128, native_factor=33)
    async with start(settings=settings) as service:
        yield service


def request_of(pixels, region, key="k", **options):
    return pb.EditRequest(
        idempotency_key=key,
        image=media_pb2.Image(data=encode(pixels)),
        instruction="make it red",
        region=region,
        options=pb.EditOptions(instruct_pix2pix={"steps": 2}, preview_every=1, **options),
    )


def region_of(box):
    return pb.Region(box=media_pb2.Box(x=box.x, y=box.y, width=box.width, height=box.height))


def decoded(image):
    return np.asarray(Image.open(io.BytesIO(image.data)))


async def test_a_region_of_a_large_picture_reaches_the_engine_as_a_crop_at_its_working_size(editing, large):
    responses = await editing.edit(request_of(large, region_of(ROOM)))
    [seen], result = editing.engine.requests, responses[-1].event.result
    assert seen.pixels.shape == (result.focus.height, result.focus.width, 3)
    assert seen.pixels.shape[0] * seen.pixels.shape[1] <= 128 * 128
    assert seen.masks[0].shape == seen.pixels.shape[:2]
    assert seen.parameters["preserve"] == "latent"
    box = result.focus.box
    assert box.x <= ROOM.x - 130
    assert box.x + box.width >= ROOM.x + ROOM.width + 130
    assert decoded(result.image).shape == large.shape


async def test_no_pixel_of_a_large_picture_changes_beyond_the_feather_and_the_report_counts_to_there(
    editing, large
):
    result = (await editing.edit(request_of(large, region_of(ROOM), feather=4)))[-1].event.result
    pixels, inside = decoded(result.image), box_mask(ROOM, width=WIDTH, height=HEIGHT)
    scale = result.focus.box.width / result.focus.width
    near = dilated(inside, round(4 * scale) + 1)
    np.testing.assert_array_equal(pixels[~near], large[~near])
    assert np.abs(pixels[inside].astype(int) - (255 - large[inside].astype(int))).mean() < 6
    report = result.report
    assert report.outside.changed_share == 0
    assert report.inside.pixels > ROOM.width * ROOM.height
    assert report.inside.pixels + report.outside.pixels == WIDTH * HEIGHT


async def test_the_feather_follows_the_networks_size_unless_the_caller_says_one(editing, large):
    await editing.edit(request_of(large, region_of(ROOM)))
    await editing.edit(request_of(large, region_of(ROOM), key="another", feather=8))
    assert [request.parameters["feather"] for request in editing.engine.requests] == [2, 8]


async def test_the_whole_of_a_large_picture_is_edited_small_and_returned_large(editing, large):
    result = (await editing.edit(request_of(large, pb.Region(whole=True))))[-1].event.result
    [seen] = editing.engine.requests
    assert seen.pixels.shape[0] * seen.pixels.shape[1] <= 128 * 128
    assert (result.focus.box.width, result.focus.box.height) == (WIDTH, HEIGHT)
    pixels = decoded(result.image)
    assert pixels.shape == large.shape
    assert np.abs(pixels.astype(int) - (255 - large.astype(int))).mean() < 6


async def test_previews_of_a_crop_show_the_whole_picture(editing, large):
    responses = await editing.edit(request_of(large, region_of(ROOM)))
    preview = decoded(responses[1].event.preview.image)
    assert preview.shape[1] / preview.shape[0] == pytest.approx(WIDTH / HEIGHT, rel=0.1)


async def test_a_caller_may_have_the_whole_picture_seen_as_it_is(editing, large):
    responses = await editing.edit(request_of(large, region_of(ROOM), native=True))
    [seen], result = editing.engine.requests, responses[-1].event.result
    np.testing.assert_array_equal(seen.pixels, large)
    assert seen.parameters["preserve"] == "strict"
    assert (result.focus.height, result.focus.width) == (HEIGHT, WIDTH)


async def test_a_picture_of_the_working_size_reaches_the_engine_as_it_is(editing, large):
    small = np.ascontiguousarray(large[:100, :120])
    responses = await editing.edit(request_of(small, region_of(Box(20, 20, 40, 40))))
    np.testing.assert_array_equal(editing.engine.requests[0].pixels, small)
    assert responses[-1].event.result.focus.box == media_pb2.Box(width=120, height=100)


async def test_a_picture_too_narrow_to_be_scaled_is_refused_in_pixels(editing):
    thread = np.zeros((8, 8000, 3), np.uint8)
    with pytest.raises(grpc.aio.AioRpcError, match="spans 8000x8 px") as caught:
        await editing.edit(request_of(thread, pb.Region(whole=True)))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert editing.engine.requests == []


async def test_an_edit_of_a_crop_that_is_cancelled_stops_the_engine(editing, large):
    editing.engine.hold()
    call = editing.stub.Edit(request_of(large, region_of(ROOM)))
    operation = (await call.read()).operation_id
    editing.engine.allow(1)
    await editing.engine.until(1)
    await editing.cancel(operation)
    with pytest.raises(grpc.aio.AioRpcError):
        [_ async for _ in call]
    assert editing.engine.closed == 1


@pytest.mark.parametrize("size", [(1024, 1025), (16, 4104)])
async def test_a_picture_too_large_to_be_edited_as_it_is_is_refused_in_pixels_before_any_work(
    with_peers, reader, segmenter, size
):
    with pytest.raises(grpc.aio.AioRpcError, match="at most 4096 a side and 1,048,576 in all") as caught:
        await with_peers.edit(request_of(np.zeros((*size, 3), np.uint8), None, native=True))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert (reader.requests, segmenter.requests, with_peers.engine.requests) == ([], [], [])


@pytest.mark.parametrize(("factor", "most"), [(None, "65,536"), (32, "524,288")])
async def test_a_picture_edited_as_it_is_has_few_times_the_pixels_that_its_network_knows(
    start, large, factor, most
):
    told = {} if factor is None else {"native_factor": factor}
    async with start(settings=EditingSettings(decoders=1, working_size=128, **told)) as editing:
        with pytest.raises(grpc.aio.AioRpcError, match=f"at most 4096 a side and {most} in all"):
            await editing.edit(request_of(large, region_of(ROOM), native=True))
        await editing.edit(request_of(large, region_of(ROOM)))
        square = np.ascontiguousarray(large[:256, :256])
        await editing.edit(request_of(square, region_of(Box(8, 8, 9, 9)), "native", native=True))
    assert editing.engine.requests[-1].pixels.shape == (256, 256, 3)


async def test_a_checkpoint_says_the_size_that_its_network_knows(start, large, tmp_path):
    advice = tmp_path / "sampling.json"
    advice.write_text('{"steps": 2, "working_size": 256, "size_multiple": 32}')
    async with start(settings=EditingSettings(decoders=1, sampling=str(advice))) as editing:
        await editing.edit(request_of(large, pb.Region(whole=True)))
    height, width = editing.engine.requests[0].pixels.shape[:2]
    assert (height % 32, width % 32) == (0, 0)
    assert 0.6 * 256 * 256 <= height * width <= 256 * 256


async def test_a_checkpoint_says_how_far_a_small_region_is_enlarged(start, large, tmp_path):
    advice, small = tmp_path / "sampling.json", np.ascontiguousarray(large[:128, :128])
    advice.write_text('{"working_size": 128, "size_multiple": 32, "enlargement": 2}')
    thing = Box(50, 60, 20, 16)
    async with start(settings=EditingSettings(decoders=1, sampling=str(advice))) as editing:
        responses = await editing.edit(request_of(small, region_of(thing), feather=4))
    [seen], result = editing.engine.requests, responses[-1].event.result
    assert seen.pixels.shape == (128, 128, 3)
    assert seen.masks[0].sum() == 4 * thing.width * thing.height
    assert (result.focus.box.width, result.focus.box.height) == (64, 64)
    inside = box_mask(thing, width=128, height=128)
    near, pixels = dilated(inside, 2), decoded(result.image)
    np.testing.assert_array_equal(pixels[~near], small[~near])
    assert (pixels[inside] != small[inside]).any(axis=-1).mean() > 0.9
    assert result.report.outside.changed_share == 0
    assert result.report.inside.pixels == near.sum()
    preview = decoded(responses[1].event.preview.image)
    assert preview.shape[0] == preview.shape[1]


@pytest.mark.parametrize("enlargement", [0.5, 4.5])
def test_an_enlargement_that_is_none_is_refused(enlargement, tmp_path):
    advice = tmp_path / "sampling.json"
    advice.write_text(f'{{"enlargement": {enlargement}}}')
    with pytest.raises(StartError, match=r"enlargement 1\.\.4"):
        read_sampling(advice)


async def test_a_checkpoint_says_for_which_operations_its_network_sees_no_crop(engine_class, large, tmp_path):
    advice = tmp_path / "sampling.json"
    advice.write_text('{"working_size": 128, "size_multiple": 32, "focus": {"add": false}}')
    sampling = read_sampling(advice)
    assert [sampling.crops(operation) for operation in ("add", "remove", "")] == [False, True, True]

    engine, inside = engine_class(), box_mask(ROOM, width=WIDTH, height=HEIGHT)
    backend = FocusedBackend(engine, sampling.working_size, sampling.size_multiple)
    spec = EditSpec(instruction="add a vase", editor=InstructPix2PixOptions(steps=2))
    parameters = engine_parameters(spec, ["add a vase"], sampling, seed=0)
    request = BackendRequest(
        large, (inside,), parameters, crop=sampling.crops("add"), region=inside, model="edit"
    )
    *_, edited = [event async for event in backend.edit(request)]

    assert edited.focus.box == (0, 0, HEIGHT, WIDTH)
    assert engine.requests[0].masks[0].shape == edited.focus.size
    near = dilated(inside, feather_width(edited.focus, inside, parameters["feather"]))
    np.testing.assert_array_equal(edited.pixels[~near], large[~near])
    assert (edited.pixels[inside] != large[inside]).mean() > 0.9


@pytest.mark.parametrize(
    ("value", "name"),
    [(reference_pb2.OPERATION_RECOLOUR, "recolour"), (reference_pb2.OPERATION_OTHER, "other"), (99, "other")],
)
def test_a_plan_names_its_operation_as_advice_does(value, name):
    plan = reference_pb2.Plan(edits=[reference_pb2.PlannedEdit(operation=value)])
    assert plan_from_message(plan).edits[0].operation == name
