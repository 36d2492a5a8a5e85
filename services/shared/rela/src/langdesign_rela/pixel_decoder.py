"""Multi-scale deformable attention (Zhu et al., Deformable DETR, ICLR 2021), as Mask2Former decodes pixels.

The published code needs a compiled CUDA operator; here the sampling is `torch.nn.functional.grid_sample`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

from .config import PixelDecoderConfig
from .positions import sine_positions

Grid = tuple[int, int]


def reference_points(grids: Sequence[Grid], device: torch.device) -> Tensor:
    """Return the centres of all levels' cells as (x, y) in 0..1: fp32 [sum of H*W, 2]."""
    levels = []
    for height, width in grids:
        y = torch.linspace(0.5, height - 0.5, height, device=device) / height
        x = torch.linspace(0.5, width - 0.5, width, device=device) / width
        levels.append(torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], dim=-1).flatten(0, 1))
    return torch.cat(levels)


class DeformableAttention(nn.Module):
    """Each token reads a few learned places on every level."""

    def __init__(self, dim: int, levels: int, heads: int, points: int) -> None:
        super().__init__()
        self.levels, self.heads, self.points = levels, heads, points
        self.offsets = nn.Linear(dim, heads * levels * points * 2)
        self.weights = nn.Linear(dim, heads * levels * points)
        self.value = nn.Linear(dim, dim)
        self.output = nn.Linear(dim, dim)

    def reset_parameters(self) -> None:
        """Start with each head looking in its own direction, its points at growing distance."""
        angle = torch.arange(self.heads) * (2.0 * math.pi / self.heads)
        direction = torch.stack((angle.cos(), angle.sin()), dim=-1)
        direction = direction / direction.abs().amax(dim=-1, keepdim=True)
        reach = torch.arange(1, self.points + 1)
        offsets = direction[:, None, None, :] * reach[None, None, :, None]
        with torch.no_grad():
            self.offsets.weight.zero_()
            self.offsets.bias.copy_(offsets.expand(-1, self.levels, -1, -1).flatten())
            self.weights.weight.zero_()
            self.weights.bias.zero_()

    def forward(self, query: Tensor, points: Tensor, tokens: Tensor, grids: Sequence[Grid]) -> Tensor:
        """Map [N, L, C] to the same shape.

        Args:
            query: tokens with their positions [N, L, C].
            points: each token's own place (x, y) in 0..1 [L, 2].
            tokens: what is read, all levels one after another [N, L, C].
            grids: height and width of each level.

        """
        heads, levels = self.heads, self.levels
        # Places in fp32 at least: bf16 has not the digits for a pixel.
        wide = torch.promote_types(query.dtype, torch.float32)
        value = rearrange(self.value(tokens), "n l (h d) -> (n h) d l", h=heads)
        # The points stand before the tokens, so that their weighted sum runs along memory.
        offsets = rearrange(
            self.offsets(query), "n l (h v p xy) -> v (n h) p l xy", h=heads, v=levels, p=self.points, xy=2
        )
        weights = rearrange(self.weights(query), "n l (h vp) -> n l h vp", h=heads).softmax(dim=-1)
        weights = rearrange(weights, "n l h (v p) -> v p (n h) 1 l", v=levels).contiguous()
        read = torch.zeros_like(value)
        levels_of_value = torch.split(value, [h * w for h, w in grids], dim=2)
        for level, (height, width) in enumerate(grids):
            place = points + offsets[level].to(wide) / points.new_tensor((width, height))
            plane = rearrange(levels_of_value[level], "b d (h w) -> b d h w", h=height).to(wide)
            sampled = functional.grid_sample(plane, 2 * place - 1, align_corners=False)  # [(n h), d, p, l]
            for point, weight in enumerate(weights[level]):
                read = torch.addcmul(read, sampled[:, :, point].to(weight.dtype), weight)
        return self.output(rearrange(read, "(n h) d l -> n l (h d)", h=heads))  # type: ignore[no-any-return]


class DeformableLayer(nn.Module):
    """Deformable attention and a feed-forward layer, normalised after each."""

    def __init__(self, dim: int, levels: int, config: PixelDecoderConfig) -> None:
        super().__init__()
        self.attention = DeformableAttention(dim, levels, config.heads, config.points)
        self.norm1 = nn.LayerNorm(dim)
        self.linear1 = nn.Linear(dim, config.feed_forward)
        self.linear2 = nn.Linear(config.feed_forward, dim)
        self.norm2 = nn.LayerNorm(dim)

    def forward(self, tokens: Tensor, position: Tensor, points: Tensor, grids: Sequence[Grid]) -> Tensor:
        """Map tokens [N, L, C] to the same shape."""
        tokens = self.norm1(tokens + self.attention(tokens + position, points, tokens, grids))
        return self.norm2(tokens + self.linear2(functional.relu(self.linear1(tokens))))  # type: ignore[no-any-return]


class PixelDecoder(nn.Module):
    """From res2..res5 to mask features at stride 4 and three levels for the region decoder."""

    def __init__(self, channels: Sequence[int], dim: int, config: PixelDecoderConfig) -> None:
        super().__init__()
        fine, *coarse = channels
        # Levels run from coarse to fine: res5, res4, res3.
        self.inputs = nn.ModuleList(nn.Conv2d(c, dim, 1) for c in reversed(coarse))
        self.input_norms = nn.ModuleList(nn.GroupNorm(config.norm_groups, dim) for _ in coarse)
        self.level_embed = nn.Parameter(torch.zeros(len(coarse), dim))
        self.layers = nn.ModuleList(DeformableLayer(dim, len(coarse), config) for _ in range(config.layers))
        self.lateral = nn.Conv2d(fine, dim, 1, bias=False)
        self.lateral_norm = nn.GroupNorm(config.norm_groups, dim)
        self.smooth = nn.Conv2d(dim, dim, 3, padding=1, bias=False)
        self.smooth_norm = nn.GroupNorm(config.norm_groups, dim)
        self.mask_features = nn.Conv2d(dim, dim, 1)

    def forward(self, features: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Decode res2..res5.

        Args:
            features: four maps [N, C_i, H/s, W/s] at strides 4, 8, 16, 32.

        Returns:
            Mask features [N, C, H/4, W/4], and levels [N, C, h, w] from coarse to fine (strides 32, 16, 8).

        """
        fine, *coarse = features
        maps = [
            norm(conv(x))
            for norm, conv, x in zip(self.input_norms, self.inputs, reversed(coarse), strict=True)
        ]
        levels = self._exchange(maps)
        upsampled = functional.interpolate(
            levels[-1], size=fine.shape[-2:], mode="bilinear", align_corners=False
        )
        merged = self.lateral_norm(self.lateral(fine)) + upsampled
        return self.mask_features(functional.relu(self.smooth_norm(self.smooth(merged)))), levels

    def _exchange(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Let all levels' tokens read one another."""
        grids = [(x.shape[-2], x.shape[-1]) for x in maps]
        device, dim = maps[0].device, maps[0].shape[1]
        positions = [
            rearrange(sine_positions(h, w, dim, device), "1 c h w -> 1 (h w) c") + self.level_embed[level]
            for level, (h, w) in enumerate(grids)
        ]
        tokens = torch.cat([rearrange(x, "n c h w -> n (h w) c") for x in maps], dim=1)
        position, points = torch.cat(positions, dim=1).to(tokens.dtype), reference_points(grids, device)
        for layer in self.layers:
            tokens = layer(tokens, position, points, grids)
        parts = torch.split(tokens, [h * w for h, w in grids], dim=1)
        return [rearrange(x, "n (h w) c -> n c h w", h=h) for x, (h, _) in zip(parts, grids, strict=True)]
