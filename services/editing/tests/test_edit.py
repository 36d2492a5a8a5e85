import io

import grpc
import numpy as np
import pytest
from google.rpc import error_details_pb2, status_pb2
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign.reference.v1 import reference_pb2
from langdesign_chassis import errors
from langdesign_editing.settings import EditingSettings
from langdesign_edits import Box, box_mask
from langdesign_media import encode, mask_to_png
from PIL import Image

FIND = "paint the sofa and the lamp"


def kinds(responses):
    return [response.event.WhichOneof("event") for response in responses]


def decoded(image):
    return np.asarray(Image.open(io.BytesIO(image.data)))


@pytest.fixture
def found(planned):
    """Makes a plan of one edit that acts on things."""
    return lambda *expressions, **fields: planned.plan(planned.edit(*expressions, **fields))


async def collect(call, events):
    """Keeps the events that come before an error."""
    async for response in call:
        events.append(response.event)


def details(error):
    status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    bad, info = error_details_pb2.BadRequest(), error_details_pb2.ErrorInfo()
    for detail in status.details:
        detail.Unpack(bad), detail.Unpack(info)
    return bad, info


async def test_an_edit_tells_its_mask_its_previews_and_its_result(editing, ask, box, pixels):
    responses = await editing.edit(ask(region=box))
    assert kinds(responses) == ["mask", "preview", "preview", "preview", "result"]
    assert [response.event.sequence for response in responses] == [1, 2, 3, 4, 5]
    assert len({response.operation_id for response in responses}) == 1
    mask = responses[0].event.mask
    assert (mask.box, mask.coverage) == (box.box, 48 / (24 * 16))
    assert not mask.HasField("no_target_probability")
    preview = responses[1].event.preview
    assert (preview.step, preview.steps, decoded(preview.image).shape) == (1, 4, (4, 6, 3))
    inside = box_mask(Box(2, 3, 8, 6), width=24, height=16)
    result = decoded(responses[-1].event.result.image)
    np.testing.assert_array_equal(result[~inside], pixels[~inside])
    np.testing.assert_array_equal(result[inside], 255 - pixels[inside])


async def test_a_result_reports_what_changed_the_seed_the_checkpoint_and_the_time(editing, ask, box):
    request = ask(region=box, options={"feather": 0, "seed": 7})
    result = (await editing.edit(request))[-1].event.result
    assert result.report.preserve == pb.PRESERVE_STRICT
    assert (result.report.inside.pixels, result.report.outside.pixels) == (48, 24 * 16 - 48)
    assert result.report.inside.changed_share == 1
    assert (result.report.outside.changed_share, result.report.outside.mean_difference) == (0, 0)
    assert result.report.inside.HasField("psnr")
    assert not result.report.outside.HasField("psnr")
    assert (result.seed, result.checkpoint) == (7, "inverter@sha256:0")
    assert result.timings.queue.ToMilliseconds() == 250
    assert result.timings.engine.ToMilliseconds() == 500
    assert result.timings.total.ToMicroseconds() > 0


async def test_what_the_caller_left_out_takes_the_documented_defaults(editing, photo, box):
    image = media_pb2.Image(data=photo)
    await editing.edit(pb.EditRequest(idempotency_key="k", image=image, instruction="redder", region=box))
    [request] = editing.engine.requests
    assert request.parameters == {
        "instruction": "redder",
        "steps": 20,
        "guidance_scale": 7.5,
        "image_guidance_scale": 1.5,
        "seed": 0,
        "sampler": "euler_ancestral",
        "regularisation": {"background_lock": False},
        "preserve": "strict",
        "feather": 8,
        "preview_every": 5,
        "regions": [{}],
    }
    assert request.tenant == "local"


async def test_what_a_checkpoint_advises_stands_in_for_what_the_caller_left_out(start, ask, box, tmp_path):
    path = tmp_path / "sampling.json"
    path.write_text('{"steps": 12, "guidance_scale": 2.5, "image_guidance_scale": 1.25}')
    settings = EditingSettings(decoders=1, sampling=str(path))
    async with start(settings=settings) as editing:
        await editing.edit(ask("a", region=box, editor={"guidance_scale": 6.0}))
        request = ask("b", region=box)
        request.options.instruct_pix2pix.ClearField("steps")
        await editing.edit(request)
    said, silent = editing.engine.requests
    assert (said.parameters["steps"], said.parameters["guidance_scale"]) == (4, 6.0)
    assert (silent.parameters["steps"], silent.parameters["guidance_scale"]) == (12, 2.5)
    assert silent.parameters["image_guidance_scale"] == 1.25


@pytest.mark.parametrize(
    ("image_format", "magic"),
    [
        (media_pb2.IMAGE_FORMAT_UNSPECIFIED, b"\x89PNG"),
        (media_pb2.IMAGE_FORMAT_JPEG, b"\xff\xd8"),
        (media_pb2.IMAGE_FORMAT_WEBP, b"RIFF"),
    ],
)
async def test_the_result_has_the_format_that_was_asked_for(editing, ask, box, image_format, magic):
    options = {"result_format": image_format, "preserve": pb.PRESERVE_LATENT}
    responses = await editing.edit(ask(region=box, options=options))
    assert responses[-1].event.result.image.data.startswith(magic)


async def test_the_whole_picture_is_one_region_without_a_mask(editing, ask):
    responses = await editing.edit(ask(region=pb.Region(whole=True)))
    assert not responses[0].event.mask.HasField("mask")
    assert responses[0].event.mask.coverage == 1
    assert responses[-1].event.result.report.preserve == pb.PRESERVE_NONE
    [request] = editing.engine.requests
    assert (request.masks, request.parameters["regions"]) == ((), [])
    assert (request.parameters["preserve"], request.parameters["regularisation"]) == ("none", None)


async def test_a_mask_of_the_caller_is_used_as_it_is(editing, ask):
    mask = np.random.default_rng(0).random((16, 24)) > 0.5
    await editing.edit(ask(region=pb.Region(mask=media_pb2.Mask(png=mask_to_png(mask)))))
    np.testing.assert_array_equal(editing.engine.requests[0].masks[0], mask)


async def test_previews_can_be_left_out(editing, ask, box):
    assert kinds(await editing.edit(ask(region=box, preview_every=0))) == ["mask", "result"]


# --- what the peers find ---


async def test_an_instruction_alone_is_read_and_every_reference_becomes_a_region(
    with_peers, reader, segmenter, ask, found, photo
):
    reader.plans[FIND] = found("the sofa", "the lamp", "the sofa")
    segmenter.places = {"the sofa": Box(0, 0, 4, 4), "the lamp": Box(10, 10, 2, 3)}
    responses = await with_peers.edit(ask(instruction=FIND, caption="a living room"))
    assert kinds(responses)[:2] == ["plan", "mask"]
    assert responses[0].event.plan.plan == reader.plans[FIND]
    assert reader.requests[0].caption == "a living room"
    assert list(segmenter.requests[0].expressions) == ["the sofa", "the lamp"]
    assert segmenter.requests[0].image.data == photo
    masks = with_peers.engine.requests[0].masks
    assert [mask.sum() for mask in masks] == [16, 6]
    assert responses[1].event.mask.box == media_pb2.Box(x=0, y=0, width=12, height=13)
    assert responses[1].event.mask.no_target_probability == 0.125


@pytest.mark.parametrize("here", [True, False], ids=["found", "no target"])
async def test_a_mask_tells_that_an_expression_was_longer_than_the_network_reads(
    with_peers, reader, segmenter, ask, found, here
):
    long = "the " + "very " * 30 + "old chair"
    reader.plans[FIND] = found("the sofa", long)
    segmenter.places = {"the sofa": Box(0, 0, 4, 4)} | ({long: Box(10, 10, 2, 3)} if here else {})
    assert (await with_peers.edit(ask(instruction=FIND)))[1].event.mask.truncated
    reader.plans[FIND] = found("the sofa")
    assert not (await with_peers.edit(ask("k2", instruction=FIND)))[1].event.mask.truncated


async def test_an_addition_acts_where_its_anchor_has_room_for_it(with_peers, reader, segmenter, ask, planned):
    anchor = planned.reference("the sofa", "anchor", relation=reference_pb2.RELATION_ABOVE)
    reader.plans["hang a clock above the sofa"] = planned.plan(planned.edit(anchor, operation="add"))
    segmenter.places = {"the sofa": Box(4, 10, 8, 4)}
    responses = await with_peers.edit(ask(instruction="hang a clock above the sofa"))
    assert responses[1].event.mask.box == media_pb2.Box(x=4, y=4, width=8, height=6)
    assert with_peers.engine.requests[0].masks[0].sum() == 48


async def test_a_global_instruction_edits_the_whole_picture(with_peers, reader, segmenter, ask, found):
    reader.plans["make it night"] = found(scope="global")
    await with_peers.edit(ask(instruction="make it night"))
    assert with_peers.engine.requests[0].masks == ()
    assert not segmenter.requests


async def test_more_references_than_the_engine_takes_share_its_last_region(
    with_peers, reader, segmenter, ask, found
):
    names = [f"chair {number}" for number in range(20)]
    reader.plans[FIND] = found(*names)
    segmenter.places = {name: Box(number, 0, 1, 1) for number, name in enumerate(names)}
    await with_peers.edit(ask(instruction=FIND))
    masks = with_peers.engine.requests[0].masks
    assert [mask.sum() for mask in masks] == [1] * 15 + [5]


async def test_a_peer_that_is_away_fails_the_edit_for_the_moment_only(
    with_peers, reader, segmenter, ask, found
):
    reader.plans[FIND] = found("the sofa")
    segmenter.places = {"the sofa": Box(0, 0, 4, 4)}
    reader.failure = (grpc.StatusCode.UNAVAILABLE, "connect to ipv4:10.1.2.3:7002 failed")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await with_peers.edit(ask(instruction=FIND))
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "10.1.2.3" not in caught.value.details()
    reader.failure = None
    assert kinds(await with_peers.edit(ask(instruction=FIND)))[-1] == "result"


async def test_as_many_references_as_are_segmented_in_one_call_are_segmented(
    with_peers, reader, segmenter, ask, found
):
    names = ["x" * 400, *(f"chair {number}" for number in range(63))]
    reader.plans[FIND] = found(*names)
    await with_peers.edit(ask(instruction=FIND))
    assert list(segmenter.requests[0].expressions) == names


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([f"chair {number}" for number in range(65)], "names 65 things"),
        (["the lamp", "the " + "very " * 100 + "old chair"], "takes 513 characters to name one thing"),
    ],
    ids=["65 things", "a name of 101 words"],
)
async def test_a_plan_that_names_more_than_is_segmented_is_refused_by_the_instruction(
    with_peers, reader, segmenter, ask, found, names, said
):
    reader.plans[FIND] = found(*names)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await with_peers.edit(ask(instruction=FIND))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert f"the instruction {said}" in caught.value.details()
    assert "region.mask" in details(caught.value)[1].metadata["hint"]
    assert not segmenter.requests
    assert not with_peers.engine.requests


async def test_an_instruction_that_the_reader_refuses_is_refused_in_its_words(with_peers, reader, ask):
    reader.refusal = errors.InvalidArgument(
        "the instruction holds no words", field="instruction", hint="say what to change"
    )
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await with_peers.edit(ask(instruction="🪑🔥"))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.details() == "the instruction holds no words"
    assert details(caught.value)[1].metadata["hint"] == "say what to change"
    assert not with_peers.engine.requests


async def test_an_expression_of_the_caller_is_segmented_and_tells_no_plan(with_peers, segmenter, ask):
    segmenter.places = {"the rug": Box(1, 1, 3, 3)}
    responses = await with_peers.edit(ask(region=pb.Region(expression="the rug")))
    assert kinds(responses)[0] == "mask"
    assert list(segmenter.requests[0].expressions) == ["the rug"]


async def test_a_reference_that_is_not_there_leaves_the_others(with_peers, reader, segmenter, ask, found):
    reader.plans[FIND] = found("the sofa", "the lamp")
    segmenter.places = {"the lamp": Box(10, 10, 2, 3)}
    await with_peers.edit(ask(instruction=FIND))
    assert [mask.sum() for mask in with_peers.engine.requests[0].masks] == [6]


async def test_an_edit_without_any_target_brings_back_the_very_bytes_and_says_why(
    with_peers, reader, ask, found, photo, figure
):
    reader.plans[FIND] = found("the sofa", "the lamp")
    responses = await with_peers.edit(ask(instruction=FIND))
    assert kinds(responses) == ["plan", "mask", "result"]
    result = responses[-1].event.result
    figure(
        f"promise 6: a no-op's picture has {len(result.image.data)} bytes, the input {len(photo)}",
        altered=result.image.data != photo,
    )
    assert result.no_op_reason == pb.NO_OP_REASON_NO_TARGET
    assert result.image.data == photo
    assert result.report.outside.pixels == 24 * 16
    assert responses[1].event.mask.no_target_probability == 0.875
    assert not with_peers.engine.requests


async def test_an_instruction_that_nobody_can_read_brings_back_the_very_bytes_and_says_why(
    with_peers, reader, segmenter, ask, planned, photo
):
    unread = planned.plan(reader=reference_pb2.READER_NONE, confidence=0)
    reader.plans["frobnicate"] = unread
    responses = await with_peers.edit(ask(instruction="frobnicate"))
    assert kinds(responses) == ["plan", "mask", "result"]
    assert responses[0].event.plan.plan == unread
    mask, result = responses[1].event.mask, responses[2].event.result
    assert (mask.coverage, mask.HasField("mask"), mask.HasField("no_target_probability")) == (0, False, False)
    assert result.no_op_reason == pb.NO_OP_REASON_UNREADABLE_INSTRUCTION
    assert result.image.data == photo
    assert (result.report.outside.pixels, result.report.outside.changed_share) == (24 * 16, 0)
    assert not segmenter.requests
    assert not with_peers.engine.requests


@pytest.mark.parametrize("confidence", [0.0, 0.16, 0.95])
async def test_an_instruction_that_somebody_read_edits_however_sure_they_are(
    with_peers, reader, ask, planned, confidence
):
    edit = planned.edit(operation="other", scope="global")
    reader.plans["make it look cosy"] = planned.plan(edit, confidence=confidence)
    result = (await with_peers.edit(ask(instruction="make it look cosy")))[-1].event.result
    assert not result.no_op_reason
    assert result.checkpoint


async def test_where_the_caller_says_where_nobody_need_be_able_to_read_the_instruction(
    with_peers, reader, ask, box, planned
):
    reader.plans["frobnicate"] = planned.plan(reader=reference_pb2.READER_NONE, language="und")
    for number, region in enumerate([box, pb.Region(whole=True)]):
        responses = await with_peers.edit(ask(f"k{number}", instruction="frobnicate", region=region))
        assert kinds(responses)[0] == "mask"
        assert not responses[-1].event.result.no_op_reason
        assert with_peers.engine.requests[-1].parameters["instruction"] == "frobnicate"


async def test_an_empty_mask_brings_back_the_very_bytes_and_says_why(editing, ask, photo):
    empty = media_pb2.Mask(png=mask_to_png(np.zeros((16, 24), bool)))
    responses = await editing.edit(ask(region=pb.Region(mask=empty)))
    assert responses[-1].event.result.no_op_reason == pb.NO_OP_REASON_EMPTY_MASK
    assert responses[-1].event.result.image.data == photo
    assert not editing.engine.requests


@pytest.mark.parametrize("region", [None, pb.Region(expression="the rug")])
async def test_without_peers_the_region_must_be_given(editing, ask, region):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await editing.edit(ask(region=region))
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "region.box" in details(caught.value)[1].metadata["hint"]


# --- what is refused ---


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"image": media_pb2.Image(data=b"GIF89a")}, "image.data", "PNG, JPEG or WebP"),
        (
            {"region": pb.Region(box=media_pb2.Box(x=20, y=0, width=9, height=1))},
            "region.box",
            "24x16 as displayed",
        ),
        (
            {"region": pb.Region(mask=media_pb2.Mask(png=mask_to_png(np.ones((24, 16), bool))))},
            "region.mask",
            "16x24 pixels, and the picture is 24x16",
        ),
        (
            {"editor": {"background_lock": True}, "options": {"preserve": pb.PRESERVE_NONE}},
            "options.instruct_pix2pix.background_lock",
            "regularisation",
        ),
        ({"steps": 201}, "options.instruct_pix2pix.steps", "200"),
        ({"model": "m" * 65}, "model", "64"),
        (
            {"options": {"result_format": media_pb2.IMAGE_FORMAT_JPEG}},
            "options.result_format",
            "preserve=strict",
        ),
        ({"image": media_pb2.Image(data=encode(np.zeros((16, 7, 3), np.uint8)))}, "image", "7x16"),
        ({"image": media_pb2.Image(data=encode(np.zeros((8, 8193, 3), np.uint8)))}, "image.data", "8192"),
        ({"image": media_pb2.Image(data=encode(np.zeros((1, 1, 3), np.uint8)))}, "image", "1x1"),
        ({"instruction": ""}, "instruction", "instruction"),
        ({"instruction": "x" * 10_000}, "instruction", "1000"),
        ({"region": pb.Region(expression="the chair and " * 50)}, "region.expression", "400"),
    ],
)
async def test_a_wrong_request_names_its_field_and_leaves_its_key_free(
    editing, ask, box, fields, field, said
):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await editing.edit(ask(**{"region": box} | fields))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert said in caught.value.details()
    bad, info = details(caught.value)
    assert [violation.field for violation in bad.field_violations] == [field]
    assert info.metadata["hint"]
    assert kinds(await editing.edit(ask(region=box)))[-1] == "result"


async def test_a_blob_of_nobody_is_not_found(editing, ask, found, box):
    image = media_pb2.Image(blob="sha256:" + "0" * 64)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await editing.edit(ask(image=image, region=box))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (errors.ResourceExhausted("the queue is full", retry_after=1), grpc.StatusCode.RESOURCE_EXHAUSTED),
        (errors.InvalidArgument("steps: too many", field="options"), grpc.StatusCode.INVALID_ARGUMENT),
        (errors.Unavailable("the engine is stopping"), grpc.StatusCode.UNAVAILABLE),
    ],
)
async def test_an_engine_that_fails_ends_the_stream_with_the_event_and_the_status(
    editing, ask, box, failure, code
):
    editing.engine.failure = failure
    events = []
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await collect(editing.stub.Edit(ask(region=box)), events)
    assert caught.value.code() is code
    assert (events[-1].failed.code, events[-1].failed.message) == (code.value[0], failure.message)


async def test_the_unexpected_is_logged_whole_and_told_as_internal(editing, ask, box, caplog):
    editing.engine.failure = ValueError("secret path /srv/models")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await editing.edit(ask(region=box))
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in caught.value.details()
    assert "secret path /srv/models" in caplog.text
