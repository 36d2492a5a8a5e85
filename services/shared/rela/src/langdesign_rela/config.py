"""Configurations of ReLA as data: the published three, and two small ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import CheckpointError


@dataclass(frozen=True)
class SwinConfig:
    """A Swin Transformer whose stages fuse words into pixels (Yang et al., LAVT, CVPR 2022)."""

    embed_dim: int  # channels of the first stage; each later stage doubles them
    depths: tuple[int, ...]  # blocks per stage, four stages
    heads: tuple[int, ...]  # attention heads per stage
    window: int  # side of an attention window, in tokens
    mlp_ratio: float = 4.0  # hidden width of a block's MLP over its channels
    drop_path: float = 0.3  # stochastic depth of the last block in training; linear from 0 at the first

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels of res2..res5, at strides 4, 8, 16 and 32."""
        return tuple(self.embed_dim * 2**i for i in range(len(self.depths)))


@dataclass(frozen=True)
class ResNetConfig:
    """A bottleneck ResNet in detectron2's convention: stride in the 3x3, frozen batch norm, no words."""

    depths: tuple[int, ...] = (3, 4, 6, 3)  # blocks per stage
    stem: int = 64  # channels after the 7x7 stem
    width: int = 256  # output channels of the first stage; each later stage doubles them

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels of res2..res5, at strides 4, 8, 16 and 32."""
        return tuple(self.width * 2**i for i in range(len(self.depths)))


@dataclass(frozen=True)
class TextConfig:
    """A BERT encoder without its pooler."""

    vocab_size: int = 30522  # word pieces
    hidden: int = 768  # width of a word feature
    layers: int = 12  # encoder layers
    heads: int = 12  # attention heads
    intermediate: int = 3072  # hidden width of the feed-forward layers
    max_positions: int = 512  # rows of the position table
    max_tokens: int = 20  # word pieces that an expression is cut to, [CLS] and [SEP] included


@dataclass(frozen=True)
class PixelDecoderConfig:
    """The multi-scale deformable attention encoder over res3..res5, and its path to stride 4."""

    layers: int = 6  # encoder layers
    heads: int = 8  # attention heads
    points: int = 4  # sampling points per head and level
    feed_forward: int = 1024  # hidden width of the feed-forward layers
    norm_groups: int = 32  # groups of the group norms


@dataclass(frozen=True)
class RegionDecoderConfig:
    """The region-based referring decoder."""

    layers: int = 9  # rounds of region-image, (first round only) region-language and region-region attention
    heads: int = 8  # attention heads
    feed_forward: int = 2048  # hidden width of the feed-forward layers
    side: int = 10  # the image is laid out in side x side regions, one query each
    language_weight: float = 0.1  # weight of region-language attention beside its learned gate
    vote_weight: float = 1.0  # weight of a region's vote on the mask; published, votes are summed

    @property
    def regions(self) -> int:
        """Number of region queries."""
        return self.side**2


@dataclass(frozen=True)
class RelaConfig:
    """One whole network."""

    backbone: SwinConfig | ResNetConfig
    text: TextConfig = TextConfig()
    pixel_decoder: PixelDecoderConfig = PixelDecoderConfig()
    region_decoder: RegionDecoderConfig = RegionDecoderConfig()
    hidden: int = 256  # width of the pixel decoder, the region decoder and the mask features
    image_size: int = 480  # images are resized to this square, aspect ratio not kept
    mean: tuple[float, float, float] = (123.675, 116.280, 103.530)  # subtracted from RGB in 0..255
    std: tuple[float, float, float] = (58.395, 57.120, 57.375)  # divided out after it

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; the backbone's kind is kept beside its fields."""
        data = dataclasses.asdict(self)
        kind = next(name for name, cls in _BACKBONES.items() if isinstance(self.backbone, cls))
        data["backbone"] = {"kind": kind, **data["backbone"]}
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RelaConfig:
        """Rebuild a configuration from `to_dict`'s data (lists are accepted for tuples).

        Raises:
            CheckpointError: a field is unknown or missing.

        """
        fields = dict(data)
        try:
            backbone = dict(fields.pop("backbone"))
            kind = _BACKBONES[backbone.pop("kind")]
            parts = {name: _PARTS[name](**fields.pop(name)) for name in _PARTS if name in fields}
            return cls(backbone=kind(**_tuples(backbone)), **parts, **_tuples(fields))
        except (KeyError, TypeError) as error:
            raise CheckpointError(
                f"The configuration is not one of ReLA ({error}); see langdesign_rela.PRESETS for its fields"
            ) from error


def _tuples(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


_BACKBONES: dict[str, type[SwinConfig] | type[ResNetConfig]] = {"swin": SwinConfig, "resnet": ResNetConfig}
_PARTS: dict[str, Any] = {
    "text": TextConfig,
    "pixel_decoder": PixelDecoderConfig,
    "region_decoder": RegionDecoderConfig,
}

_SMALL_TEXT = TextConfig(hidden=128, layers=2, heads=4, intermediate=256, max_positions=64)

PRESETS: Mapping[str, RelaConfig] = {
    "r50": RelaConfig(ResNetConfig()),
    "swin_tiny": RelaConfig(SwinConfig(embed_dim=96, depths=(2, 2, 6, 2), heads=(3, 6, 12, 24), window=7)),
    "swin_base": RelaConfig(SwinConfig(embed_dim=128, depths=(2, 2, 18, 2), heads=(4, 8, 16, 32), window=12)),
    # The embedded family's size: 128x128 images, trained from scratch on a CPU. As nothing but the region
    # decoder depends on the expression, one look at a picture serves many; the words weigh as much as what
    # is seen, and votes are averaged, so that steps of usual size are not multiplied by the regions.
    "mini": RelaConfig(
        ResNetConfig(depths=(2, 2, 3, 2), stem=32, width=96),
        text=_SMALL_TEXT,
        pixel_decoder=PixelDecoderConfig(layers=2, heads=4, points=2, feed_forward=256, norm_groups=8),
        region_decoder=RegionDecoderConfig(
            layers=3, heads=4, feed_forward=256, side=8, language_weight=2.0, vote_weight=1 / 64
        ),
        hidden=64,
        image_size=128,
    ),
    # As small as the architecture allows: for tests.
    "tiny": RelaConfig(
        SwinConfig(embed_dim=8, depths=(2, 2, 2, 2), heads=(1, 2, 4, 8), window=3, drop_path=0.0),
        text=TextConfig(hidden=32, layers=2, heads=2, intermediate=64, max_positions=32),
        pixel_decoder=PixelDecoderConfig(layers=2, heads=2, points=2, feed_forward=32, norm_groups=4),
        region_decoder=RegionDecoderConfig(layers=3, heads=2, feed_forward=32, side=4),
        hidden=16,
        image_size=96,
    ),
}
