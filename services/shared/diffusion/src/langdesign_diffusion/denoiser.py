"""The call that a step of diffusion is."""

from __future__ import annotations

from collections.abc import Callable

import torch

Biases = dict[int, torch.Tensor]
"""What steers attention at L positions: under L an additive bias of the cross-attention's logits
`[B, 1, L, 77 K]`; under `apart(L)` what the self-attention's queries and keys carry so that some positions
see nothing of others, `[B, 1, L, 2 M]` (`attention.features_apart`)."""


def apart(positions: int) -> int:
    """Return the key, in `Biases`, of what the self-attention of so many positions keeps apart."""
    return -positions


Denoiser = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, Biases | None], torch.Tensor]
"""(sample [B, C, h, w], timesteps [B], context [B, 77 K, D], biases) -> what `NoiseSchedule.prediction` says,
`[B, 4, h, w]`."""
