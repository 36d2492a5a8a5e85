"""The editing service in front of a real Triton with the `edit` model (tiny, random weights)."""

import asyncio
import io
import itertools
import re
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

import grpc
import numpy as np
import pytest
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.editing.v1 import editing_pb2_grpc
from langdesign.media.v1 import media_pb2
from langdesign.reference.v1 import reference_pb2
from langdesign.segmentation.v1 import segmentation_pb2, segmentation_pb2_grpc
from langdesign_chassis.testing import serving
from langdesign_command.local.testing import running_triton
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_editing.settings import EditingSettings
from langdesign_editing.wiring import SERVICE, register
from langdesign_edits import Box, box_mask, dilated
from langdesign_media import mask_to_png
from PIL import Image

REPOSITORY = Path(__file__).parents[2] / "services/model_server/model_repository"
STEPS = "langdesign_engine_edit_steps_total"
WIDTH, HEIGHT = 50, 37  # no multiples of anything
BOX = media_pb2.Box(x=8, y=9, width=20, height=12)
FEATHER = 4


@pytest.fixture(scope="module")
def triton(tmp_path_factory):
    folder = tmp_path_factory.mktemp("triton")
    random_checkpoint("tiny").save(folder / "checkpoint")
    variables = {"EDIT_MODEL_DIR": str(folder / "checkpoint")}
    with running_triton(folder, [REPOSITORY / "edit"], variables) as server:
        yield server


class Segmenter(segmentation_pb2_grpc.SegmentationServiceServicer):
    """A segmentation service that knows where two things are."""

    PLACES: ClassVar = {"the chair": Box(8, 9, 20, 12), "the wall": Box(28, 0, 22, 37)}

    async def Segment(self, request, context):
        return segmentation_pb2.SegmentResponse(
            segments=[self._segment(expression) for expression in request.expressions]
        )

    def _segment(self, expression):
        mask = mask_to_png(box_mask(self.PLACES[expression], width=WIDTH, height=HEIGHT))
        return segmentation_pb2.Segment(
            expression=expression, mask=media_pb2.Mask(png=mask), verdict=segmentation_pb2.VERDICT_FOUND
        )


def add_segmenter(server, runtime):
    segmentation_pb2_grpc.add_SegmentationServiceServicer_to_server(Segmenter(), server)


@asynccontextmanager
async def service(triton, **peers):
    triton.check()
    settings = EditingSettings(triton_addr=triton.address, decoders=1, **peers)

    async def add(server, runtime):
        await register(server, runtime, settings)

    async with serving(add, SERVICE) as served:
        yield editing_pb2_grpc.EditingServiceStub(served.channel)


@pytest.fixture
async def editing(triton):
    async with service(triton) as stub:
        yield stub


def encoded(pixels, image_format="PNG"):
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, image_format)
    return target.getvalue()


def decoded(data):
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.fixture
def room():
    return np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


keys = (f"key {number}" for number in itertools.count())


def ask(pixels, *, steps=4, region=None, editor=None, **options):
    return pb.EditRequest(
        idempotency_key=next(keys),
        image=media_pb2.Image(data=encoded(pixels)),
        instruction="make the chair red",
        region=region or pb.Region(box=BOX),
        options=pb.EditOptions(
            feather=FEATHER, instruct_pix2pix={"steps": steps, **(editor or {})}, **options
        ),
    )


async def events(call):
    return [response.event async for response in call]


async def test_a_strict_edit_streams_and_leaves_every_pixel_outside_the_feather(editing, room):
    told = await events(editing.Edit(ask(room, preview_every=2, seed=5)))
    assert [event.WhichOneof("event") for event in told] == ["mask", "preview", "result"]
    preview = told[1].preview
    assert (preview.step, preview.steps) == (2, 4)
    assert decoded(preview.image.data).ndim == 3
    result = told[-1].result
    after = decoded(result.image.data)
    assert after.shape == room.shape
    inside = np.zeros((HEIGHT, WIDTH), bool)
    inside[9 - FEATHER : 21 + FEATHER, 8 - FEATHER : 28 + FEATHER] = True
    np.testing.assert_array_equal(after[~inside], room[~inside])
    assert result.report.outside.pixels == (~inside).sum()
    assert result.report.outside.changed_share == 0
    assert result.report.inside.changed_share > 0.5
    assert re.fullmatch(r"[\w-]+@sha256:[0-9a-f]{64}", result.checkpoint)
    assert result.timings.engine.ToMicroseconds() > 0
    assert result.timings.total.ToMicroseconds() > result.timings.engine.ToMicroseconds()


async def test_a_seed_means_the_same_picture_and_another_seed_another(editing, room):
    pictures = [
        (await events(editing.Edit(ask(room, seed=seed, preview_every=0))))[-1].result.image.data
        for seed in (1, 1, 2)
    ]
    assert pictures[0] == pictures[1] != pictures[2]


async def test_alpha_and_size_of_the_input_are_kept(editing, room):
    alpha = np.dstack([room, np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH).astype(np.uint8)])
    for preserve in pb.Preserve.values():
        told = await events(editing.Edit(ask(alpha, preserve=preserve, steps=2)))
        after = decoded(told[-1].result.image.data)
        np.testing.assert_array_equal(after[..., 3], alpha[..., 3])


async def test_the_whole_picture_and_every_sampler_are_edited(editing, room):
    for sampler in pb.Sampler.values():
        request = ask(room, editor={"sampler": sampler}, steps=2, region=pb.Region(whole=True))
        result = (await events(editing.Edit(request)))[-1].result
        assert result.report.inside.pixels == HEIGHT * WIDTH
        assert result.report.inside.changed_share > 0.5


async def test_an_instruction_too_long_for_the_text_encoder_is_refused_and_frees_its_key(editing, room):
    request = ask(room)
    request.instruction = "make the chair red " * 40
    with pytest.raises(grpc.aio.AioRpcError, match=r"instruction has \d+ tokens; at most 75 fit") as caught:
        await events(editing.Edit(request))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    request.instruction = "make the chair red"
    assert (await events(editing.Edit(request)))[-1].HasField("result")


async def test_a_plan_is_done_in_passes_with_an_instruction_for_each_region(triton, room):
    def edit(thing, instruction):
        reference = reference_pb2.Reference(expression=thing, english=thing, role=reference_pb2.ROLE_TARGET)
        return reference_pb2.PlannedEdit(
            scope=reference_pb2.SCOPE_REGION, references=[reference], instruction=instruction
        )

    def plan(*edits):
        request = ask(room, preview_every=1)
        request.ClearField("region")
        request.plan.edits.extend(edits)
        return request

    red, blue = edit("the chair", "make the chair red"), edit("the wall", "paint the wall blue")
    async with (
        serving(add_segmenter, "langdesign.segmentation.v1.SegmentationService") as peer,
        service(triton, segmentation_addr=peer.address) as editing,
    ):
        told = [await events(editing.Edit(plan(*edits))) for edits in ((red,), (red, blue), (red, red))]
    one, apart, again = (streamed[-1].result for streamed in told)
    steps = [[event.preview.step for event in streamed if event.HasField("preview")] for streamed in told]
    assert steps == [[1, 2, 3], [1, 2, 3], [1, 2, 3, 5, 6, 7]]
    assert [getattr(told, "pass") for told in apart.edits] == [0, 0]
    assert [getattr(told, "pass") for told in again.edits] == [0, 1]
    assert all(told.inside.changed_share > 0.5 for told in apart.edits)
    for result, things in ((one, ["the chair"]), (apart, Segmenter.PLACES), (again, ["the chair"])):
        near = dilated(
            np.logical_or.reduce(
                [box_mask(Segmenter.PLACES[thing], width=WIDTH, height=HEIGHT) for thing in things]
            ),
            FEATHER,
        )
        np.testing.assert_array_equal(decoded(result.image.data)[~near], room[~near])


CANCELLED = 'langdesign_engine_edits_total{outcome="cancelled"}'
OVERDUE = 'langdesign_engine_edits_total{outcome="deadline_exceeded"}'


def given_up(triton):
    return triton.metric(CANCELLED) + triton.metric(OVERDUE)


async def until_given_up(triton, before):
    async with asyncio.timeout(30):
        while given_up(triton) == before:  # noqa: ASYNC110 - another process's figure
            await asyncio.sleep(0.05)


@pytest.fixture
def large():
    """A picture whose 200 steps take long enough to be interrupted on any machine."""
    return np.random.default_rng(4).integers(0, 256, (384, 384, 3), np.uint8)


async def test_a_cancelled_edit_leaves_the_engine(editing, large, triton):
    ended, steps = given_up(triton), triton.metric(STEPS)
    call = editing.Edit(ask(large, steps=200, preview_every=1))
    first = await call.read()
    while not first.event.HasField("preview"):
        first = await call.read()
    request = pb.CancelEditRequest(idempotency_key="stop", operation_id=first.operation_id)
    assert (await editing.CancelEdit(request)).state == pb.EDIT_STATE_CANCELLED
    await until_given_up(triton, ended)
    # The engine's own tests count the step exactly; here some pass while the word travels.
    assert triton.metric(STEPS) - steps < 100


async def test_a_deadline_reaches_the_engine(editing, large, triton):
    ended, steps = given_up(triton), triton.metric(STEPS)
    call = editing.Edit(ask(large, steps=200, preview_every=0), timeout=0.7)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await events(call)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    await until_given_up(triton, ended)
    assert triton.metric(STEPS) - steps < 200


async def test_what_the_engine_refuses_is_an_invalid_argument(editing, room):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await events(editing.Edit(ask(room, editor={"guidance_scale": 0.5})))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "guidance_scale" in caught.value.details()


async def test_edits_of_many_callers_at_once_equal_those_made_alone(editing, room):
    alone = [(await events(editing.Edit(ask(room, seed=seed))))[-1] for seed in range(6)]
    together = await asyncio.gather(*(events(editing.Edit(ask(room, seed=seed))) for seed in range(6)))
    for one, other in zip(alone, together, strict=True):
        first, second = (decoded(event.result.image.data).astype(int) for event in (one, other[-1]))
        assert np.abs(first - second).max() <= 1  # batched and solo agree to rounding
