"""Regions as an additive bias on cross-attention logits (Simsar et al., "LIME", arXiv:2312.09256).

Inside a region every token that is not effective for it is penalised, in every guidance branch;
outside nothing changes, unless the background lock penalises the regions' content words there.
The bias is made once per edit and resolution. No attention map is ever materialised.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from einops import rearrange
from torch.nn import functional

from langdesign_diffusion.parameters import RegularisationParameters
from langdesign_diffusion.tokens import Prompt

ALIGNED_TOKENS = 80  # 77 rounded up: CUDA's memory-efficient kernel wants rows of a multiple of 8


def level_shapes(latent_shape: tuple[int, int], levels: Sequence[int]) -> list[tuple[int, int]]:
    """Return (h, w) at the given UNet levels: level k halves the latent k times, rounding up."""
    height, width = latent_shape
    return [(-(-height // 2**level), -(-width // 2**level)) for level in levels]


def build_biases(
    masks: torch.Tensor,
    prompt: Prompt,
    shapes: Sequence[tuple[int, int]],
    parameters: RegularisationParameters,
    dtype: torch.dtype,
) -> dict[int, torch.Tensor]:
    """Return, per resolution, the bias `[1, 1, L, 80]`; only the first 77 columns are tokens.

    Args:
        masks: `[R, H, W]` bool, the padded image's size.
        prompt: the edit's tokens, with one row of content words per region.
        shapes: (h, w) of each resolution that is regularised.
        parameters: strength and background lock.
        dtype: of the attention that the bias is added to.

    """
    penalty = torch.finfo(dtype).max if parameters.alpha is None else parameters.alpha
    biases = {}
    for height, width in shapes:
        inside = regions_at(masks, height, width)
        penalised = penalised_tokens(inside, prompt, background_lock=parameters.background_lock)
        bias = torch.zeros(1, 1, height * width, ALIGNED_TOKENS, dtype=dtype, device=masks.device)
        bias[..., : penalised.shape[1]].masked_fill_(penalised, -penalty)
        biases[height * width] = bias
    return biases


def regions_at(masks: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Return `[R, L]` bool: where each mask `[R, H, W]` covers half of a position or more.

    A region too small to cover half of any position takes the positions that it covers most.
    """
    coverage = functional.adaptive_avg_pool2d(masks.float().unsqueeze(0), (height, width)).squeeze(0)
    coverage = rearrange(coverage, "r h w -> r (h w)")
    most = coverage.amax(dim=1, keepdim=True)
    return (coverage >= most.clamp(max=0.5)) & (coverage > 0)


def penalised_tokens(inside: torch.Tensor, prompt: Prompt, *, background_lock: bool) -> torch.Tensor:
    """Return `[L, 77]` bool: which tokens are penalised at which positions, for `[R, L]` regions."""
    effective, words = prompt.effective().to(inside.device), prompt.words.to(inside.device)
    allowed = (inside.float().T @ effective.float()) > 0
    covered = inside.any(dim=0).unsqueeze(1)
    penalised = covered & ~allowed
    if background_lock:
        penalised |= ~covered & words.any(dim=0)
    return penalised
