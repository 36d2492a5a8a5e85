"""Training on a folder in InstructPix2Pix's layout; `langdesign_dataset.samples` reads and writes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from langdesign_dataset.samples import EditDataset, Part
from numpy.typing import NDArray
from PIL import Image

from .batches import images, mirror, noise
from .denoising_recipes import EditRecipe
from .edit import EditTask
from .edit_pairs import Numbers, Pairs
from .errors import DataError, RecipeError
from .loop import LoopReport, train
from .networks import of_checkpoint, widened
from .pictures import Pixels, mirrored
from .recipes import Recipe
from .variety import STILL, check_variety

_TRAINED: tuple[Part, Part] = ("train", "validation")
_CHUNK = 16  # pictures encoded at once


class DatasetPairs:
    """Pairs of a dataset as latents, encoded when they are taken; where they change is unknown.

    Args:
        dataset: the pairs.
        vae: the autoencoder, on the device that encodes.
        side: of the pictures in pixels: they are scaled to it and cropped, both of a pair alike.

    """

    def __init__(self, dataset: EditDataset, vae: AutoencoderKL, side: int) -> None:
        self.dataset, self._vae, self._side = dataset, vae, side

    def __len__(self) -> int:
        return len(self.dataset)

    def choose(self, draw: np.random.Generator, count: int) -> Numbers:
        """Draw pairs, int64 [count]."""
        return draw.integers(len(self), size=count)

    @torch.no_grad()
    def take(self, chosen: Numbers, flipped: NDArray[np.bool_], draw: np.random.Generator) -> Pairs:
        """Return pairs, some of them mirrored, with left and right exchanged in the instruction."""
        both = [self._cropped(self.dataset.pictures(int(place)), draw) for place in chosen]
        before, after = (
            images(mirror(np.stack(column), flipped), self._vae.device) for column in zip(*both, strict=True)
        )
        mode = torch.cat([self._vae.encode(part).latent_dist.mode() for part in torch.split(before, _CHUNK)])
        posteriors = [self._vae.encode(part).latent_dist for part in torch.split(after, _CHUNK)]
        mean, deviation = (torch.cat([getattr(one, name) for one in posteriors]) for name in ("mean", "std"))
        sample = mean + deviation * noise(draw, mean.shape).to(mean.device)
        texts = (self.dataset.prompt(int(place)).edit for place in chosen)
        return Pairs(
            mode.cpu(),
            (sample * self._vae.config.scaling_factor).cpu(),
            tuple(mirrored(text) if flip else text for text, flip in zip(texts, flipped, strict=True)),
            torch.zeros(len(mode), 1, *mode.shape[2:]),
            tuple("/".join(self.dataset.names(int(place))) for place in chosen),
        )

    def _cropped(
        self, pair: tuple[Image.Image, Image.Image], draw: np.random.Generator
    ) -> tuple[Pixels, Pixels]:
        scale = self._side / min(pair[0].size)
        width, height = (max(self._side, round(scale * side)) for side in pair[0].size)
        left, top = (int(draw.integers(side - self._side + 1)) for side in (width, height))
        box = (left, top, left + self._side, top + self._side)
        before, after = (
            np.asarray(one.resize((width, height), Image.Resampling.LANCZOS).crop(box)) for one in pair
        )
        return before, after


def _still(dataset: EditDataset, place: int) -> bool:
    prompt = dataset.prompt(place)
    return bool(prompt.input) and prompt.input == prompt.output  # other tools leave captions out


def dataset_edits(recipe: EditRecipe, folder: Path, base: Path) -> EditTask:
    """Make the task of a dataset, starting from a local Stable Diffusion folder.

    Args:
        recipe: see there; its `side` is that of the pictures.
        folder: of the dataset.
        base: diffusers folder of a text-to-image model: its text encoder, autoencoder and UNet.

    Raises:
        DataError: the dataset holds no pair to train on.
        LayoutError: it is damaged (of langdesign_dataset).
        RecipeError: the base is no text-to-image model.

    """
    around, generator = of_checkpoint(base, recipe.loop.device)
    unet = widened(generator)
    torch.nn.Module.to(unet, recipe.loop.device)
    side = recipe.side or 256
    train, validation = (DatasetPairs(EditDataset(folder, part), around.vae, side) for part in _TRAINED)
    if not len(train):
        raise DataError(f"{folder} holds no pair to train on; give a larger dataset")
    if all(_still(train.dataset, place) for place in range(len(train))):
        check_variety([STILL] * len(train), folder)  # which other changes there are, nobody wrote down
    held_out = validation if len(validation) else None
    return EditTask(recipe, around, unet, train, held_out, sampling=recipe.sampling)


def train_on_pairs(recipe: Recipe, folder: Path, base: Path, out: Path) -> LoopReport:
    """Train an editor on a dataset, or go on with it; see `dataset_edits`.

    Raises:
        RecipeError: the recipe is none of an editor.

    """
    if not isinstance(recipe, EditRecipe):
        raise RecipeError("The recipe trains no editor; choose one of denoising_recipes.EDIT")
    return train(dataset_edits(recipe, folder, base), recipe.loop, out, recipe=recipe.digest)
