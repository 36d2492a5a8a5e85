"""The attention of the editor's UNet: SDPA, with a region bias where one is given."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from diffusers.models.attention_processor import Attention
from torch.nn import functional

_MANY = 256  # positions from which blocks pay, by measurement
_BLOCK = 2**21  # logits that a block holds, 4 MB: what the processor's caches keep between its products
_FEWEST_ROWS = 64  # queries of a block


class RegionAttention:
    """Attention processor for diffusers' `Attention` of a UNet transformer block.

    `biases` maps a number of positions L to an additive bias `[B, 1, L, 77 K]` on the logits of
    the cross-attention at that resolution; other resolutions and self-attention take none, so
    that self-attention stays on the flash kernel.
    """

    def __call__(
        self,
        attn: Attention,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        temb: torch.Tensor | None = None,
        biases: Mapping[int, torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """Attend from `hidden_states` `[B, L, C]` to the context `[B, 77 K, D]`, or to itself."""
        bias = attention_mask
        if encoder_hidden_states is not None and biases is not None:
            bias = biases.get(hidden_states.shape[1])
        query, key, value = project(attn, hidden_states, encoder_hidden_states)
        if bias is not None:
            bias = bias.to(query.dtype)  # the fused kernels refuse another
        if bias is None and pays_blockwise(query):
            return project_out(attn, blockwise_attention(query, key, value))
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        return project_out(attn, attended)


class ExplicitAttention:
    """`RegionAttention` with every map held and the bias added to it, as LIME's published code does.

    For comparisons, and for training on a CPU, where the backward pass of the fused kernel is slow.
    """

    def __call__(
        self,
        attn: Attention,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        temb: torch.Tensor | None = None,
        biases: Mapping[int, torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """Attend from `hidden_states` `[B, L, C]` to the context `[B, 77 K, D]`, or to itself."""
        query, key, value = project(attn, hidden_states, encoder_hidden_states)
        logits = (query * attn.scale) @ key.transpose(-1, -2)
        if encoder_hidden_states is not None and biases is not None and hidden_states.shape[1] in biases:
            logits = logits + biases[hidden_states.shape[1]]
        return project_out(attn, logits.softmax(dim=-1).to(value.dtype) @ value)


def project(
    attn: Attention, hidden_states: torch.Tensor, context: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return query, key and value, each `[B, heads, L, C / heads]`."""
    source = hidden_states if context is None else context
    projected = (attn.to_q(hidden_states), attn.to_k(source), attn.to_v(source))
    # Plain views here, not einops: torch.compile would trace into einops in each of some hundred calls.
    query, key, value = (x.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for x in projected)
    return query, key, value


def project_out(attn: Attention, attended: torch.Tensor) -> torch.Tensor:
    """Merge the heads of `[B, heads, L, C / heads]` and project them to `[B, L, C]`."""
    projected: torch.Tensor = attn.to_out[0](attended.transpose(1, 2).flatten(2))
    return projected


def pays_blockwise(query: torch.Tensor) -> bool:
    """Tell whether `blockwise_attention` is the quicker way to attend from `query`.

    That is in bfloat16 on a CPU over many positions, where torch's fused kernel does not use the
    processor's own products of bfloat16. Not where gradients are wanted: only the fused kernel's
    backward pass keeps no map.
    """
    in_bfloat16 = query.device.type == "cpu" and query.dtype == torch.bfloat16
    return in_bfloat16 and not torch.is_grad_enabled() and query.shape[-2] >= _MANY


def blockwise_attention(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Return the attention `[B, heads, L, D]` of queries `[B, heads, L, D]` to keys `[B, heads, S, D]`.

    As blocks of queries against all keys, each a batched matrix product over the heads, a softmax and
    a product again, so that no more than a block of the L x S map exists at a time (Rabe & Staats,
    arXiv:2112.05682, without their split of the keys).
    """
    samples, heads, positions, width = query.shape
    rows = max(_FEWEST_ROWS, _BLOCK // (heads * key.shape[-2]))
    queries = (query / math.sqrt(width)).flatten(0, 1)
    keys, values = key.flatten(0, 1).transpose(-1, -2), value.flatten(0, 1)
    attended = torch.empty_like(queries)
    for first in range(0, samples * heads, heads):  # a sample at a time: its keys stay in the caches
        own = slice(first, first + heads)
        for start in range(0, positions, rows):
            block = slice(start, start + rows)
            weights = torch.bmm(queries[own, block], keys[own]).softmax(dim=-1)
            torch.bmm(weights, values[own], out=attended[own, block])
    return attended.view(query.shape)
