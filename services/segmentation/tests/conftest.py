"""A Triton at the wire whose network is known by hand, and the service in front of it."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import grpc
import numpy as np
import pytest
from langdesign.segmentation.v1 import segmentation_pb2_grpc
from langdesign_chassis.testing import serving
from langdesign_segmentation.settings import SegmentationSettings
from langdesign_segmentation.wiring import SERVICE, register
from PIL import Image
from tritonclient.grpc import service_pb2, service_pb2_grpc


@dataclass
class RedNetwork(service_pb2_grpc.GRPCInferenceServiceServicer):
    """Says that what is red is meant, and that nothing is meant by expressions that name an elephant.

    It is in doubt about a ghost, knows neither "quagga" nor "rustic", and reads 40 characters. `garbage`
    replaces some of its outputs, or leaves them out (None).
    """

    ready: bool = True
    failure: grpc.StatusCode | None = None
    hang: bool = False
    garbage: dict[str, np.ndarray | None] = field(default_factory=dict)
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    batches: list[list[str]] = field(default_factory=list)

    async def ModelReady(self, request, context):
        return service_pb2.ModelReadyResponse(ready=self.ready)

    async def ModelInfer(self, request, context):
        if self.failure is not None:
            await context.abort(self.failure, "secret host:8001")
        if self.hang:
            await asyncio.Event().wait()
        image, texts = request.raw_input_contents
        pixels = np.frombuffer(image, np.uint8).reshape(tuple(request.inputs[0].shape))[0]
        expressions = _texts(texts)
        assert list(request.inputs[1].shape) == [1, len(expressions)]
        self.shapes.append(pixels.shape)
        self.batches.append(expressions)
        red = pixels[..., 0].astype(np.float32) / 255
        probability = np.repeat(red[None], len(expressions), axis=0)
        no_target = np.array([_no_target(text) for text in expressions], np.float32)
        truncated = np.array([len(text) > 40 for text in expressions])
        unknown = np.array([json.dumps(re.findall("quagga|rustic", text)) for text in expressions])
        told = {"NO_TARGET": no_target, "TRUNCATED": truncated, "UNKNOWN": unknown}
        outputs = {"PROBABILITY": probability} | told | self.garbage
        return _response(**{name: array[None] for name, array in outputs.items() if array is not None})


def _no_target(text: str) -> float:
    return 0.875 if "elephant" in text else 0.375 if "ghost" in text else 0.125


def _texts(raw: bytes) -> list[str]:
    texts = []
    while raw:
        length = int.from_bytes(raw[:4], "little")
        texts.append(raw[4 : 4 + length].decode())
        raw = raw[4 + length :]
    return texts


def _response(**outputs: np.ndarray) -> service_pb2.ModelInferResponse:
    response = service_pb2.ModelInferResponse(model_name="segment")
    for name, array in outputs.items():
        text = array.dtype.kind == "U"
        datatype = "BYTES" if text else "BOOL" if array.dtype == np.bool_ else "FP32"
        response.outputs.add(name=name, datatype=datatype, shape=array.shape)
        raw = array.tobytes() if not text else b"".join(_packed(word.encode()) for word in array.flat)
        response.raw_output_contents.append(raw)
    return response


def _packed(text: bytes) -> bytes:
    return len(text).to_bytes(4, "little") + text


@pytest.fixture
def network() -> RedNetwork:
    return RedNetwork()


@pytest.fixture
async def triton_address(network: RedNetwork) -> AsyncIterator[str]:
    server = grpc.aio.server()
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(network, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


@pytest.fixture
def options() -> dict[str, object]:
    """Settings that a test gives the service."""
    return {}


@pytest.fixture
async def stub(
    triton_address, tmp_path, options
) -> AsyncIterator[segmentation_pb2_grpc.SegmentationServiceStub]:
    settings = SegmentationSettings(
        triton_addr=triton_address, blobs=str(tmp_path / "blobs"), decoders=1, **options
    )
    async with serving(lambda server, runtime: register(server, runtime, settings), SERVICE) as served:
        yield segmentation_pb2_grpc.SegmentationServiceStub(served.channel)


def png(pixels: np.ndarray) -> bytes:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def room() -> np.ndarray:
    """A grey picture of 40x60 whose red thing fills rows 10..19 and columns 20..49."""
    pixels = np.full((40, 60, 3), 50, np.uint8)
    pixels[10:20, 20:50] = (204, 0, 0)
    return pixels


@pytest.fixture
def room_png(room) -> bytes:
    return png(room)
