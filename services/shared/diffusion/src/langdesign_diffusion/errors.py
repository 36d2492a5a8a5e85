"""The error family of this library.

DiffusionError
├── RequestError                 the caller's input; `field` names what to mend
│   ├── InvalidParameters
│   ├── InvalidImage
│   └── InvalidMask
├── CheckpointError              a checkpoint that cannot be used
│   ├── UnsafeCheckpoint         it could run code when loaded
│   └── IncompatibleCheckpoint   parts, keys or shapes are missing or of another kind
└── EngineError                  the engine did not carry a request through
    ├── QueueFull
    ├── Cancelled
    ├── DeadlineExceeded
    └── EngineStopped
"""

# ruff: noqa: N818 - the root of the family carries the suffix; its members are read as sentences
from __future__ import annotations

from typing import ClassVar


class DiffusionError(Exception):
    """Base of every error that this library raises on purpose; the message names the mend."""

    reason: ClassVar[str] = "DIFFUSION_ERROR"


class RequestError(DiffusionError):
    """The caller's input cannot be served as it is.

    Args:
        field: path of the field at fault, for example `regions[1].instruction`.
        message: what is wrong and how to mend it.

    """

    reason = "INVALID_REQUEST"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class InvalidParameters(RequestError):
    """A field of `EditParameters` is missing, unknown, of another type or out of range."""

    reason = "INVALID_PARAMETERS"


class InvalidImage(RequestError):
    """The image has a shape or type that is not `[H, W, 3 or 4]` uint8, or is too small."""

    reason = "INVALID_IMAGE"


class InvalidMask(RequestError):
    """The masks do not fit the image or the regions of the parameters."""

    reason = "INVALID_MASK"


class CheckpointError(DiffusionError):
    """A checkpoint cannot be used."""

    reason = "CHECKPOINT_ERROR"


class UnsafeCheckpoint(CheckpointError):
    """The checkpoint is a pickle, or a pickle that carries code; neither is ever loaded."""

    reason = "UNSAFE_CHECKPOINT"


class IncompatibleCheckpoint(CheckpointError):
    """The checkpoint lacks a part or a key, or its shapes are those of another kind of model."""

    reason = "INCOMPATIBLE_CHECKPOINT"


class EngineError(DiffusionError):
    """The engine did not carry a request through."""

    reason = "ENGINE_ERROR"


class QueueFull(EngineError):
    """The engine's queue is at its bound; the caller may try again later."""

    reason = "QUEUE_FULL"


class Cancelled(EngineError):
    """The caller cancelled the request; the work stopped at a step boundary."""

    reason = "CANCELLED"


class DeadlineExceeded(EngineError):
    """The request's deadline passed; the work stopped at a step boundary."""

    reason = "DEADLINE_EXCEEDED"


class EngineStopped(EngineError):
    """The engine is shutting down and takes no more requests."""

    reason = "ENGINE_STOPPED"
