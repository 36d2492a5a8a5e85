"""The whole network: BERT, a backbone, the pixel decoder and the region decoder."""

from __future__ import annotations

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
        """Segment N expressions over M images in one batch.

        What does not depend on an expression is computed once per image: the first Swin stage up to the
        fusion, or with a ResNet everything up to the region decoder.

        Args:
            images: RGB in 0..255, uint8 or floating point [M, 3, H, W]; padded to multiples of 32 at the
                right and the bottom after normalisation.
            tokens: word pieces int64 [N, T].
            token_mask: [N, T], nonzero for words, zero for padding.
            image_of: int64 [N], each expression's image; None where expression i belongs to image i.

        Returns:
            Logits for each expression, at a quarter of the (padded) resolution.

        """
        words = self.encode_words(tokens, token_mask)
        features = self.backbone_features(images, words, token_mask, image_of)
        mask_features, levels = self.pixel_decoder(features)
        return self.region_decoder(  # type: ignore[no-any-return]
            levels, mask_features, words, self._feature_of(image_of)
        )

    def encode_words(self, tokens: Tensor, token_mask: Tensor) -> Tensor:
        """Map word pieces int64 [N, T] to word features [N, T, C]."""
        return self.text(tokens, attention_mask=token_mask).last_hidden_state  # type: ignore[no-any-return]

    def backbone_features(
        self, images: Tensor, words: Tensor, token_mask: Tensor, image_of: Tensor | None = None
    ) -> list[Tensor]:
        """Return res2..res5: of N expressions with a Swin backbone, of M images with a ResNet."""
        pixels = self.normalise(images).to(words.dtype)
        if isinstance(self.backbone, ResNet):
            return self.backbone(pixels)  # type: ignore[no-any-return]
        return self.backbone(pixels, words, token_mask.bool(), image_of)  # type: ignore[no-any-return]

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
        features = self.backbone_features(images, words, token_mask)
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

    def _feature_of(self, image_of: Tensor | None) -> Tensor | None:
        # A Swin's features are already one per expression; a ResNet's are one per image.
        return image_of if isinstance(self.backbone, ResNet) else None


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
