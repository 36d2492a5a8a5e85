"""What editors of latent diffusion share: checkpoints, encoding, samplers, regularisation, preservation.

Errors and parameters are here and need no torch; the other modules do.
"""

from langdesign_diffusion.errors import (
    CheckpointError,
    DiffusionError,
    IncompatibleCheckpoint,
    InvalidArrays,
    InvalidParameters,
    NotFinite,
    RequestError,
    UnsafeCheckpoint,
    UnsupportedDevice,
)
from langdesign_diffusion.parameters import RegionParameters, RegularisationParameters

__all__ = [
    "CheckpointError",
    "DiffusionError",
    "IncompatibleCheckpoint",
    "InvalidArrays",
    "InvalidParameters",
    "NotFinite",
    "RegionParameters",
    "RegularisationParameters",
    "RequestError",
    "UnsafeCheckpoint",
    "UnsupportedDevice",
]
