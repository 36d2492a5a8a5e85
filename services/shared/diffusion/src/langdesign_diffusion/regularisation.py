"""Regions as an additive bias on cross-attention logits (Simsar et al., "LIME", arXiv:2312.09256).

Inside a region every token that is not effective for it is penalised, in every guidance branch;
outside nothing changes, unless the background lock penalises the regions' content words there.
The bias is made once per edit and resolution. No attention map is ever materialised.

Where regions have instructions of their own, another bias keeps each position to those of its regions: at
every resolution and in every step, since that is no help but what the regions mean.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from einops import rearrange
from torch.nn import functional

from langdesign_diffusion.attention import features_apart
from langdesign_diffusion.denoiser import apart
from langdesign_diffusion.parameters import RegularisationParameters
from langdesign_diffusion.region_prompts import RegionPrompts

_ALIGNMENT = 8  # elements: CUDA's memory-efficient kernel wants rows of a multiple of it, 80 for 77 tokens


def level_shapes(latent_shape: tuple[int, int], levels: Sequence[int]) -> list[tuple[int, int]]:
    """Return (h, w) at the given UNet levels: level k halves the latent k times, rounding up."""
    height, width = latent_shape
    return [(-(-height // 2**level), -(-width // 2**level)) for level in levels]


def build_biases(
    masks: torch.Tensor,
    prompts: RegionPrompts,
    shapes: Sequence[tuple[int, int]],
    parameters: RegularisationParameters,
    dtype: torch.dtype,
) -> dict[int, torch.Tensor]:
    """Return, per resolution, the bias `[1, 1, L, 80]`; only the first 77 columns are tokens.

    Of K distinct instructions there are 77 K tokens, and columns up to a multiple of 8.

    Args:
        masks: `[R, H, W]` bool, the padded image's size.
        prompts: the edit's tokens, of R regions.
        shapes: (h, w) of each resolution that is regularised.
        parameters: strength and background lock.
        dtype: of the attention that the bias is added to.

    """
    penalty = torch.finfo(dtype).max if parameters.alpha is None else parameters.alpha
    biases = build_separation(masks, prompts, shapes, dtype)
    for height, width in shapes:
        inside = regions_at(masks, height, width)
        penalised = penalised_tokens(inside, prompts, background_lock=parameters.background_lock)
        bias = biases.setdefault(height * width, _no_bias(penalised, dtype))
        columns = bias[..., : penalised.shape[1]]
        columns.masked_fill_(penalised & (columns == 0), -penalty)
    return biases


def build_separation(
    masks: torch.Tensor, prompts: RegionPrompts, shapes: Sequence[tuple[int, int]], dtype: torch.dtype
) -> dict[int, torch.Tensor]:
    """Return, per resolution, what keeps instructions apart; of one instruction there is nothing to.

    A position reads the instructions of its regions and no other; one of no region, what is read outside: a
    bias of `build_biases`' shape. And positions of one instruction each see nothing of another's in
    self-attention, so that what becomes of one region does not colour the other (`attention_apart`).
    """
    if len(prompts.prompts) == 1:
        return {}
    biases = {}
    for height, width in shapes:
        inside = regions_at(masks, height, width)
        unread = ~read_tokens(inside, prompts)
        bias = _no_bias(unread, dtype)
        bias[..., : unread.shape[1]].masked_fill_(unread, -torch.finfo(dtype).max)
        biases[height * width] = bias
        columns = _aligned(alone(inside, prompts, (height, width)), dtype)
        biases[apart(height * width)] = features_apart(columns)
    return biases


def regions_at(masks: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Return `[R, L]` bool: where each mask `[R, H, W]` covers half of a position or more.

    A region too small to cover half of any position takes the positions that it covers most.
    """
    coverage = functional.adaptive_avg_pool2d(masks.float().unsqueeze(0), (height, width)).squeeze(0)
    coverage = rearrange(coverage, "r h w -> r (h w)")
    most = coverage.amax(dim=1, keepdim=True)
    return (coverage >= most.clamp(max=0.5)) & (coverage > 0)


def penalised_tokens(inside: torch.Tensor, prompts: RegionPrompts, *, background_lock: bool) -> torch.Tensor:
    """Return `[L, 77 K]` bool: which tokens are penalised at which positions, for `[R, L]` regions."""
    covered = inside.any(dim=0).unsqueeze(1)
    penalised = covered & ~_of_positions(inside, prompts.effective)
    if background_lock:
        penalised |= ~covered & prompts.words.to(inside.device).any(dim=0)
    return penalised


def read_tokens(inside: torch.Tensor, prompts: RegionPrompts) -> torch.Tensor:
    """Return `[L, 77 K]` bool: which tokens are read at which positions, for `[R, L]` regions."""
    covered = inside.any(dim=0).unsqueeze(1)
    return _of_positions(inside, prompts.read) | (~covered & prompts.read_outside.to(inside.device))


def alone(inside: torch.Tensor, prompts: RegionPrompts, shape: tuple[int, int]) -> torch.Tensor:
    """Return `[L, K]` bool: where regions `[R, L]` of one instruction alone are, or are next to.

    Convolutions mix a position with those beside it, which hold something of its colour then: so what is next
    to the regions of one instruction alone counts as theirs. `shape` is (h, w), L positions.
    """
    places = torch.tensor(prompts.regions, device=inside.device)
    asked = torch.stack([inside[places == at].any(dim=0) for at in range(len(prompts.prompts))])
    maps = rearrange(asked.float(), "k (h w) -> k h w", h=shape[0])
    near = rearrange(functional.max_pool2d(maps, 3, stride=1, padding=1), "k h w -> k (h w)") > 0
    beside = near & ~asked.any(dim=0)
    return (_of_one(asked) | _of_one(beside)).T


def _of_one(asked: torch.Tensor) -> torch.Tensor:
    """Return `[K, L]` bool: where one of K is, and no other."""
    return asked & (asked.sum(dim=0) == 1)


def _of_positions(inside: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Return `[L, 77 K]` bool: the tokens `[R, 77 K]` of all regions `[R, L]` that a position lies in."""
    return (inside.float().T @ tokens.to(inside.device).float()) > 0


def _no_bias(tokens: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Return zeros `[1, 1, L, 80]` for `[L, 77]` tokens."""
    return torch.zeros_like(_aligned(tokens, dtype))


def _aligned(table: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Return `[L, n]` as `[1, 1, L, m]`, its rows padded with zeros to what the kernels want."""
    return functional.pad(table.to(dtype), (0, -table.shape[1] % _ALIGNMENT))[None, None]
