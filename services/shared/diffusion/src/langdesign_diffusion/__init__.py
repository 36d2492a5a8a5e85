"""The editing engine: regularised InstructPix2Pix with step-level batching.

What a caller states a request with is here and needs no torch; `editor`, `engine` and
`checkpoint` hold what needs it.
"""

from langdesign_diffusion.errors import (
    Cancelled,
    CheckpointError,
    DeadlineExceeded,
    DiffusionError,
    EngineError,
    EngineStopped,
    IncompatibleCheckpoint,
    InvalidImage,
    InvalidMask,
    InvalidParameters,
    QueueFull,
    RequestError,
    UnsafeCheckpoint,
)
from langdesign_diffusion.parameters import (
    EditParameters,
    Preserve,
    RegionParameters,
    RegularisationParameters,
    SamplerName,
)

__all__ = [
    "Cancelled",
    "CheckpointError",
    "DeadlineExceeded",
    "DiffusionError",
    "EditParameters",
    "EngineError",
    "EngineStopped",
    "IncompatibleCheckpoint",
    "InvalidImage",
    "InvalidMask",
    "InvalidParameters",
    "Preserve",
    "QueueFull",
    "RegionParameters",
    "RegularisationParameters",
    "RequestError",
    "SamplerName",
    "UnsafeCheckpoint",
]
