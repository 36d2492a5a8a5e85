"""Fresh weights for training from scratch, as the originals start each part."""

from torch import nn

from .pixel_decoder import DeformableAttention, PixelDecoder
from .region_decoder import RegionDecoder
from .resnet import ResNet
from .swin import FusedStage, FusedSwin, WindowAttention


def initialise(model: nn.Module) -> None:
    """Fill every part but BERT (which fills itself), in place."""
    for module in model.modules():
        if isinstance(module, FusedSwin):
            _normal_linears(module)
        elif isinstance(module, ResNet):
            _he_convolutions(module)
        elif isinstance(module, PixelDecoder | RegionDecoder):
            _xavier_matrices(module)
    for module in model.modules():  # the exceptions inside those parts
        if isinstance(module, DeformableAttention):
            module.reset_parameters()
        elif isinstance(module, WindowAttention):
            nn.init.trunc_normal_(module.position_bias, std=0.02)
        elif isinstance(module, FusedStage) and module.gate is not None:
            for linear in module.gate:  # the gate starts shut: a pretrained Swin sees what it always saw
                nn.init.zeros_(linear.weight)
        elif isinstance(module, RegionDecoder):
            nn.init.zeros_(module.words.weight)
            for table in (module.level_embed, module.region_embed, module.region_place):
                nn.init.normal_(table.weight)
        elif isinstance(module, PixelDecoder):
            nn.init.normal_(module.level_embed)


def _normal_linears(module: nn.Module) -> None:
    for part in module.modules():
        if isinstance(part, nn.Linear):
            nn.init.trunc_normal_(part.weight, std=0.02)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


def _he_convolutions(module: nn.Module) -> None:
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")


def _xavier_matrices(module: nn.Module) -> None:
    for parameter in module.parameters():
        if parameter.ndim > 1:
            nn.init.xavier_uniform_(parameter)
