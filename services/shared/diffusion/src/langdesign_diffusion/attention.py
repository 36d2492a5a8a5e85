"""The attention of the editor's UNet: SDPA, with a region bias where one is given."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from diffusers.models.attention_processor import Attention
from torch.nn import functional

from langdesign_diffusion.denoiser import apart

_MANY = 256  # positions from which blocks pay, by measurement
_BLOCK = 2**21  # logits that a block holds, 4 MB: what the processor's caches keep between its products
_FEWEST_ROWS = 64  # queries of a block
_APART = 128.0  # its square is taken off logits before they are scaled: the softmax of what is left is 0


class RegionAttention:
    """Attention processor for diffusers' `Attention` of a UNet transformer block.

    `biases` (see `Biases`) maps a number of positions L to an additive bias `[B, 1, L, 77 K]` on the logits
    of the cross-attention at that resolution; other resolutions take none. Self-attention takes none at all,
    so that it stays on the flash kernel; what it is to keep apart goes into queries and keys.
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
        features = None
        if encoder_hidden_states is None and biases is not None:
            features = biases.get(apart(hidden_states.shape[1]))
        if features is not None:
            return project_out(attn, attention_apart(query, key, value, features))
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
        positions = hidden_states.shape[1]
        if encoder_hidden_states is not None and biases is not None and positions in biases:
            logits = logits + biases[positions]
        if encoder_hidden_states is None and biases is not None and apart(positions) in biases:
            of_queries, of_keys = biases[apart(positions)].to(logits.dtype).chunk(2, dim=-1)
            logits = logits + of_queries @ of_keys.transpose(-1, -2)
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


def features_apart(columns: torch.Tensor) -> torch.Tensor:
    """Return what queries and keys carry so that positions of different columns see nothing of each other.

    That a position is in one column and another in a different one is a product of few terms. So it goes
    into queries and keys as further features, which take enough off their product, and any kernel serves:
    there is no bias `[L, L]`, and what is kept apart is data, never a shape.

    Args:
        columns: 0 or 1, `[..., L, M]`.

    Returns:
        `[..., L, 2 M]`: the queries' features, and the keys'.

    """
    others = columns.sum(dim=-1, keepdim=True) - columns
    return torch.cat([_APART * columns, -_APART * others], dim=-1)


def attention_apart(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, features: torch.Tensor
) -> torch.Tensor:
    """Return the self-attention `[B, heads, L, D]` in which some positions see nothing of others.

    Args:
        query: `[B, heads, L, D]`.
        key: of the same shape.
        value: of the same shape.
        features: of `features_apart`, `[B, 1, L, 2 M]`.

    """
    width, more = query.shape[-1], features.shape[-1] // 2
    of_queries, of_keys = features.to(query.dtype).expand(-1, query.shape[1], -1, -1).chunk(2, dim=-1)
    query, key = torch.cat([query, of_queries], dim=-1), torch.cat([key, of_keys], dim=-1)
    padded = functional.pad(value, (0, more))  # the flash kernel wants one width of all
    scale = 1 / math.sqrt(width)
    if pays_blockwise(query):
        return blockwise_attention(query, key, padded, scale)[..., :width]
    return functional.scaled_dot_product_attention(query, key, padded, scale=scale)[..., :width]


def pays_blockwise(query: torch.Tensor) -> bool:
    """Tell whether `blockwise_attention` is the quicker way to attend from `query`.

    That is in bfloat16 on a CPU over many positions, where torch's fused kernel does not use the
    processor's own products of bfloat16. Not where gradients are wanted: only the fused kernel's
    backward pass keeps no map.
    """
    in_bfloat16 = query.device.type == "cpu" and query.dtype == torch.bfloat16
    return in_bfloat16 and not torch.is_grad_enabled() and query.shape[-2] >= _MANY


def blockwise_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float | None = None
) -> torch.Tensor:
    """Return the attention `[B, heads, L, D]` of queries `[B, heads, L, D]` to keys `[B, heads, S, D]`.

    Products are scaled by `scale`, by default 1 / sqrt(D).

    As blocks of queries against all keys, each a batched matrix product over the heads, a softmax and
    a product again, so that no more than a block of the L x S map exists at a time (Rabe & Staats,
    arXiv:2112.05682, without their split of the keys).
    """
    samples, heads, positions, width = query.shape
    rows = max(_FEWEST_ROWS, _BLOCK // (heads * key.shape[-2]))
    queries = (query / math.sqrt(width) if scale is None else query * scale).flatten(0, 1)
    keys, values = key.flatten(0, 1).transpose(-1, -2), value.flatten(0, 1)
    attended = torch.empty_like(queries)
    for first in range(0, samples * heads, heads):  # a sample at a time: its keys stay in the caches
        own = slice(first, first + heads)
        for start in range(0, positions, rows):
            block = slice(start, start + rows)
            weights = torch.bmm(queries[own, block], keys[own]).softmax(dim=-1)
            torch.bmm(weights, values[own], out=attended[own, block])
    return attended.view(query.shape)
