"""What PlanEdit answers is what Edit does with the same request."""

import io

import grpc
import numpy as np
import pytest
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign.reference.v1 import reference_pb2
from langdesign_edits import Box
from langdesign_media import mask_to_png
from PIL import Image

EMPTY = pb.Region(mask=media_pb2.Mask(png=mask_to_png(np.zeros((16, 24), bool))))
CASES = [
    *((instruction, None) for instruction in ("the sofa", "the piano", "brighter", "gibberish", "both")),
    ("anything", pb.Region(box=media_pb2.Box(x=2, y=3, width=8, height=6))),
    ("anything", pb.Region(expression="the sofa")),
    ("anything", pb.Region(whole=True)),
    ("anything", EMPTY),
]


@pytest.fixture
def peers(reader, segmenter, planned):
    sofa, piano = planned.edit("the sofa"), planned.edit("the piano")
    reader.plans |= {
        "the sofa": planned.plan(sofa),
        "the piano": planned.plan(piano),
        "both": planned.plan(sofa, piano),
        "brighter": planned.plan(planned.edit(scope="global")),
        "gibberish": planned.plan(reader=reference_pb2.READER_NONE),
        "anything": planned.plan(reader=reference_pb2.READER_NONE),
    }
    segmenter.places["the sofa"] = Box(2, 3, 8, 6)


def plan_of(request):
    return pb.PlanEditRequest(
        image=request.image,
        instruction=request.instruction,
        region=request.region if request.HasField("region") else None,
        caption=request.caption,
    )


def pixels_of(event):
    """The mask as it looks: equal masks need not be equal bytes, as the compressor is free in its choice."""
    if not event.HasField("mask"):
        return None
    return np.asarray(Image.open(io.BytesIO(event.mask.png))).tolist()


@pytest.mark.parametrize(("instruction", "region"), CASES)
async def test_a_plan_tells_what_an_edit_of_the_same_request_does(
    with_peers, peers, ask, instruction, region
):
    request = ask(instruction=instruction, region=region, caption="a room")
    answer = await with_peers.stub.PlanEdit(plan_of(request))
    assert with_peers.engine.requests == []
    events = [response.event for response in await with_peers.edit(request)]
    plans = [event.plan for event in events if event.HasField("plan")]
    assert [answer.plan] * answer.HasField("plan") == plans
    [mask] = [event.mask for event in events if event.HasField("mask")]
    assert pixels_of(answer.mask) == pixels_of(mask)
    for event in (answer.mask, mask):
        event.ClearField("mask")
        for one in event.regions:
            one.ClearField("mask")
    assert answer.mask == mask
    assert answer.no_op_reason == events[-1].result.no_op_reason


async def test_planning_takes_no_place_of_an_edit_and_leaves_no_operation(start, ask, box):
    from langdesign_editing.settings import EditingSettings

    async with start(settings=EditingSettings(decoders=1, concurrency=1)) as editing:
        editing.engine.hold()
        call = editing.stub.Edit(ask(region=box))
        await call.read()
        answer = await editing.stub.PlanEdit(plan_of(ask(region=box)))
        assert answer.mask.box == box.box
        assert not answer.HasField("plan")
        assert editing.served.runtime.registry.get_sample_value("langdesign_editing_running") == 1
        call.cancel()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"region": None}, grpc.StatusCode.FAILED_PRECONDITION),
        ({"region": pb.Region(expression="the sofa")}, grpc.StatusCode.FAILED_PRECONDITION),
        ({"region": EMPTY, "image": media_pb2.Image(data=b"none")}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"region": EMPTY, "image": media_pb2.Image(blob="sha256:" + "0" * 64)}, grpc.StatusCode.NOT_FOUND),
        ({"region": EMPTY, "instruction": ""}, grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_what_an_edit_refuses_a_plan_refuses_in_the_same_words(editing, ask, fields, code):
    refusals = []
    request = ask(**fields)
    for call in (editing.stub.PlanEdit(plan_of(request)), editing.edit(request)):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        refusals.append((caught.value.code(), caught.value.details()))
    assert refusals[0] == refusals[1]
    assert refusals[0][0] is code
