"""Requests and events of the engine as named tensors and JSON, for model servers."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from langdesign_edits import ReportedError
from numpy.typing import NDArray

from langdesign_engine.engine import Engine
from langdesign_engine.errors import ImageMissing, InvalidMasks
from langdesign_engine.events import Event, Finished, Previewed, Started
from langdesign_engine.ticket import Ticket

Message = dict[str, NDArray[Any]]  # EVENT: [1] JSON bytes; IMAGE: [H, W, C] uint8, [0, 0, 0] where none


def submit_message(engine: Engine[Any, Any], tensors: Mapping[str, NDArray[Any]], caller: str = "") -> Ticket:
    """Submit IMAGE `[H, W, C]`, PARAMETERS `[1]` (JSON, read by the editor) and optional MASKS.

    MASKS are bits, `[R, H, ceil(W / 8)]` uint8 as `numpy.packbits` makes them: one mask per region.
    `caller` is a JSON object that may name the `tenant` and the `timeout_ms`; empty text says neither. The
    tensors are copied, as a server may take their memory back.

    Raises:
        ImageMissing: there is no picture.
        InvalidMasks: they are of another width than the picture.
        ReportedError: the editor refuses the request; QueueFull, EngineStopped: see `Engine.submit`.

    """
    if "IMAGE" not in tensors:
        raise ImageMissing("image: is missing; send it, or ask for a check")
    options, image = json.loads(caller or "{}"), np.array(tensors["IMAGE"])
    masks = _unpacked(tensors["MASKS"], image.shape[1]) if "MASKS" in tensors else None
    request = engine.stepper.read_request(image, masks, tensors["PARAMETERS"].item())
    timeout = options["timeout_ms"] / 1000 if "timeout_ms" in options else None
    return engine.submit(request, tenant=options.get("tenant", ""), timeout=timeout)


def wants_check(caller: str) -> bool:
    """Return whether a caller's JSON object says `"check": true`: look at the request, and edit nothing."""
    return json.loads(caller or "{}").get("check") is True


def check_message(engine: Engine[Any, Any], tensors: Mapping[str, NDArray[Any]]) -> Message:
    """Check PARAMETERS as `submit_message` takes them, and return what there is to say of each instruction.

    It takes milliseconds, no slot and no place in the queue; IMAGE and MASKS are not looked at.

    Raises:
        ReportedError: the editor would refuse the parameters with any picture, or an instruction is too long.

    """
    checks = engine.stepper.check(tensors["PARAMETERS"].item())
    told = [
        {
            "field": check.field,
            "tokens": check.tokens,
            "token_limit": check.token_limit,
            "unknown_words": list(check.unknown_words),
        }
        for check in checks
    ]
    return _message(kind="checked", instructions=told)


def event_message(event: Event) -> Message:
    """Return an event as named tensors."""
    match event:
        case Started(steps):
            return _message(kind="started", step=0, steps=steps)
        case Previewed(step, steps, image):
            return _message(image, kind="preview", step=step, steps=steps)
        case Finished(steps, result, timings):
            told = {"timings": dataclasses.asdict(timings), "checkpoint": result.checkpoint}
            return _message(result.image, kind="result", step=steps, steps=steps, **told)


def error_message(error: Exception) -> Message:
    """Return a failure as named tensors; of one not meant for the caller nothing inner is told."""
    if isinstance(error, ReportedError):
        at: dict[str, object] = {"field": error.field} if error.field else {}
        return _message(None, kind="error", reason=error.reason, message=str(error), **at)
    return _message(kind="error", reason="INTERNAL", message="the edit failed inside the engine")


def _unpacked(masks: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Return masks of bits as the editors read them: `[R, H, W]` uint8, 0 or 255."""
    if masks.shape[-1] != -(-width // 8):
        raise InvalidMasks(
            f"masks: of {masks.shape[-1]} bytes a row do not fit a picture {width} px wide; "
            f"pack each row's pixels into {-(-width // 8)}"
        )
    return np.unpackbits(masks, axis=-1, count=width) * np.uint8(255)


def _message(image: NDArray[np.uint8] | None = None, **fields: object) -> Message:
    text = np.array([json.dumps(fields).encode()], object)
    return {"EVENT": text, "IMAGE": np.zeros((0, 0, 0), np.uint8) if image is None else image}
