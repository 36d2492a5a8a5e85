"""From a checkpoint as it was loaded to one that is ready to serve edits."""

from __future__ import annotations

import torch

from langdesign_diffusion.checkpoint import Checkpoint
from langdesign_diffusion.cpu import quicken
from langdesign_diffusion.precision import Precision, choose_dtype


def to_serve(checkpoint: Checkpoint, device: torch.device | str, precision: Precision = "auto") -> Checkpoint:
    """Move the networks (in place) to a device in what they are to compute in, and make them quick there.

    See `choose_dtype` for the precision, and `quicken` for what a CPU gets. Not for training: it may leave
    the weights in bfloat16.
    """
    target = torch.device(device)
    dtype = choose_dtype(precision, target, checkpoint.unet.config.block_out_channels)
    placed = checkpoint.placed(target, dtype)
    quicken(placed)
    return placed
