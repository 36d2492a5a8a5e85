"""The region-based referring decoder (Liu, Ding and Jiang, GRES, CVPR 2023, section 4)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

from .config import RegionDecoderConfig
from .positions import sine_positions


class RelaOutput(NamedTuple):
    """What the network says about N expressions. Channel or logit 1 is the target, or "there is none"."""

    masks: Tensor  # logits [N, 2, H/4, W/4]: background, target
    minimap: Tensor  # logits [N, regions, 2]: background, target
    no_target: Tensor  # logits [N, 2]: has a target, has none
    region_embeddings: Tensor  # [N, regions, C]; with the mask features, each region's own mask


class Attention(nn.Module):
    """Multi-head attention whose three input projections are one matrix."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.inputs = nn.Linear(dim, 3 * dim)
        self.output = nn.Linear(dim, dim)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        mask: Tensor | None = None,
        image_of: Tensor | None = None,
    ) -> Tensor:
        """Attend.

        Args:
            query: [N, Q, C].
            key: [M, L, C]; M is N, or the number of images where `image_of` is given.
            value: [M, L, C].
            mask: bool [N, Q, L], True where a query may look.
            image_of: int64 [N], the row of `key` and `value` that belongs to each query.

        Returns:
            [N, Q, C].

        """
        parts = zip((query, key, value), self.inputs.weight.chunk(3), self.inputs.bias.chunk(3), strict=True)
        q, k, v = (
            rearrange(functional.linear(x, w, b), "n l (h d) -> n h l d", h=self.heads) for x, w, b in parts
        )
        if image_of is not None:
            k, v = k[image_of], v[image_of]
        out = functional.scaled_dot_product_attention(
            q, k, v, attn_mask=None if mask is None else mask[:, None]
        )
        return self.output(rearrange(out, "n h l d -> n l (h d)"))  # type: ignore[no-any-return]


class RegionLayer(nn.Module):
    """One round: regions read the image, then one another, then think."""

    def __init__(self, dim: int, config: RegionDecoderConfig) -> None:
        super().__init__()
        self.region_image = Attention(dim, config.heads)
        self.region_image_norm = nn.LayerNorm(dim)
        self.region_region = Attention(dim, config.heads)
        self.region_region_norm = nn.LayerNorm(dim)
        self.linear1 = nn.Linear(dim, config.feed_forward)
        self.linear2 = nn.Linear(config.feed_forward, dim)
        self.feed_forward_norm = nn.LayerNorm(dim)

    def read_image(
        self, regions: Tensor, place: Tensor, memory: Memory, visible: Tensor, image_of: Tensor | None
    ) -> Tensor:
        """Let regions [N, R, C] at `place` [R, C] read the pixels that are `visible` [N, R, L] to them."""
        read = self.region_image(
            regions + place, memory.tokens + memory.position, memory.tokens, visible, image_of
        )
        return self.region_image_norm(regions + read)  # type: ignore[no-any-return]

    def exchange(self, regions: Tensor, place: Tensor) -> Tensor:
        """Let regions [N, R, C] at `place` [R, C] read one another, then pass the feed-forward layer."""
        placed = regions + place
        regions = self.region_region_norm(regions + self.region_region(placed, placed, regions))
        return self.feed_forward_norm(  # type: ignore[no-any-return]
            regions + self.linear2(functional.relu(self.linear1(regions)))
        )


class Memory(NamedTuple):
    """One level of the pixel decoder, as the regions read it."""

    tokens: Tensor  # [M, L, C]
    position: Tensor  # [1, L, C]
    mask_features: Tensor  # [M, C, L], at this level's resolution


def _mlp(dim: int, outputs: int, layers: int) -> nn.ModuleList:
    widths = [dim] * layers + [outputs]
    return nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(widths))


def _run_mlp(layers: nn.ModuleList, x: Tensor) -> Tensor:
    for layer in layers[:-1]:
        x = functional.relu(layer(x))
    return layers[-1](x)  # type: ignore[no-any-return]


class RegionDecoder(nn.Module):
    """Regions of the image, each with its own mask, vote through a minimap on what the expression means."""

    def __init__(self, dim: int, word_dim: int, levels: int, config: RegionDecoderConfig) -> None:
        super().__init__()
        self.language_weight, self.vote_weight = config.language_weight, config.vote_weight
        self.layers = nn.ModuleList(RegionLayer(dim, config) for _ in range(config.layers))
        self.level_embed = nn.Embedding(levels, dim)
        self.region_embed = nn.Embedding(config.regions, dim)
        self.region_place = nn.Embedding(config.regions, dim)
        self.words = nn.Linear(word_dim, dim, bias=False)
        self.region_language = Attention(dim, config.heads)
        self.region_language_norm = nn.LayerNorm(dim)
        self.language_gate = nn.Parameter(torch.zeros(()))
        self.norm = nn.LayerNorm(dim)
        self.mask_embed = _mlp(dim, dim, layers=3)
        self.minimap = nn.Linear(dim, 2)
        self.no_target = _mlp(dim, 2, layers=2)

    def forward(
        self,
        levels: Sequence[Tensor],
        mask_features: Tensor,
        words: Tensor,
        image_of: Tensor | None = None,
    ) -> RelaOutput:
        """Decode.

        Args:
            levels: the pixel decoder's levels, coarse to fine [M, C, h, w].
            mask_features: [M, C, H/4, W/4].
            words: word features of N expressions [N, T, C_words], padding included as in the original.
            image_of: int64 [N], each expression's row among the M; None where M is N.

        """
        memories = [self._memory(index, level, mask_features) for index, level in enumerate(levels)]
        place = self.region_place.weight
        regions = self.region_embed.weight.expand(words.shape[0], -1, -1)
        for index, layer in enumerate(cast(Sequence[RegionLayer], self.layers)):
            memory = memories[index % len(memories)]
            visible = self._visible(regions, memory.mask_features, image_of)
            regions = layer.read_image(regions, place, memory, visible, image_of)
            if index == 0:
                regions = regions + self._read_words(regions, words)
            regions = layer.exchange(regions, place)
        return self._predict(regions, mask_features if image_of is None else mask_features[image_of])

    def _memory(self, index: int, level: Tensor, mask_features: Tensor) -> Memory:
        _, channels, height, width = level.shape
        position = sine_positions(height, width, channels, level.device).flatten(2).transpose(1, 2)
        # The regions' masks are wanted at the levels' resolution only. Resizing is linear, so the features
        # are resized once here, rather than a hundred masks in every round.
        resized = functional.interpolate(
            mask_features, size=(height, width), mode="bilinear", align_corners=False
        )
        tokens = rearrange(level, "m c h w -> m (h w) c") + self.level_embed.weight[index]
        return Memory(tokens, position.to(tokens.dtype), resized.flatten(2))

    def _visible(self, regions: Tensor, mask_features: Tensor, image_of: Tensor | None) -> Tensor:
        """Return the pixels inside each region's present mask, bool [N, R, L]; all of them if it has none."""
        embeddings = _run_mlp(self.mask_embed, self.norm(regions))
        features = mask_features if image_of is None else mask_features[image_of]
        inside = (torch.bmm(embeddings, features) >= 0).detach()
        return inside | ~inside.any(dim=-1, keepdim=True)

    def _read_words(self, regions: Tensor, words: Tensor) -> Tensor:
        words = self.words(words)
        read = self.region_language_norm(regions + self.region_language(regions, words, words))
        gate = torch.sigmoid(self.language_gate) * self.language_weight
        return gate * read  # type: ignore[no-any-return]

    def _predict(self, regions: Tensor, mask_features: Tensor) -> RelaOutput:
        regions = self.norm(regions)
        embeddings = _run_mlp(self.mask_embed, regions)
        minimap = self.minimap(regions)
        target = self.vote_weight * torch.einsum("nra,nrc->nac", minimap, embeddings)
        masks = torch.einsum("nac,nchw->nahw", target, mask_features)
        no_target = _run_mlp(self.no_target, regions).mean(dim=1)
        return RelaOutput(masks, minimap, no_target, embeddings)
