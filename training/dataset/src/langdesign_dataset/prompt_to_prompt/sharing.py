"""Attention shared between the two images of a pair, by substitution.

Rows of a batch are (empty text, caption) x (before, after) x P candidates, in that order, so that each of the
four groups has one text: its keys and values are computed once a run, and serve all queries of its group.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import torch
from diffusers.models.attention_processor import Attention
from einops import rearrange, repeat
from langdesign_diffusion.attention import project_out
from torch.nn import functional

from langdesign_dataset.prompt_to_prompt.alignment import CrossAttentionEdit
from langdesign_dataset.prompt_to_prompt.blending import WordMaps

GROUPS = 4


@dataclass(frozen=True)
class TextProjections:
    """Keys and values of the texts of the four groups, once per layer."""

    contexts: torch.Tensor  # [4, 77, D]: empty, empty, caption before, caption after
    _kept: dict[Attention, tuple[torch.Tensor, torch.Tensor]] = field(default_factory=dict)

    def of(self, attn: Attention) -> tuple[torch.Tensor, torch.Tensor]:
        """Return keys and values, each `[4, heads, 77, c]`."""
        if attn not in self._kept:
            self._kept[attn] = _heads(attn, attn.to_k(self.contexts)), _heads(attn, attn.to_v(self.contexts))
        return self._kept[attn]


@dataclass(frozen=True)
class Sharing:
    """Who shares what with whom in one step."""

    shared: tuple[bool, ...]  # [P], whether a candidate's second image takes the first one's self-attention
    texts: TextProjections
    cross: CrossAttentionEdit | None = None  # of the captioned second images
    maps: WordMaps | None = None  # where a local blend collects the maps of its words

    @cached_property
    def source(self) -> torch.Tensor:
        """Return [4 P] int64: whose queries and keys each row's self-attention uses."""
        count = len(self.shared)
        rows = torch.arange(GROUPS * count).view(2, 2, count)
        rows[:, 1] -= count * torch.tensor(self.shared, dtype=torch.int64)
        return rows.flatten().to(self.texts.contexts.device)

    @cached_property
    def needed(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the rows whose queries and keys are used, and where among them each row's are, int64."""
        rows, places = torch.unique(self.source, return_inverse=True)
        return rows, places


class SharedAttention:
    """Attention processor that shares as a `Sharing` says."""

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
        """Attend from `[4 P, L, C]` to the texts of the groups, or to itself."""
        if encoder_hidden_states is None:
            attended = share_self(attn, hidden_states, sharing)
        else:
            attended = share_cross(attn, hidden_states, sharing)
        return project_out(attn, attended)


def share_self(attn: Attention, hidden: torch.Tensor, sharing: Sharing) -> torch.Tensor:
    """Return SDPA(q1, k1, v2), the second image's values under the first one's map: `[4 P, heads, L, c]`."""
    attend, value = functional.scaled_dot_product_attention, _heads(attn, attn.to_v(hidden))
    if not any(sharing.shared):
        return attend(_heads(attn, attn.to_q(hidden)), _heads(attn, attn.to_k(hidden)), value)
    rows, places = sharing.needed
    seen = hidden[rows]  # a shared row's own queries and keys are used by nobody
    query, key = _heads(attn, attn.to_q(seen)), _heads(attn, attn.to_k(seen))
    return attend(query[places], key[places], value)


def share_cross(attn: Attention, hidden: torch.Tensor, sharing: Sharing) -> torch.Tensor:
    """Return M @ v of each row's text; for captioned second images (M1 @ transfer + M2 * own) @ v2.

    The latter as M1 @ (transfer @ v2) + M2 @ (own * v2): two attentions, and no map.
    """
    count = len(sharing.shared)
    query = rearrange(_heads(attn, attn.to_q(hidden)), "(g p) h l c -> g h (p l) c", p=count)
    key, value = sharing.texts.of(attn)
    if sharing.maps is not None:
        _collect(sharing.maps, query, key, count)
    attend, edit = functional.scaled_dot_product_attention, sharing.cross
    attended = attend(query, key, value)
    if edit is not None:
        first, second, values = GROUPS - 2, GROUPS - 1, value[-1:]
        taken = attend(query[first:second], key[first:second], edit.transfer @ values)
        kept = attend(query[second:], key[second:], edit.own[:, None] * values)
        attended = torch.cat([attended[:second], taken + kept])
    return rearrange(attended, "g h (p l) c -> (g p) h l c", p=count)


def _collect(maps: WordMaps, query: torch.Tensor, key: torch.Tensor, count: int) -> None:
    rows = rearrange(query, "g h (p l) c -> (g p) h l c", p=count)
    maps.collect(rows, repeat(key, "g h t c -> (g p) h t c", p=count))


def _heads(attn: Attention, projected: torch.Tensor) -> torch.Tensor:
    """Split `[B, L, C]` into heads, `[B, heads, L, c]`."""
    return projected.view(*projected.shape[:2], attn.heads, -1).transpose(1, 2)
