"""The attention of the editor's UNet: SDPA, with a region bias where one is given."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from diffusers.models.attention_processor import Attention
from torch.nn import functional


class RegionAttention:
    """Attention processor for diffusers' `Attention` of a UNet transformer block.

    `biases` maps a number of positions L to an additive bias `[B, 1, L, 77]` on the logits of
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
        """Attend from `hidden_states` `[B, L, C]` to the context `[B, 77, D]`, or to itself."""
        bias = attention_mask
        if encoder_hidden_states is not None and biases is not None:
            bias = biases.get(hidden_states.shape[1])
        query, key, value = project(attn, hidden_states, encoder_hidden_states)
        if bias is not None:
            bias = bias.to(query.dtype)  # the fused kernels refuse another
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
        """Attend from `hidden_states` `[B, L, C]` to the context `[B, 77, D]`, or to itself."""
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
