"""Local blend: only where the named words attend may the second image differ (section 3.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from einops import rearrange, repeat
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class LocalBlend:
    """Which words' attention bounds the change."""

    before: tuple[str, ...]  # words of the first caption
    after: tuple[str, ...]  # words of the second caption
    threshold: float = 0.3  # share of the strongest attention that counts as inside, 0..1
    start: float = 0.2  # share of the steps after which it acts: earlier maps are vague


@dataclass(slots=True)
class WordMaps:
    """The attention that rows of a batch pay to chosen words, summed over layers and steps.

    Each word's map is SDPA with an indicator for values: the map itself is never laid out.
    """

    words: torch.Tensor  # [B, 77] float32, 1 at the tokens of a row's words
    size: tuple[int, int]  # (h, w) of the level whose maps are taken
    total: torch.Tensor | None = field(default=None)  # [B, h, w]

    def collect(self, query: torch.Tensor, key: torch.Tensor) -> None:
        """Add the maps of a layer, `[B, heads, L, c]` and `[B, heads, 77, c]`, if it is of that size."""
        height, width = self.size
        if query.shape[2] != height * width:
            return
        # The width of a head keeps the fused kernel; the first column is the sum over the words.
        indicator = functional.pad(self.words[..., None], (0, query.shape[3] - 1)).to(query)
        values = repeat(indicator, "b t c -> b h t c", h=query.shape[1])
        attended = functional.scaled_dot_product_attention(query, key, values)
        maps = rearrange(attended[..., 0].mean(dim=1), "b (h w) -> b h w", h=height).float()
        self.total = maps if self.total is None else self.total + maps

    def inside(self, shape: tuple[int, int], threshold: float) -> torch.Tensor:
        """Return `[B, 1, h, w]` in 0 or 1: where a row's words have a share of their strongest attention."""
        if self.total is None:
            return torch.ones(len(self.words), 1, *shape, device=self.words.device)
        grown = functional.max_pool2d(self.total.unsqueeze(1), 3, stride=1, padding=1)
        maps = functional.interpolate(grown, size=shape, mode="bilinear")
        return (maps >= threshold * maps.amax(dim=(2, 3), keepdim=True)).float()
