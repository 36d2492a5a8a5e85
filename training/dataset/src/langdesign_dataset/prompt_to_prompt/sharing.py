"""Attention shared between the two images of a pair, by substitution."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from diffusers.models.attention_processor import Attention
from torch.nn import functional

from langdesign_diffusion.attention import project, project_out
from langdesign_dataset.prompt_to_prompt.alignment import CrossAttentionEdit
from langdesign_dataset.prompt_to_prompt.blending import WordMaps


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who shares what with whom in one step of a batch of B rows."""

    self_source: torch.Tensor  # [B] int64: whose queries and keys each row's self-attention uses
    cross_rows: torch.Tensor  # [K] int64: the rows whose cross-attention is edited
    cross_source: torch.Tensor  # [K] int64: the rows that they take it from
    cross: CrossAttentionEdit | None = None
    maps: WordMaps | None = None  # where a local blend collects the maps of its words


class SharedAttention:
    """Attention processor that shares as a `Sharing` says."""

    def __call__(
        self,
        attn: Attention,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        temb: torch.Tensor | None = None,
        sharing: Sharing | None = None,
    ) -> torch.Tensor:
        """Attend from `[B, L, C]` to the context `[B, 77, D]`, or to itself."""
        query, key, value = project(attn, hidden_states, encoder_hidden_states)
        if sharing is None:
            attended = functional.scaled_dot_product_attention(query, key, value)
        elif encoder_hidden_states is None:
            attended = share_self(query, key, value, sharing)
        else:
            attended = share_cross(query, key, value, sharing)
        return project_out(attn, attended)


def share_self(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, sharing: Sharing) -> torch.Tensor:
    """Return SDPA(q1, k1, v2): the second image's values under the first one's map.

    Args:
        query: `[B, heads, L, c]`, as are key and value and the result.
        key: see query.
        value: see query.
        sharing: `self_source` tells whose map each row uses.

    """
    source = sharing.self_source
    return functional.scaled_dot_product_attention(query[source], key[source], value)


def share_cross(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, sharing: Sharing
) -> torch.Tensor:
    """Return (M1 @ transfer + M2 * own) @ v2 for the edited rows, M2 @ v2 for the others.

    As M1 @ (transfer @ v2) + M2 @ (own * v2): two attentions, and no map.
    """
    if sharing.maps is not None:
        sharing.maps.collect(query, key)
    attended = functional.scaled_dot_product_attention(query, key, value)
    edit, rows, source = sharing.cross, sharing.cross_rows, sharing.cross_source
    if edit is None or not len(rows):
        return attended
    attend = functional.scaled_dot_product_attention
    values = value[rows]
    taken = attend(query[source], key[source], edit.transfer @ values)
    kept = attend(query[rows], key[rows], edit.own[:, None] * values)
    return attended.index_copy(0, rows, taken + kept)
