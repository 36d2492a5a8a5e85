"""What the networks compute in: float32, or bfloat16 where the processor multiplies it itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch

Precision = Literal["auto", "float32", "bfloat16"]

# Seen at sides of 48 to 128 channels (the embedded family): bfloat16 is not faster throughout. At 320 to 1280
# (Stable Diffusion 1.5): three times as fast. A fixed bound in between and no timing, so that a seed's
# picture does not hang on how busy the machine was when the model was loaded.
_WIDE = 256  # channels


def choose_dtype(precision: Precision, device: torch.device, channels: Sequence[int]) -> torch.dtype:
    """Return what a UNet of these channels per level is to compute in.

    "auto" is bfloat16 on CUDA; on a CPU bfloat16 where `has_bfloat16` and the widest level has 256
    channels or more, else float32. It depends on nothing but the arguments and the processor's kind.
    """
    if precision != "auto":
        return torch.bfloat16 if precision == "bfloat16" else torch.float32
    if device.type == "cuda":
        return torch.bfloat16
    return torch.bfloat16 if has_bfloat16() and max(channels) >= _WIDE else torch.float32


def has_bfloat16() -> bool:
    """Tell whether this processor multiplies matrices of bfloat16 itself (AVX512-BF16 or AMX)."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16"))


def multiplies_bfloat16(device: str | torch.device) -> bool:
    """Tell whether a device multiplies matrices of bfloat16 itself, and does not emulate it.

    A processor with AVX2 alone takes some sixty times as long for an emulated product as for one of float32.
    """
    if torch.device(device).type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return has_bfloat16()
