"""The segmentation network, served by Triton."""

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import aio as triton

from langdesign_segmentation.errors import (
    NetworkAnswerInvalid,
    NetworkError,
    NetworkRefusal,
    NetworkTooSlow,
    NetworkUnavailable,
)


@dataclass(frozen=True, eq=False)
class Answer:
    """What the network says of N expressions on one picture.

    Attributes:
        probability: ``[N, H, W]`` float32, foreground probability 0..1 at the picture's size.
        no_target: ``[N]`` float32, probability 0..1 that nothing is meant.
        truncated: ``[N]`` bool, whether an expression was longer than the network reads.
        unknown: Of each of the N, the words that the network does not know, as they are written.

    """

    probability: NDArray[np.float32]
    no_target: NDArray[np.float32]
    truncated: NDArray[np.bool_]
    unknown: tuple[tuple[str, ...], ...]


class TritonNetwork:
    """Asks the model over gRPC.

    Args:
        client: A client of Triton's.
        model: Name of the model in its repository.
        timeout: Returns the seconds that a call may take now, > 0.

    """

    def __init__(
        self, client: triton.InferenceServerClient, model: str, timeout: Callable[[], float]
    ) -> None:
        self._client = client
        self._model = model
        self._timeout = timeout

    async def ready(self) -> bool:
        """Return whether the model is loaded and can answer."""
        return bool(await self._client.is_model_ready(self._model, client_timeout=2.0))

    async def segment(self, pixels: NDArray[np.uint8], expressions: Sequence[str]) -> Answer:
        """Segment every expression on ``[H, W, 3]`` RGB pixels, in one batch.

        Raises:
            NetworkError: there is no answer; the subclass says why.

        """
        inputs = [_image(pixels), _texts(expressions)]
        try:
            result = await self._client.infer(self._model, inputs, client_timeout=self._timeout())
        except triton.InferenceServerException as error:
            raise _network_error(error) from error
        names = ("PROBABILITY", "NO_TARGET", "TRUNCATED", "UNKNOWN")
        outputs = [result.as_numpy(name) for name in names]
        _require_shapes(outputs, (1, len(expressions), *pixels.shape[:2]))
        probability, no_target, truncated, unknown = (output[0] for output in outputs)
        return Answer(probability, no_target, truncated, tuple(_words(one) for one in unknown))


@contextlib.asynccontextmanager
async def open_client(
    address: str, options: Sequence[tuple[str, Any]]
) -> AsyncIterator[triton.InferenceServerClient]:
    """Open a client of the Triton at `address`, with a channel of these options; close it at the end.

    Messages may be of any size: what Triton is asked is bounded by the segmenter, in bytes of masks.
    """
    unbounded = {"grpc.max_send_message_length": -1, "grpc.max_receive_message_length": -1}
    client = triton.InferenceServerClient(address, channel_args=[*(dict(options) | unbounded).items()])
    try:
        yield client
    finally:
        await client.close()


def _image(pixels: NDArray[np.uint8]) -> Any:
    # The first dimension is Triton's: it batches the requests that wait.
    tensor = triton.InferInput("IMAGE", [1, *pixels.shape], "UINT8")
    tensor.set_data_from_numpy(pixels[None])
    return tensor


def _texts(expressions: Sequence[str]) -> Any:
    tensor = triton.InferInput("EXPRESSIONS", [1, len(expressions)], "BYTES")
    tensor.set_data_from_numpy(np.array([[text.encode() for text in expressions]], dtype=np.object_))
    return tensor


def _network_error(error: triton.InferenceServerException) -> NetworkError:
    kinds = {
        grpc.StatusCode.UNAVAILABLE: NetworkUnavailable,
        grpc.StatusCode.RESOURCE_EXHAUSTED: NetworkUnavailable,
        grpc.StatusCode.CANCELLED: NetworkUnavailable,
        # A server that is told to stop unloads its models first, and says so until it ends.
        grpc.StatusCode.NOT_FOUND: NetworkUnavailable,
        grpc.StatusCode.DEADLINE_EXCEEDED: NetworkTooSlow,
        grpc.StatusCode.INVALID_ARGUMENT: NetworkRefusal,
    }
    for code, kind in kinds.items():
        if error.status() == str(code):
            return kind(str(error))
    return NetworkError(str(error))


def _require_shapes(outputs: Sequence[NDArray[Any] | None], shape: tuple[int, ...]) -> None:
    """Check that the maps have the shape, and what is said of each expression its first two dimensions."""
    if any(output is None for output in outputs):
        raise NetworkAnswerInvalid("the network left out an output")
    expected = [shape, shape[:2], shape[:2], shape[:2]]
    found = [output.shape for output in outputs if output is not None]
    if found != expected:
        raise NetworkAnswerInvalid(f"the network answered {found}, not {expected}")
    if not all(np.isfinite(output).all() for output in outputs[:2] if output is not None):
        raise NetworkAnswerInvalid("the network answered numbers that are not finite")


def _words(answer: bytes) -> tuple[str, ...]:
    """Return the words of a JSON list."""
    try:
        words = json.loads(answer)
    except ValueError as error:
        raise NetworkAnswerInvalid(f"the network's unknown words are no JSON: {answer!r}") from error
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise NetworkAnswerInvalid(f"the network's unknown words are no list of words: {answer!r}")
    return tuple(words)
