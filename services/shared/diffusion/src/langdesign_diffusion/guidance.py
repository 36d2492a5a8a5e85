"""The arithmetic of guidance: which steps a rule covers, and how predictions are combined."""

from __future__ import annotations

from collections.abc import Sequence

import torch


def within_share(step: int, steps: int, start: float, end: float) -> bool:
    """Tell whether step `step` of `steps` lies in the share [start, end) of the steps."""
    return start * steps <= step < end * steps


def combine(predictions: torch.Tensor, weights: Sequence[float]) -> torch.Tensor:
    """Combine the predictions `[len(weights), 4, h, w]` into the guided one `[1, 4, h, w]`, in float32."""
    factors = predictions.new_tensor(weights, dtype=torch.float32)
    return torch.einsum("b c h w, b -> c h w", predictions.float(), factors).unsqueeze(0)
