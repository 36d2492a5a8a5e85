"""The call that a step of diffusion is."""

from __future__ import annotations

from collections.abc import Callable

import torch

Biases = dict[int, torch.Tensor]
"""Additive biases of the cross-attention's logits, per number of positions L: `[B, 1, L, 77 K]`."""

Denoiser = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, Biases | None], torch.Tensor]
"""(sample [B, C, h, w], timesteps [B], context [B, 77 K, D], biases) -> what `NoiseSchedule.prediction` says,
`[B, 4, h, w]`."""
