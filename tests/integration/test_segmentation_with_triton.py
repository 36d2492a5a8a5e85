"""The segmentation service in front of a real Triton with the `segment` model (tiny, random weights)."""

import io
from pathlib import Path

import grpc
import numpy as np
import pytest
from langdesign.media.v1 import media_pb2
from langdesign.segmentation.v1 import segmentation_pb2 as pb
from langdesign.segmentation.v1 import segmentation_pb2_grpc
from langdesign_chassis.testing import serving
from langdesign_command.local.testing import running_triton
from langdesign_rela import Predictor
from langdesign_rela.random_weights import write_random_checkpoint
from langdesign_segmentation.settings import SegmentationSettings
from langdesign_segmentation.wiring import SERVICE, register
from PIL import Image

REPOSITORY = Path(__file__).parents[2] / "services" / "model_server" / "model_repository"
EXPRESSIONS = ["the blue chair", "the lamp on the left", "the table"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("segment")
    write_random_checkpoint("tiny", folder)
    return folder


@pytest.fixture(scope="module")
def triton(tmp_path_factory, checkpoint):
    folder = tmp_path_factory.mktemp("triton")
    variables = {"SEGMENT_MODEL_DIR": str(checkpoint)}
    with running_triton(folder, [REPOSITORY / "segment"], variables) as server:
        yield server


@pytest.fixture
async def stub(triton, tmp_path):
    triton.check()
    settings = SegmentationSettings(triton_addr=triton.address, blobs=str(tmp_path), decoders=1)
    async with serving(lambda server, runtime: register(server, runtime, settings), SERVICE) as served:
        yield segmentation_pb2_grpc.SegmentationServiceStub(served.channel)


@pytest.fixture
def pixels():
    return np.random.default_rng(7).integers(0, 256, (37, 50, 3), np.uint8)


def request(pixels, *expressions, **thresholds):
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG")
    image = media_pb2.Image(data=target.getvalue())
    return pb.SegmentRequest(image=image, expressions=expressions, **thresholds)


async def test_the_answers_are_those_of_the_network(stub, checkpoint, pixels):
    expected = Predictor.from_folder(checkpoint).predict(pixels, EXPRESSIONS)
    middle = float(np.median(expected.probability))
    response = await stub.Segment(
        request(pixels, *EXPRESSIONS, mask_threshold=middle, no_target_threshold=1 - 1e-6)
    )

    assert (response.width, response.height) == (50, 37)
    for number, segment in enumerate(response.segments):
        assert segment.expression == EXPRESSIONS[number]
        assert segment.no_target_probability == pytest.approx(expected.no_target[number], abs=1e-4)
        mask = np.asarray(Image.open(io.BytesIO(segment.mask.png)).convert("L")) >= 128
        unsure = np.abs(expected.probability[number] - middle) < 1e-4
        assert np.array_equal(mask | unsure, (expected.probability[number] >= middle) | unsure)
        assert segment.area == mask.sum()
    assert 0 < sum(segment.area for segment in response.segments) < 3 * 37 * 50


async def test_a_picture_of_one_pixel_is_segmented(stub):
    response = await stub.Segment(request(np.zeros((1, 1, 3), np.uint8), "the dot"))
    assert (response.width, response.height) == (1, 1)


async def test_an_expression_that_the_network_cuts_is_segmented_and_marked(stub, pixels):
    response = await stub.Segment(
        request(pixels, "the chair next to " * 20 + "the lamp", "a " * 199, "the lamp")
    )
    assert [segment.truncated for segment in response.segments] == [True, True, False]


@pytest.mark.parametrize("text", ["\u200b", "🪑🔥", "?!"], ids=ascii)
async def test_an_expression_without_a_word_is_refused(stub, pixels, text):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Segment(request(pixels, "the chair", text))
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "holds no word" in caught.value.details()


async def test_words_that_the_network_does_not_know_are_told_as_they_were_written(stub, pixels):
    response = await stub.Segment(request(pixels, "the Sitzpouf by the window", "椅子", "the rustic chair"))

    pouf, chair, rustic = response.segments
    assert [one.verdict for one in (pouf, chair)] == [pb.VERDICT_UNKNOWN_WORD] * 2
    assert [list(one.unknown_words) for one in response.segments] == [["Sitzpouf"], ["椅子"], ["rustic"]]
    assert rustic.verdict != pb.VERDICT_UNKNOWN_WORD
