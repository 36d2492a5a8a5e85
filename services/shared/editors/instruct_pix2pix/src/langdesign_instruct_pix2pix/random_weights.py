"""Editors with random weights, for tests and benchmarks."""

from __future__ import annotations

import torch
from langdesign_diffusion.random_weights import Size, random_checkpoint

from langdesign_instruct_pix2pix.editor import Editor


def random_editor(
    size: Size, device: torch.device | str = "cpu", dtype: torch.dtype | None = None, *, seed: int = 0
) -> Editor:
    """Make an editor with random weights in memory (dtype None: bfloat16 on CUDA, else float32)."""
    return Editor(random_checkpoint(size, seed=seed).placed(device, dtype))
