"""The start of the referring segmentation: features that tell what every pixel shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from langdesign_rela import PRESETS, Rela, ResNetConfig, build
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from .augmentation import cropped, draw_window, tinted
from .batches import draws, spread
from .errors import RecipeError
from .family import Context
from .scenery import NAMES, Scenery, SceneryHead, kept_names, read_names, write_names
from .segment_recipes import BackboneRecipe
from .segment_start import freeze_statistics

_CHUNK = 32  # pictures looked at at once in a validation
_WEIGHTS = "model.safetensors"


class Looks(NamedTuple):
    """M pictures and what they show."""

    images: Tensor  # RGB in 0..255 [M, 3, S, S]
    labels: Tensor  # uint8 [M, 4, S/4, S/4]; see `Scenery`


class BackboneTask:
    """Read class, colour, material and pattern off the mask features of a backbone and its pixel decoder.

    Raises:
        RecipeError: the network's backbone reads words, so that it cannot look without any.

    """

    def __init__(self, recipe: BackboneRecipe, context: Context) -> None:
        config = PRESETS[recipe.network]
        if not isinstance(config.backbone, ResNetConfig):
            raise RecipeError(
                f"The backbone of {recipe.network!r} reads words; choose a network with a ResNet"
            )
        self._recipe, self._pictures, self._device = recipe, context.pictures, context.device
        self._train = context.pictures.rows("train")
        self._validation = spread(context.pictures.rows("validation"), recipe.measured)
        self._names = kept_names(context.folder / NAMES, context.pictures)
        self._scenery = Scenery(context.pictures, self._names)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self._model = build(dataclasses.replace(config, image_size=context.pictures.side))
            head = SceneryHead(config.hidden, self._names)
        with torch.no_grad():
            freeze_statistics(self._model, self.batch(0).images.cpu())
        self.trained = nn.ModuleDict({**_parts(self._model), "scenery": head}).to(context.device)
        self._head = head

    @property
    def batch_size(self) -> int:
        """Pictures in a batch."""
        return self._recipe.batch

    def batch(self, step: int) -> Looks:
        """Draw pictures, some cropped, some mirrored, all a little tinted."""
        draw = draws(self._recipe.seed, step)
        return self._looks([self._drawn(draw, int(row)) for row in draw.choice(self._train, self.batch_size)])

    def losses(self, looks: Looks) -> Mapping[str, Tensor]:
        """Return the cross-entropy of the labels."""
        return {"total": self._head.loss(self._seen(looks), looks.labels)}

    def validate(self) -> Mapping[str, float]:
        """Measure the share of labels that are read right, by field."""
        parts = [self._validation[at : at + _CHUNK] for at in range(0, len(self._validation), _CHUNK)]
        looks = [self._looks([self._still(int(row)) for row in part]) for part in parts]
        found = [self._head.accuracy(self._seen(one), one.labels) for one in looks]
        return {name: float(np.mean([one[name] for one in found])) for name in (found[0] if found else {})}

    def save(self, folder: Path, ema: bool) -> None:
        """Write the weights, and the names of what they tell apart."""
        save_file(
            {key: value.contiguous() for key, value in self.trained.state_dict().items()}, folder / _WEIGHTS
        )
        write_names(folder / NAMES, self._names)

    def _seen(self, looks: Looks) -> Tensor:
        return self._model.look(looks.images)[0]

    def _drawn(self, draw: np.random.Generator, row: int) -> tuple[int, Tensor, NDArray[np.uint8]]:
        augmentation = self._recipe.augmentation
        image, index_map = self._pictures.pixels[row], self._pictures.index_maps[row]
        if draw.random() < augmentation.crop:
            image, index_map = cropped(image, index_map, draw_window(draw, len(image), augmentation.smallest))
        if draw.random() < augmentation.mirror:
            image, index_map = image[:, ::-1], index_map[:, ::-1]
        return row, torch.from_numpy(tinted(draw, image, augmentation)), index_map

    def _still(self, row: int) -> tuple[int, Tensor, NDArray[np.uint8]]:
        return (
            row,
            torch.from_numpy(np.array(self._pictures.pixels[row])).float(),
            self._pictures.index_maps[row],
        )

    def _looks(self, drawn: list[tuple[int, Tensor, NDArray[np.uint8]]]) -> Looks:
        rows, images, index_maps = zip(*drawn, strict=True)
        pixels = torch.stack(images).permute(0, 3, 1, 2)
        return Looks(pixels.to(self._device), self._scenery.of_batch(rows, index_maps).to(self._device))


def start_from(folder: Path, model: Rela) -> tuple[dict[str, list[str]], SceneryHead]:
    """Let a network, in place, see as a trained backbone does.

    Args:
        folder: where `BackboneTask.save` wrote.
        model: of the same preset.

    Returns:
        The names that it tells apart, and what reads them off its mask features.

    """
    names = read_names(folder / NAMES)
    head = SceneryHead(model.config.hidden, names)
    nn.ModuleDict({**_parts(model), "scenery": head}).load_state_dict(load_file(folder / _WEIGHTS))
    return names, head


def _parts(model: Rela) -> dict[str, nn.Module]:
    return {"backbone": model.backbone, "pixel_decoder": model.pixel_decoder}
