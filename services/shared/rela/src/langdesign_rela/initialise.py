"""Fresh weights for training from scratch, as the originals start each part."""

from collections.abc import Callable
from typing import Any

from torch import nn

from .pixel_decoder import DeformableAttention, PixelDecoder
from .region_decoder import RegionDecoder
from .resnet import ResNet
from .swin import FusedStage, FusedSwin, WindowAttention


def initialise(model: nn.Module) -> None:
    """Fill every part but BERT (which fills itself), in place."""
    for kind, fill in _RULES:
        for module in model.modules():
            if isinstance(module, kind):
                fill(module)


def _swin(module: FusedSwin) -> None:
    for part in module.modules():
        if isinstance(part, nn.Linear):
            nn.init.trunc_normal_(part.weight, std=0.02)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


def _window_attention(module: WindowAttention) -> None:
    nn.init.trunc_normal_(module.position_bias, std=0.02)


def _stage(module: FusedStage) -> None:
    if module.gate is not None:  # it starts shut: a pretrained Swin sees what it always saw
        for weight in module.gate.parameters():
            nn.init.zeros_(weight)


def _resnet(module: ResNet) -> None:
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")


def _pixel_decoder(module: PixelDecoder) -> None:
    _xavier_matrices(module)
    nn.init.normal_(module.level_embed)


def _region_decoder(module: RegionDecoder) -> None:
    _xavier_matrices(module)
    nn.init.zeros_(module.words.weight)
    for table in (module.level_embed, module.region_embed, module.region_place):
        nn.init.normal_(table.weight)


def _xavier_matrices(module: nn.Module) -> None:
    for parameter in module.parameters():
        if parameter.ndim > 1:
            nn.init.xavier_uniform_(parameter)


# In order: a part inside another comes after it.
_RULES: tuple[tuple[type[nn.Module], Callable[[Any], None]], ...] = (
    (FusedSwin, _swin),
    (WindowAttention, _window_attention),
    (FusedStage, _stage),
    (ResNet, _resnet),
    (PixelDecoder, _pixel_decoder),
    (DeformableAttention, DeformableAttention.reset_parameters),
    (RegionDecoder, _region_decoder),
)
