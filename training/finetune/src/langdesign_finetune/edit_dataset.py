"""The layout of InstructPix2Pix's `EditDataset`, read and written (Brooks et al., CVPR 2023).

FOLDER/seeds.json                 [["0000000", ["431", ...]], ...]: prompts and their pairs' seeds
FOLDER/0000000/prompt.json        {"edit": ..., "input": ..., "output": ...}
FOLDER/0000000/431_0.jpg          before
FOLDER/0000000/431_1.jpg          after
FOLDER/0000000/metadata.jsonl     what else is known of each pair, a line each
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from diffusers import AutoencoderKL
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

Part = Literal["train", "validation", "test"]

_BOUNDS: Mapping[Part, tuple[float, float]] = {
    "train": (0.0, 0.9),
    "validation": (0.9, 0.95),
    "test": (0.95, 1.0),
}  # shares of the prompts, in the order of seeds.json, as the original splits them
_TRAINED: tuple[Part, Part] = ("train", "validation")
_CHUNK = 16  # pictures encoded at once


@dataclass(frozen=True, eq=False)
class ImagePair:
    """Two pictures of one prompt."""

    seed: str  # names the files
    before: Pixels  # RGB uint8 [H, W, 3]
    after: Pixels  # RGB uint8 [H, W, 3]
    metadata: Mapping[str, Any] = field(default_factory=dict)  # such as guidance and CLIP's similarities


@dataclass(frozen=True)
class Prompt:
    """What a prompt.json says."""

    edit: str  # the instruction
    input: str  # caption before
    output: str  # caption after


def write_edit_dataset(folder: Path, examples: Iterable[tuple[Prompt, Sequence[ImagePair]]]) -> None:
    """Write prompts and their pairs; a prompt without a pair is left out.

    Args:
        folder: made if it is missing; an earlier dataset there is written over.
        examples: taken one by one, so that no more than one need be in memory.

    """
    folder.mkdir(parents=True, exist_ok=True)
    seeds: list[tuple[str, list[str]]] = []
    for prompt, pairs in examples:
        if pairs:
            name = f"{len(seeds):07d}"
            _write_prompt(folder / name, prompt, pairs)
            seeds.append((name, [pair.seed for pair in pairs]))
    _write_json(folder / "seeds.json", seeds)


def _write_prompt(folder: Path, prompt: Prompt, pairs: Sequence[ImagePair]) -> None:
    folder.mkdir(exist_ok=True)
    _write_json(folder / "prompt.json", vars(prompt))
    for pair in pairs:
        for number, picture in enumerate((pair.before, pair.after)):
            Image.fromarray(picture).save(folder / f"{pair.seed}_{number}.jpg", quality=100)
    lines = (json.dumps({"seed": pair.seed, **pair.metadata}) + "\n" for pair in pairs)
    (folder / "metadata.jsonl").write_text("".join(lines), "utf-8")


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value) + "\n", "utf-8")


class EditDataset:
    """Pairs of a dataset, one after another.

    Args:
        folder: of the dataset.
        part: of its prompts, which may hold no pair where they are few; None reads all.

    Raises:
        DataError: the folder holds no such dataset.

    """

    def __init__(self, folder: Path, part: Part | None = None) -> None:
        self._folder = folder
        try:
            seeds = json.loads((folder / "seeds.json").read_text("utf-8"))
            low, high = _BOUNDS[part] if part else (0.0, 1.0)
            kept = seeds[int(low * len(seeds)) : int(high * len(seeds))]
            self._pairs = [(str(name), str(seed)) for name, own in kept for seed in own]
        except (OSError, ValueError, TypeError) as error:
            raise DataError(
                f"{folder} holds no seeds.json of an edit dataset ({error}); write_edit_dataset writes one"
            ) from error

    def __len__(self) -> int:
        return len(self._pairs)

    def prompt(self, place: int) -> Prompt:
        """Return what is asked of a pair.

        Raises:
            DataError: prompt.json is missing or damaged.

        """
        path = self._folder / self._pairs[place][0] / "prompt.json"
        try:
            data = json.loads(path.read_text("utf-8"))
            return Prompt(str(data["edit"]), str(data.get("input", "")), str(data.get("output", "")))
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise DataError(f"{path} says no edit ({error}); write it, or drop its folder") from error

    def pictures(self, place: int) -> tuple[Image.Image, Image.Image]:
        """Return the pictures before and after.

        Raises:
            DataError: one is missing or damaged.

        """
        name, seed = self._pairs[place]
        before, after = (self._picture(self._folder / name / f"{seed}_{number}.jpg") for number in (0, 1))
        return before, after

    @staticmethod
    def _picture(path: Path) -> Image.Image:
        try:
            with Image.open(path) as image:
                return image.convert("RGB")
        except OSError as error:
            raise DataError(f"{path} is no picture ({error}); drop its seed from seeds.json") from error


class DatasetPairs:
    """Pairs of a dataset as latents, encoded when they are taken; where they change is unknown.

    Args:
        dataset: the pairs.
        vae: the autoencoder, on the device that encodes.
        side: of the pictures in pixels: they are scaled to it and cropped, both of a pair alike.

    """

    def __init__(self, dataset: EditDataset, vae: AutoencoderKL, side: int) -> None:
        self._dataset, self._vae, self._side = dataset, vae, side

    def __len__(self) -> int:
        return len(self._dataset)

    def choose(self, draw: np.random.Generator, count: int) -> Numbers:
        """Draw pairs, int64 [count]."""
        return draw.integers(len(self), size=count)

    @torch.no_grad()
    def take(self, chosen: Numbers, flipped: NDArray[np.bool_], draw: np.random.Generator) -> Pairs:
        """Return pairs, some of them mirrored, with left and right exchanged in the instruction."""
        both = [self._cropped(self._dataset.pictures(int(place)), draw) for place in chosen]
        before, after = (
            images(mirror(np.stack(column), flipped), self._vae.device) for column in zip(*both, strict=True)
        )
        mode = torch.cat([self._vae.encode(part).latent_dist.mode() for part in torch.split(before, _CHUNK)])
        posteriors = [self._vae.encode(part).latent_dist for part in torch.split(after, _CHUNK)]
        mean, deviation = (torch.cat([getattr(one, name) for one in posteriors]) for name in ("mean", "std"))
        sample = mean + deviation * noise(draw, mean.shape).to(mean.device)
        texts = (self._dataset.prompt(int(place)).edit for place in chosen)
        return Pairs(
            mode.cpu(),
            (sample * self._vae.config.scaling_factor).cpu(),
            tuple(mirrored(text) if flip else text for text, flip in zip(texts, flipped, strict=True)),
            torch.zeros(len(mode), 1, *mode.shape[2:]),
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


def dataset_edits(recipe: EditRecipe, folder: Path, base: Path) -> EditTask:
    """Make the task of a dataset, starting from a local Stable Diffusion folder.

    Args:
        recipe: see there; its `side` is that of the pictures.
        folder: of the dataset.
        base: diffusers folder of a text-to-image model: its text encoder, autoencoder and UNet.

    Raises:
        DataError: the dataset holds no pair to train on, or is damaged.
        RecipeError: the base is no text-to-image model.

    """
    around, generator = of_checkpoint(base, recipe.loop.device)
    unet = widened(generator)
    torch.nn.Module.to(unet, recipe.loop.device)
    side = recipe.side or 256
    train, validation = (DatasetPairs(EditDataset(folder, part), around.vae, side) for part in _TRAINED)
    if not len(train):
        raise DataError(f"{folder} holds no pair to train on; give a larger dataset")
    return EditTask(recipe, around, unet, train, validation if len(validation) else None)


def train_on_pairs(recipe: Recipe, folder: Path, base: Path, out: Path) -> LoopReport:
    """Train an editor on a dataset, or go on with it; see `dataset_edits`.

    Raises:
        RecipeError: the recipe is none of an editor.

    """
    if not isinstance(recipe, EditRecipe):
        raise RecipeError("The recipe trains no editor; choose one of denoising_recipes.EDIT")
    return train(dataset_edits(recipe, folder, base), recipe.loop, out, recipe=recipe.digest)
