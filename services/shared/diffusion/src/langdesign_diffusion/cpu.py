"""What makes the networks quick on a CPU, beside `attention.blockwise_attention`."""

from __future__ import annotations

import ctypes
import logging
import sys

import torch
from diffusers.models.activations import GEGLU
from diffusers.models.attention import FeedForward
from torch.nn import functional

from langdesign_diffusion.checkpoint import Checkpoint

_log = logging.getLogger(__name__)

# Of glibc's mallopt(3); Python names neither.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT = 2**30  # bytes; a tensor of a step at 64x64 latents takes up to 63 MB


class SplitGEGLU(torch.nn.Module):
    """diffusers' GEGLU, its one projection computed as two products with the halves of its rows.

    The halves come out contiguous: GELU and product read them without a stride, and the product
    needs no tensor of its own. Its weights and their names are those of the module it is made of.
    """

    def __init__(self, projection: torch.nn.Linear) -> None:
        """Take the projection `[C]` to `[2 D]` of a GEGLU."""
        super().__init__()
        self.proj = projection

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        """Map `[..., C]` to `[..., D]`: value times GELU of gate."""
        half = self.proj.out_features // 2
        weight, bias = self.proj.weight, self.proj.bias
        gate = functional.gelu(functional.linear(hidden_states, weight[half:], bias[half:]))
        value = functional.linear(hidden_states, weight[:half], bias[:half])
        return value.mul_(gate)


def quicken(checkpoint: Checkpoint) -> None:
    """Make a checkpoint quick to serve with on a CPU, in place; elsewhere do nothing.

    In float32 the networks are not touched, so that a seed's picture stays what it was, bit by bit.
    """
    if checkpoint.device.type != "cpu":
        return
    keep_freed_memory()
    if checkpoint.dtype != torch.bfloat16:
        return
    for module in checkpoint.unet.modules():
        if isinstance(module, FeedForward) and type(module.net[0]) is GEGLU:
            module.net[0] = SplitGEGLU(module.net[0].proj)


def keep_freed_memory() -> None:
    """Let the process reuse the memory of freed tensors in place of giving it back to the system.

    glibc gives large blocks back at once, and every step's tensors cost thousands of page faults again.
    The process holds its peak from then on. Does nothing under another C library.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        _log.info("this C library has no mallopt; freed memory goes back to the system")
        return
    mallopt(_M_MMAP_THRESHOLD, _KEPT)
    mallopt(_M_TRIM_THRESHOLD, _KEPT)
