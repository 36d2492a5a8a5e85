"""ReLA, generalized referring expression segmentation, in plain torch.

`Predictor.from_folder(path).predict(image, expressions)` is the short way; `build`,
`load_official_state_dict` and `Rela.forward_stages` are the network itself.
"""

from .checkpoint import load_checkpoint, save_checkpoint
from .config import (
    PRESETS,
    PixelDecoderConfig,
    RegionDecoderConfig,
    RelaConfig,
    ResNetConfig,
    SwinConfig,
    TextConfig,
)
from .errors import AnnotationError, CheckpointError, InvalidInput, RelaError, UnsafeCheckpoint
from .losses import Losses, LossWeights, Targets, rela_losses
from .model import Rela, build
from .official import load_official_state_dict, official_shapes, official_state_dict
from .predictor import Predictor, Request, Segmentation
from .region_decoder import RelaOutput
from .tokenizer import ExpressionTokenizer, Tokens

__all__ = [
    "PRESETS",
    "AnnotationError",
    "CheckpointError",
    "ExpressionTokenizer",
    "InvalidInput",
    "LossWeights",
    "Losses",
    "PixelDecoderConfig",
    "Predictor",
    "RegionDecoderConfig",
    "Rela",
    "RelaConfig",
    "RelaError",
    "RelaOutput",
    "Request",
    "ResNetConfig",
    "Segmentation",
    "SwinConfig",
    "Targets",
    "TextConfig",
    "Tokens",
    "UnsafeCheckpoint",
    "build",
    "load_checkpoint",
    "load_official_state_dict",
    "official_shapes",
    "official_state_dict",
    "rela_losses",
    "save_checkpoint",
]
