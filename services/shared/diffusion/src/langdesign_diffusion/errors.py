"""The error family of this library.

ReportedError (of `langdesign_edits`: its message may be shown to the caller)
└── DiffusionError
    ├── RequestError                 the caller's input; `field` names where
    │   ├── InvalidParameters
    │   └── InvalidArrays
    ├── CheckpointError              a checkpoint that cannot be used
    │   ├── UnsafeCheckpoint         it could run code when loaded
    │   └── IncompatibleCheckpoint   parts, keys or shapes are missing or of another kind
    ├── UnsupportedDevice            the device lacks what the networks need
    └── NotFinite                    the networks gave numbers that are no picture
"""

# ruff: noqa: N818 - the root of the family carries the suffix; its members are read as sentences
from __future__ import annotations

from langdesign_edits import ReportedError


class DiffusionError(ReportedError):
    """Base of every error that this library raises on purpose; the message says what to do."""

    reason = "DIFFUSION_ERROR"


class RequestError(DiffusionError):
    """The caller's input cannot be served as it is.

    Args:
        field: path of the field at fault, for example `regions[1].instruction`.
        message: what is wrong and what to do.

    """

    reason = "INVALID_REQUEST"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class InvalidParameters(RequestError):
    """A field of the parameters is missing, unknown, of another type or out of range."""

    reason = "INVALID_PARAMETERS"


class InvalidArrays(RequestError):
    """The image is not `[H, W, 3 or 4]` uint8 or too small, or the masks fit neither it nor the regions."""

    reason = "INVALID_ARRAYS"


class CheckpointError(DiffusionError):
    """A checkpoint cannot be used."""

    reason = "CHECKPOINT_ERROR"


class UnsafeCheckpoint(CheckpointError):
    """The checkpoint is a pickle, or a pickle that carries code; neither is ever loaded."""

    reason = "UNSAFE_CHECKPOINT"


class IncompatibleCheckpoint(CheckpointError):
    """The checkpoint lacks a part or a key, or its shapes are those of another kind of model."""

    reason = "INCOMPATIBLE_CHECKPOINT"


class UnsupportedDevice(DiffusionError):
    """The device lacks what the networks need."""

    reason = "UNSUPPORTED_DEVICE"


class NotFinite(DiffusionError):
    """The networks gave numbers that are not finite, and so no picture; other edits are not touched."""

    reason = "NOT_FINITE"
