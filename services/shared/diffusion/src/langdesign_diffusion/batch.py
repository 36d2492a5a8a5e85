"""States at different steps, with different requests, as the rows of one UNet batch."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from langdesign_diffusion.denoiser import Biases
from langdesign_diffusion.state import Condition, LatentState


def assemble(
    states: Sequence[LatentState], conditions: Sequence[Sequence[Condition]], rows: int, dtype: torch.dtype
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, Biases | None]:
    """Lay the states' conditions out as the rows of one UNet batch, idle rows after them."""
    samples, timesteps, contexts = [], [], []
    for state, own in zip(states, conditions, strict=True):
        scaled = state.latents * state.schedule.input_scale(state.step)
        for condition in own:
            samples.append(torch.cat([scaled, condition.latents], dim=1))
            contexts.append(condition.context)
            timesteps.append(state.schedule.timesteps[state.step])
    idle = max(rows - len(samples), 0)
    sample = torch.cat(samples + samples[:1] * idle).to(dtype)
    times = torch.tensor(timesteps + timesteps[:1] * idle, dtype=torch.float32, device=sample.device)
    context = torch.cat(contexts + contexts[:1] * idle)
    return sample, times, context, _biases(states, [len(own) for own in conditions], idle, context.shape[1])


def _biases(states: Sequence[LatentState], counts: Sequence[int], idle: int, tokens: int) -> Biases | None:
    """Return per resolution the rows' biases `[B, 1, L, 77 K]`; None if no state has one now."""
    acting = [state.acting_biases for state in states]
    resolutions = {length: bias for biases in acting for length, bias in biases.items()}
    batch = {}
    for length, some in resolutions.items():
        nothing = torch.zeros_like(some)
        rows = [
            biases.get(length, nothing).expand(count, -1, -1, -1)
            for biases, count in zip(acting, counts, strict=True)
        ]
        stacked = torch.cat([*rows, nothing.expand(idle, -1, -1, -1)])
        batch[length] = stacked[..., :tokens]
    return batch or None
