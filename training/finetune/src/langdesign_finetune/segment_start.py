"""Where ReLA starts from, to learn from nothing.

The published network starts from a pretrained backbone and a pretrained BERT, and moves in tiny steps. Its
start leaves random weights hardly trainable: words reach nothing, regions do not know where they lie, and a
mask, on which all regions vote, is ruled by what the votes have in common. Each step here corrects one.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import torch
from langdesign_rela import PRESETS, ExpressionTokenizer, Rela, build, load_checkpoint
from langdesign_rela.positions import sine_positions
from langdesign_rela.region_decoder import Attention, RegionDecoder, RegionLayer
from langdesign_rela.resnet import NormedConv, ResNet
from langdesign_rela.swin import FusedStage, FusedSwin
from langdesign_rela.training import Batch
from torch import Tensor, nn

from .errors import RecipeError
from .segment_recipes import SegmentRecipe

_GRID = 16  # side of the map on which the directions of places are found
_PLACES = 8  # directions in which places differ most, of each head
_NEARNESS = 2.0  # gain of those directions: how sharply a region looks at the nearest pixels
_QUIET = 0.3  # of what regions and levels bring along, beside what they read
_SPREAD = 0.3  # deviation of the mask features over pixels, and of all regions' embeddings together
_MEANT = 0.08  # of the regions an expression means about so many


def make_rela(recipe: SegmentRecipe, tokenizer: ExpressionTokenizer, side: int) -> Rela:
    """Make the network with random weights from torch's generator, for pictures of a side."""
    config = PRESETS[recipe.network]
    text = dataclasses.replace(config.text, vocab_size=tokenizer.vocabulary_size)
    model = build(dataclasses.replace(config, text=text, image_size=side))
    if isinstance(model.backbone, FusedSwin):
        _open_gates(model.backbone, recipe.gates)
        _level_fusion(model.backbone)
    nn.init.xavier_uniform_(model.region_decoder.words.weight)  # published as zero
    _place_regions(model.region_decoder)
    return model


def gone_on_with(folder: Path, side: int) -> Rela:
    """Load a network to be trained further, in single precision.

    Args:
        folder: its checkpoint.
        side: of the pictures that it is to be trained on, pixels.

    Raises:
        RecipeError: it was made for pictures of another side.
        CheckpointError: it cannot be read.

    """
    model = load_checkpoint(folder).float()
    if model.config.image_size != side:
        raise RecipeError(
            f"{folder} sees pictures of {model.config.image_size} pixels and the set has {side}; render one "
            f"with --size {model.config.image_size}"
        )
    return model


@torch.no_grad()
def calibrate(model: Rela, batch: Batch) -> None:
    """Set, in place, how votes on masks are centred and scaled, which depends on data.

    Args:
        model: from `make_rela`, its statistics frozen.
        batch: what to measure on.

    """
    with listening(model.pixel_decoder) as heard:
        model(batch.images, batch.tokens.ids, batch.tokens.mask, batch.image_of)
    _centre(model.pixel_decoder.mask_features, heard[0][0], _SPREAD, over=(0, 2, 3))
    out = model(batch.images, batch.tokens.ids, batch.tokens.mask, batch.image_of)
    decoder = model.region_decoder
    votes = decoder.vote_weight * model.config.region_decoder.regions
    last = cast(nn.Linear, decoder.mask_embed[-1])
    _centre(last, out.region_embeddings, _SPREAD / votes, over=(0, 1))
    _expect(decoder.minimap, out.minimap, _MEANT)


@torch.no_grad()
def freeze_statistics(model: Rela, images: Tensor) -> None:
    """Freeze each batch norm of a ResNet at the statistics of some pictures, first to last, in place.

    They are constants, of a pretraining in the published network; at 0 and 1 features grow with every block.

    Args:
        model: with another backbone it is left as it is.
        images: RGB in 0..255 [M, 3, H, W].

    """
    if not isinstance(model.backbone, ResNet):
        return

    def measure(norm: nn.Module, inputs: tuple[Tensor]) -> None:
        cast(Tensor, norm.running_mean).copy_(inputs[0].mean(dim=(0, 2, 3)))
        cast(Tensor, norm.running_var).copy_(inputs[0].var(dim=(0, 2, 3)))

    norms = [part.norm for part in model.backbone.modules() if isinstance(part, NormedConv)]
    hooks = [norm.register_forward_pre_hook(measure) for norm in norms]
    model.backbone(model.normalise(images))
    for hook in hooks:
        hook.remove()


@contextmanager
def listening(part: nn.Module) -> Iterator[list[Sequence[Tensor]]]:
    """Collect what a part of a network puts out, one entry for each time it runs."""
    heard: list[Sequence[Tensor]] = []
    with part.register_forward_hook(lambda _part, _inputs, output: heard.append(output)):
        yield heard


def _centre(last: nn.Linear | nn.Conv2d, output: Tensor, spread: float, over: tuple[int, ...]) -> None:
    """Let a last layer's output, now `output`, have mean 0 in each channel and deviation `spread` in all."""
    mean = output.mean(dim=over, keepdim=True)
    scale = spread / (output - mean).std().clamp(min=1e-6)
    bias = cast(Tensor, last.bias)
    bias.copy_((bias - mean.flatten()) * scale)
    last.weight.mul_(scale)


def _expect(minimap: nn.Linear, output: Tensor, share: float) -> None:
    """Let a region, whose logits are now `output`, expect to be meant with a probability of about `share`."""
    odds = math.log(share / (1 - share))
    minimap.bias.add_(output.new_tensor([-odds / 2, odds / 2]) - output.mean(dim=(0, 1)))


def _open_gates(backbone: FusedSwin, deviation: float) -> None:
    """Let words reach the deeper stages.

    Both matrices of a stage's gate are published as zero, with a rectifier between them: then neither gets a
    gradient, and beyond the first stage a network that starts from scratch would never read the words.
    """
    for stage in cast(Sequence[FusedStage], backbone.stages):
        for matrix in stage.gate or ():
            nn.init.normal_(cast(nn.Linear, matrix).weight, std=deviation)


def _level_fusion(backbone: FusedSwin) -> None:
    """Start the fusion of words with unit gain.

    With a Swin's weights of deviation 0.02 all pixels of a narrow network read nearly the same, and the
    normalisation over pixels blows what little differs, and its gradient, up by hundreds.
    """
    for stage in cast(Sequence[FusedStage], backbone.stages):
        for part in stage.fusion.children():
            nn.init.xavier_uniform_(cast(nn.Linear, part).weight)


@torch.no_grad()
def _place_regions(decoder: RegionDecoder) -> None:
    """Lay the regions out on the image and let each read the pixels near it first.

    Published, a region's place is random and has to be learned, as the queries of DETR, which takes long.
    """
    regions, channels = decoder.region_place.weight.shape
    side = math.isqrt(regions)
    decoder.region_place.weight.copy_(_places(side, channels))
    for table in (decoder.region_embed, decoder.level_embed):
        table.weight.mul_(_QUIET)
    places = _places(_GRID, channels)
    centre = places.mean(dim=0)
    _, _, directions = torch.linalg.svd(places - centre, full_matrices=False)
    for layer in cast(Sequence[RegionLayer], decoder.layers):
        _look_near(layer.region_image, directions[:_PLACES] * _NEARNESS, centre)


def _places(side: int, channels: int) -> Tensor:
    """Return the sine positions of a square map, row by row [side * side, C]."""
    return sine_positions(side, side, channels, torch.device("cpu"))[0].flatten(1).T


def _look_near(attention: Attention, directions: Tensor, centre: Tensor) -> None:
    """Let the queries and the keys of every head compare places along some directions [K, C]."""
    channels = directions.shape[1]
    width = channels // attention.heads
    rows = directions[: width // 2]
    for part in (0, 1):  # the rows of the queries, then of the keys
        for head in range(attention.heads):
            first = part * channels + head * width
            own = slice(first, first + len(rows))
            attention.inputs.weight[own] = rows
            attention.inputs.bias[own] = -rows @ centre
            attention.inputs.weight[own.stop : first + width] *= 0.5
