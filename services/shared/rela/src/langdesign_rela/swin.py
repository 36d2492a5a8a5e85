"""Swin Transformer with word-visual fusion after every stage (Liu et al., ICCV 2021; LAVT, CVPR 2022)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from einops import rearrange, repeat
from torch import Tensor, nn
from torch.nn import functional

from .config import SwinConfig
from .fusion import WordFusion


def relative_position_index(window: int) -> Tensor:
    """Return, for each pair of a window's tokens, its row in the position bias table: int64 [w*w, w*w]."""
    axis = torch.arange(window)
    place = torch.stack(torch.meshgrid(axis, axis, indexing="ij")).flatten(1)  # [2, w*w]
    offset = place[:, :, None] - place[:, None, :] + window - 1  # [2, w*w, w*w], from 0 on
    return offset[0] * (2 * window - 1) + offset[1]


def shifted_window_mask(height: int, width: int, window: int, shift: int, like: Tensor) -> Tensor:
    """Return the additive mask that keeps a rolled image's far sides apart: [windows, w*w, w*w].

    `height` and `width` are multiples of `window`; the mask has the device and type of `like`.
    """

    def band(size: int) -> Tensor:  # 0 inside, 1 and 2 for the two sides that rolling brought together
        place = torch.arange(size, device=like.device)
        return (place >= size - window).long() + (place >= size - shift).long()

    region = band(height)[:, None] * 3 + band(width)[None, :]
    region = rearrange(region, "(i p) (j q) -> (i j) (p q)", p=window, q=window)
    apart = region[:, None, :] != region[:, :, None]
    return torch.where(apart, -100.0, 0.0).to(like.dtype)


def drop_path(x: Tensor, rate: float, *, training: bool) -> Tensor:
    """Drop whole samples of a residual branch (stochastic depth, Huang et al., 2016)."""
    if not training or rate == 0.0:
        return x
    keep = torch.rand(x.shape[0], *[1] * (x.ndim - 1), device=x.device) >= rate
    return x * keep / (1.0 - rate)


class WindowAttention(nn.Module):
    """Multi-head attention inside windows, with a learned bias per relative position."""

    position_index: Tensor

    def __init__(self, dim: int, window: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.position_bias = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        self.register_buffer("position_index", relative_position_index(window), persistent=False)
        self.qkv = nn.Linear(dim, dim * 3)
        self.output = nn.Linear(dim, dim)

    def forward(self, windows: Tensor, mask: Tensor | None) -> Tensor:
        """Map windows [B, W, N, C] to the same shape; `mask` is additive [W, N, N], or None."""
        batch = windows.shape[0]
        q, k, v = rearrange(self.qkv(windows), "b w n (t h d) -> t (b w) h n d", t=3, h=self.heads)
        bias = rearrange(self.position_bias[self.position_index], "n m h -> 1 h n m")
        if mask is not None:
            bias = repeat(bias + mask[:, None], "w h n m -> (b w) h n m", b=batch)
        out = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype))
        return self.output(rearrange(out, "(b w) h n d -> b w n (h d)", b=batch))  # type: ignore[no-any-return]


class SwinBlock(nn.Module):
    """Window attention and an MLP, each with a residual."""

    def __init__(self, dim: int, heads: int, window: int, shift: int, mlp_ratio: float, drop: float) -> None:
        super().__init__()
        self.window, self.shift, self.drop = window, shift, drop
        self.norm1 = nn.LayerNorm(dim)
        self.attention = WindowAttention(dim, window, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.expand = nn.Linear(dim, int(dim * mlp_ratio))
        self.contract = nn.Linear(int(dim * mlp_ratio), dim)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Map features [B, H, W, C] to the same shape; `mask` is used where the windows are shifted."""
        x = x + drop_path(self._attend(self.norm1(x), mask), self.drop, training=self.training)
        mlp = self.contract(functional.gelu(self.expand(self.norm2(x))))
        return x + drop_path(mlp, self.drop, training=self.training)

    def _attend(self, x: Tensor, mask: Tensor) -> Tensor:
        _, height, width, _ = x.shape
        x = functional.pad(x, (0, 0, 0, -width % self.window, 0, -height % self.window))
        rows = x.shape[1] // self.window
        if self.shift:
            x = torch.roll(x, (-self.shift, -self.shift), dims=(1, 2))
        windows = rearrange(x, "b (i p) (j q) c -> b (i j) (p q) c", p=self.window, q=self.window)
        windows = self.attention(windows, mask if self.shift else None)
        x = rearrange(windows, "b (i j) (p q) c -> b (i p) (j q) c", i=rows, p=self.window)
        if self.shift:
            x = torch.roll(x, (self.shift, self.shift), dims=(1, 2))
        return x[:, :height, :width]


class PatchMerging(nn.Module):
    """Halve the resolution: four neighbours become one token of twice the channels."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4 * dim)
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, H, W, C] to [B, ceil(H/2), ceil(W/2), 2C]."""
        x = functional.pad(x, (0, 0, 0, x.shape[2] % 2, 0, x.shape[1] % 2))
        x = rearrange(x, "b (h p) (w q) c -> b h w (q p c)", p=2, q=2)
        return self.reduction(self.norm(x))  # type: ignore[no-any-return]


class FusedStage(nn.Module):
    """Swin blocks, the fusion of words into their result, and the gate to the next stage."""

    def __init__(self, config: SwinConfig, index: int, word_dim: int, drops: list[float]) -> None:
        super().__init__()
        dim, last = config.channels[index], index == len(config.depths) - 1
        self.window = config.window
        self.blocks = nn.ModuleList(
            SwinBlock(
                dim,
                config.heads[index],
                config.window,
                (i % 2) * (config.window // 2),
                config.mlp_ratio,
                drop,
            )
            for i, drop in enumerate(drops)
        )
        self.fusion = WordFusion(dim, word_dim)
        self.norm = nn.LayerNorm(dim)
        self.downsample = None if last else PatchMerging(dim)
        self.gate = None if last else nn.ModuleList(nn.Linear(dim, dim, bias=False) for _ in range(2))

    def attend(self, x: Tensor) -> Tensor:
        """Run the blocks, which see the image alone, over [B, H, W, C]."""
        height, width = (size + -size % self.window for size in x.shape[1:3])
        mask = shifted_window_mask(height, width, self.window, self.window // 2, like=x)
        for block in self.blocks:
            x = block(x, mask)
        return x

    def hand_on(self, x: Tensor, fused: Tensor) -> Tensor:
        """Gate the fused features back into the image's, at half the resolution, for the next stage."""
        if self.gate is None or self.downsample is None:
            return x
        gate = torch.tanh(self.gate[1](functional.relu(self.gate[0](fused))))
        return self.downsample(x + gate * fused)  # type: ignore[no-any-return]


class FusedSwin(nn.Module):
    """Swin Transformer that reads an expression while it looks."""

    def __init__(self, config: SwinConfig, word_dim: int) -> None:
        super().__init__()
        self.embed = nn.Conv2d(3, config.embed_dim, kernel_size=4, stride=4)
        self.embed_norm = nn.LayerNorm(config.embed_dim)
        # Stochastic depth grows linearly over all blocks of all stages.
        rates = iter(torch.linspace(0, config.drop_path, sum(config.depths), device="cpu").tolist())
        self.stages = nn.ModuleList(
            FusedStage(config, index, word_dim, [next(rates) for _ in range(depth)])
            for index, depth in enumerate(config.depths)
        )

    def look(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Do what depends on no expression: the first stage up to its fusion.

        Args:
            pixels: normalised images [B, 3, H, W], sides multiples of 32.

        Returns:
            The first stage's features [B, H/4, W/4, C], and the two parts of `WordFusion.look` [B, L, C].

        """
        x = self.embed_norm(rearrange(self.embed(pixels), "b c h w -> b h w c"))
        first = cast(FusedStage, self.stages[0])
        x = first.attend(x)
        return x, *first.fusion.look(x.flatten(1, 2))

    def forward(self, looked: Sequence[Tensor], words: Tensor, word_mask: Tensor) -> list[Tensor]:
        """Return res2..res5.

        Args:
            looked: what `look` returned, a row for each of N expressions.
            words: word features of the expressions [N, T, C].
            word_mask: bool [N, T], False for padding.

        Returns:
            Four maps [N, C_i, H/s, W/s] at strides s = 4, 8, 16, 32.

        """
        x, visual, query = looked
        features = []
        for index, stage in enumerate(cast(Sequence[FusedStage], self.stages)):
            if index > 0:
                x = stage.attend(x)
                visual, query = stage.fusion.look(x.flatten(1, 2))
            fused = stage.fusion(visual, query, words, word_mask).view_as(x)
            features.append(rearrange(stage.norm(fused), "n h w c -> n c h w"))
            x = stage.hand_on(x, fused)
        return features
