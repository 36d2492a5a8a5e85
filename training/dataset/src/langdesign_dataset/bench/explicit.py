"""Prompt-to-Prompt with attention maps, as published implementations share it: what ours is compared with.

Every map is laid out (softmax of queries by keys, `[rows, heads, L, keys]`), second images' maps are replaced
by first ones', and the maps are applied to the values; texts are projected anew for each row of each step.
"""

from __future__ import annotations

import torch
from diffusers.models.attention_processor import Attention
from langdesign_diffusion.attention import project, project_out

from ..prompt_to_prompt.sharing import Sharing


class ExplicitSharing:
    """Attention processor that takes the same `Sharing` as `SharedAttention`, of self-attention."""

    def __call__(
        self,
        attn: Attention,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        temb: torch.Tensor | None = None,
        *,
        sharing: Sharing,
    ) -> torch.Tensor:
        """Attend from `[4 P, L, C]` to the texts of the groups `[4, 77, D]`, or to itself."""
        count, context = len(sharing.shared), encoder_hidden_states
        if context is not None:
            context = context.repeat_interleave(count, dim=0)
        query, key, value = project(attn, hidden_states, context)
        maps = torch.softmax((query * attn.scale) @ key.transpose(-1, -2), dim=-1)
        if context is None:
            replace_maps(maps, sharing.shared)
        return project_out(attn, maps @ value)


def replace_maps(maps: torch.Tensor, shared: tuple[bool, ...]) -> None:
    """Put first images' maps in the place of second ones', in `[4 P, heads, L, keys]`, both branches."""
    count = len(shared)
    for place in (index for index, one in enumerate(shared) if one):
        for first in (place, 2 * count + place):
            maps[first + count] = maps[first]
