"""States at different steps, with different requests, as the rows of one UNet batch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from langdesign_diffusion.denoiser import Biases

from langdesign_instruct_pix2pix.guidance import Branch
from langdesign_instruct_pix2pix.state import Pix2PixState


def assemble(
    states: Sequence[Pix2PixState], branches: Sequence[Sequence[Branch]], rows: int, dtype: torch.dtype
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, Biases | None]:
    """Lay the states' branches out as the rows of one UNet batch, idle rows after them."""
    samples, timesteps, contexts = [], [], []
    for state, own in zip(states, branches, strict=True):
        scaled = state.latents * state.schedule.input_scale(state.step)
        for branch in own:
            image = state.encoded.latents if branch.image else torch.zeros_like(state.encoded.latents)
            samples.append(torch.cat([scaled, image], dim=1))
            contexts.append(state.context[:1] if branch.text else state.context[1:])
            timesteps.append(state.schedule.timesteps[state.step])
    idle = max(rows - len(samples), 0)
    sample = torch.cat(samples + samples[:1] * idle).to(dtype)
    times = torch.tensor(timesteps + timesteps[:1] * idle, dtype=torch.float32, device=sample.device)
    context = torch.cat(contexts + contexts[:1] * idle)
    return sample, times, context, batch_biases(states, [len(own) for own in branches], idle)


def batch_biases(states: Sequence[Pix2PixState], counts: Sequence[int], idle: int) -> Biases | None:
    """Return per resolution the rows' biases `[B, 1, L, 77]`; None if no state has one now."""
    resolutions = {
        length: bias for state in states if state.regularised for length, bias in state.biases.items()
    }
    batch = {}
    for length, some in resolutions.items():
        nothing = torch.zeros_like(some)
        rows = [
            (state.biases.get(length, nothing) if state.regularised else nothing).expand(count, -1, -1, -1)
            for state, count in zip(states, counts, strict=True)
        ]
        stacked = torch.cat([*rows, nothing.expand(idle, -1, -1, -1)])
        batch[length] = stacked[..., : states[0].context.shape[1]]
    return batch or None
