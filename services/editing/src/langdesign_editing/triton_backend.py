"""The engines behind Triton's gRPC streaming API: decoupled models, one for each editor."""

import asyncio
import dataclasses
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import grpc
import numpy as np
from langdesign_chassis import errors, from_rpc, remaining
from tritonclient.grpc import InferResult, service_pb2, service_pb2_grpc

from langdesign_editing.backend import BackendProgress, BackendRequest, Edited, InstructionCheck
from langdesign_editing.families import FAMILIES

_log = logging.getLogger(__name__)
_RETRY_AFTER = 1.0
_RETRY = "ask again with the same idempotency_key"
_PROBE_SECONDS = 2.0
_CHECK_SECONDS = 10.0
_FIELDS = {"image": "image", "masks": "region", "instruction": "instruction"}
_OPTIONS = {"seed", "preserve", "feather", "preview_every"}


class TritonBackend:
    """Edits by models of a Triton server.

    Args:
        channel: To Triton; a call's deadline goes along with it.
        models: The family of each model, by its name in the model repository.

    """

    def __init__(self, channel: grpc.aio.Channel, models: Mapping[str, str]) -> None:
        self._stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
        self._models = models

    async def ready(self) -> bool:
        """Return whether Triton has all models loaded and warmed up."""
        return all(await asyncio.gather(*(self._ready(name) for name in self._models)))

    async def _ready(self, name: str) -> bool:
        asked = service_pb2.ModelReadyRequest(name=name)
        answer = await self._stub.ModelReady(asked, timeout=_PROBE_SECONDS)
        return bool(answer.ready)

    async def check(self, model: str, parameters: Mapping[str, Any]) -> Sequence[InstructionCheck]:
        """Return what a model makes of instructions; see `Backend.check`."""
        message = _asking(model, parameters)
        message.parameters["check"].bool_param = True
        told = [one async for one, _ in self._told(message, "checked", seconds=_CHECK_SECONDS)]
        return [_check(instruction) for instruction in told[-1]["instructions"]]

    async def edit(self, request: BackendRequest) -> AsyncGenerator[BackendProgress | Edited, None]:
        """Edits; see `Backend.edit`."""
        async with aclosing(self._told(_message(request), "result")) as events:
            async for told, result in events:
                if (event := _event(told, result)) is not None:
                    yield event

    async def _told(
        self, message: service_pb2.ModelInferRequest, last: str, seconds: float | None = None
    ) -> AsyncGenerator[tuple[dict[str, Any], InferResult], None]:
        """Yield what a model tells of a request, and with what arrays.

        Args:
            message: The request.
            last: Kind of the event that answers it, which is yielded once the stream has ended.
            seconds: What the call may take; None bounds it by its caller's deadline alone.

        Raises:
            errors.Error: The model tells of an error, or the stream ended without its last event.

        """
        ended = asyncio.Event()
        call = self._stub.ModelStreamInfer(_once(message, ended), timeout=seconds)
        answer: tuple[dict[str, Any], InferResult] | None = None
        try:
            async for response in call:
                if response.error_message:
                    raise _triton_error(response.error_message)
                result = InferResult(response.infer_response)
                told = _read(result, self._models[message.model_name])
                if told.get("kind") == last:
                    # The model has read all by now, and the stream may end in order: Triton has crashed where
                    # one was cancelled while it wrote the end.
                    answer = told, result
                    ended.set()
                elif told:
                    yield told, result
        except grpc.aio.AioRpcError as error:
            if answer is None:
                raise _rpc_error(error) from error
        finally:
            # Of a stream that has not ended Triton tells the model, which leaves its slot at the next step.
            call.cancel()
            ended.set()
        if answer is None:
            raise errors.Unavailable("the engine ended without an answer", hint=_RETRY)
        yield answer


async def _once(
    message: service_pb2.ModelInferRequest, ended: asyncio.Event
) -> AsyncIterator[service_pb2.ModelInferRequest]:
    yield message
    # Triton frees the request's tensors when the caller closes its half of the stream, though the model may
    # not have read them yet: a closed half crashed the model's process.
    await ended.wait()


def _message(request: BackendRequest) -> service_pb2.ModelInferRequest:
    message = _asking(request.model, request.parameters)
    message.parameters["tenant"].string_param = request.tenant
    if (seconds := remaining()) is not None:
        # Triton tells the model of a deadline only by cancelling; a queued edit ends by itself with this.
        message.parameters["timeout_ms"].int64_param = max(1, int(seconds * 1000))
    _add(message, "IMAGE", request.pixels)
    if request.masks:
        _add(message, "MASKS", np.packbits(request.masks, axis=2))  # one bit a pixel, rows from a byte on
    return message


def _asking(model: str, parameters: Mapping[str, Any]) -> service_pb2.ModelInferRequest:
    """Return a request of a model, with its parameters."""
    message = service_pb2.ModelInferRequest(model_name=model)
    text = json.dumps(parameters).encode()
    # Triton's BYTES: each element is preceded by its length, 4 bytes, little-endian.
    message.inputs.add(name="PARAMETERS", datatype="BYTES", shape=[1])
    message.raw_input_contents.append(len(text).to_bytes(4, "little") + text)
    return message


def _add(message: service_pb2.ModelInferRequest, name: str, array: np.ndarray[Any, Any]) -> None:
    message.inputs.add(name=name, datatype="UINT8", shape=array.shape)
    message.raw_input_contents.append(array.tobytes())


def _event(told: Mapping[str, Any], result: InferResult) -> BackendProgress | Edited | None:
    match told["kind"]:
        case "started" | "preview":
            picture = result.as_numpy("IMAGE")
            shown = picture if picture is not None and picture.size else None
            return BackendProgress(told["step"], told["steps"], shown)
        case "result":
            return Edited(result.as_numpy("IMAGE"), told.get("timings") or {}, told.get("checkpoint") or "")
    _log.warning("the engine sent an event of an unknown kind", extra={"kind": told["kind"]})
    return None


def _read(result: InferResult, family: str) -> dict[str, Any]:
    """Return what the engine tells; nothing of the empty response that closes a decoupled request.

    Raises:
        errors.Error: It tells of an error.

    """
    told = result.as_numpy("EVENT")
    if told is None:
        return {}
    event: dict[str, Any] = json.loads(told[0])
    if event["kind"] != "error":
        return event
    field = event.get("field") or ""
    ours = contract_field(field, family)
    message = event["message"]
    if ours is not None:  # said in the contract's words
        message = f"{ours} {message.removeprefix(f'{field}: ')}"
    raise engine_error(event["reason"], message, ours)


def _check(told: Mapping[str, Any]) -> InstructionCheck:
    return InstructionCheck(told["field"], told["tokens"], told["token_limit"], tuple(told["unknown_words"]))


def engine_error(reason: str, message: str, field: str | None = None) -> Exception:
    """Return the error that the engine's reason stands for, at a field of the request."""
    match reason:
        case "QUEUE_FULL":
            return errors.ResourceExhausted(
                "the engine's queue is full", retry_after=_RETRY_AFTER, hint=_RETRY
            )
        case "DEADLINE_EXCEEDED":
            return errors.DeadlineExceeded("the edit took longer than its deadline", hint="give it more time")
        case "ENGINE_STOPPED" | "CANCELLED":  # this side reads no more once it has cancelled
            return errors.Unavailable("the engine dropped the edit", retry_after=_RETRY_AFTER, hint=_RETRY)
        case "NOT_FINITE":  # the same request would end so again
            return errors.FailedPrecondition(message)
        case _ if reason.startswith("INVALID_"):
            return errors.InvalidArgument(message, field=field)
    return RuntimeError(f"the engine failed with {reason}: {message}")


def contract_field(field: str | None, family: str) -> str | None:
    """Return what the contract calls a field of a family's parameters, where it has it."""
    if not field:
        return None
    if field in _OPTIONS:
        return f"options.{field}"
    if field in {one.name for one in dataclasses.fields(FAMILIES[family].options)}:
        return f"options.{family}.{field}"
    return _FIELDS.get(field.rpartition(".")[2])


def _triton_error(message: str) -> Exception:
    # Triton's own refusals reach a stream as text alone; its words may hold paths, so they stay here.
    _log.error("triton refused a request", extra={"triton_message": message})
    return errors.Unavailable("the engine failed", retry_after=_RETRY_AFTER, hint=_RETRY)


def _rpc_error(error: grpc.aio.AioRpcError) -> Exception:
    translated = from_rpc(error)
    _log.warning("triton failed", extra={"code": error.code().name}, exc_info=error)
    if isinstance(translated, errors.Cancelled):
        return engine_error("CANCELLED", "")
    if isinstance(translated, errors.Retryable | errors.DeadlineExceeded):
        return translated
    return RuntimeError(f"triton answered {error.code().name}")
