"""The whole network: BERT, a backbone, the pixel decoder and the region decoder."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from .config import PRESETS, RelaConfig, ResNetConfig, TextConfig
from .initialise import initialise
from .pixel_decoder import PixelDecoder
from .region_decoder import RegionDecoder, RelaOutput
from .resnet import ResNet
from .swin import FusedSwin

_STRIDE = 32  # of the coarsest features; images are padded to a multiple of it


class Rela(nn.Module):
    """ReLA (Liu, Ding and Jiang, GRES: Generalized Referring Expression Segmentation, CVPR 2023)."""

    mean: Tensor
    std: Tensor

    def __init__(self, config: RelaConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.tensor(config.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(config.std).view(3, 1, 1), persistent=False)
        self.text = BertModel(_bert_config(config.text), add_pooling_layer=False)
        self.backbone: ResNet | FusedSwin
        if isinstance(config.backbone, ResNetConfig):
            self.backbone = ResNet(config.backbone)
        else:
            self.backbone = FusedSwin(config.backbone, config.text.hidden)
        channels = config.backbone.channels
        self.pixel_decoder = PixelDecoder(channels, config.hidden, config.pixel_decoder)
        self.region_decoder = RegionDecoder(
            config.hidden, config.text.hidden, len(channels) - 1, config.region_decoder
        )
        initialise(self)

    def forward(
        self, images: Tensor, tokens: Tensor, token_mask: Tensor, image_of: Tensor | None = None
    ) -> RelaOutput:
        """Segment N expressions over M images in one batch; see `look` for what the expressions share.

        Args:
            images: RGB in 0..255, uint8 or floating point [M, 3, H, W]; padded to multiples of 32 at the
                right and the bottom after normalisation.
            tokens: word pieces int64 [N, T].
            token_mask: [N, T], nonzero for words, zero for padding.
            image_of: int64 [N], each expression's image; None where expression i belongs to image i.

        Returns:
            Logits for each expression, at a quarter of the (padded) resolution.

        """
        return self.refer(self.look(images), self.encode_words(tokens, token_mask), token_mask, image_of)

    def encode_words(self, tokens: Tensor, token_mask: Tensor) -> Tensor:
        """Map word pieces int64 [N, T] to word features [N, T, C]."""
        return self.text(tokens, attention_mask=token_mask).last_hidden_state  # type: ignore[no-any-return]

    def look(self, images: Tensor) -> list[Tensor]:
        """Do what depends on no expression, for `refer`; a row for each of M images [M, 3, H, W].

        With a Swin that is the first stage up to its fusion: from there on every feature has read the words.
        With a ResNet it is everything but the region decoder.
        """
        pixels = self.normalise(images).to(self.pixel_decoder.level_embed.dtype)
        if isinstance(self.backbone, FusedSwin):
            return [*self.backbone.look(pixels)]
        mask_features, levels = self.pixel_decoder(self.backbone(pixels))
        return [mask_features, *levels]

    def refer(
        self, looked: Sequence[Tensor], words: Tensor, token_mask: Tensor, image_of: Tensor | None = None
    ) -> RelaOutput:
        """Do the rest, for N expressions over M images.

        Args:
            looked: what `look` returned.
            words: what `encode_words` returned [N, T, C].
            token_mask: as for `forward`.
            image_of: as for `forward`.

        """
        if isinstance(self.backbone, FusedSwin):
            rows = looked if image_of is None else [x[image_of] for x in looked]
            mask_features, levels = self.pixel_decoder(self.backbone(rows, words, token_mask.bool()))
            return self.region_decoder(levels, mask_features, words)  # type: ignore[no-any-return]
        mask_features, *levels = looked
        return self.region_decoder(levels, mask_features, words, image_of)  # type: ignore[no-any-return]

    def normalise(self, images: Tensor) -> Tensor:
        """Normalise RGB 0..255 [M, 3, H, W] by mean and deviation, in fp32, and pad to multiples of 32."""
        pixels = (images.float() - self.mean.float()) / self.std.float()
        height, width = images.shape[-2:]
        return functional.pad(pixels, (0, -width % _STRIDE, 0, -height % _STRIDE))

    def forward_stages(
        self, images: Tensor, tokens: Tensor, token_mask: Tensor, words: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Run as `forward` does, one expression per image, and return every stage under its published name.

        Args:
            images: as for `forward`.
            tokens: as for `forward`.
            token_mask: as for `forward`.
            words: word features [N, T, C] to take in the place of BERT's.

        Returns:
            `backbone.res2` to `.res5`; `pixel_decoder.mask_features`, `.level0` to `.level2` (coarse to
            fine); `predictor.pred_logits` (the minimap), `.pred_masks`, `.all_masks` (one per region) and
            `.nt_label`, all logits; `result.ref_seg` (sigmoid of the masks at the padded image's size) and
            `result.nt_label` (sigmoid). Channel 1 is the target, or "there is none".

        """
        if words is None:
            words = self.encode_words(tokens, token_mask)
        pixels = self.normalise(images).to(words.dtype)
        if isinstance(self.backbone, FusedSwin):
            features = self.backbone(self.backbone.look(pixels), words, token_mask.bool())
        else:
            features = self.backbone(pixels)
        mask_features, levels = self.pixel_decoder(features)
        out: RelaOutput = self.region_decoder(levels, mask_features, words)
        height, width = (4 * size for size in mask_features.shape[-2:])
        upsampled = functional.interpolate(
            out.masks, size=(height, width), mode="bilinear", align_corners=False
        )
        return {
            **{f"backbone.res{index + 2}": x for index, x in enumerate(features)},
            "pixel_decoder.mask_features": mask_features,
            **{f"pixel_decoder.level{index}": x for index, x in enumerate(levels)},
            "predictor.pred_logits": out.minimap,
            "predictor.pred_masks": out.masks,
            "predictor.all_masks": torch.einsum("nrc,nchw->nrhw", out.region_embeddings, mask_features),
            "predictor.nt_label": out.no_target,
            "result.ref_seg": upsampled.sigmoid(),
            "result.nt_label": out.no_target.sigmoid(),
        }


def build(config: str | RelaConfig) -> Rela:
    """Build a network with fresh weights, in training mode.

    Args:
        config: a configuration, or the name of one of `PRESETS` ("r50", "swin_tiny", "swin_base", ...).

    Raises:
        KeyError: no preset has this name.

    """
    return Rela(PRESETS[config] if isinstance(config, str) else config)


def _bert_config(config: TextConfig) -> BertConfig:
    return BertConfig(
        vocab_size=config.vocab_size,
        hidden_size=config.hidden,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        intermediate_size=config.intermediate,
        max_position_embeddings=config.max_positions,
    )
