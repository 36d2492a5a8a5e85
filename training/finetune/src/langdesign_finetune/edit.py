"""Editing by instruction: InstructPix2Pix from a generator's weights, or from random ones."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from langdesign_diffusion.checkpoint import EDITOR_CHANNELS, Checkpoint
from langdesign_diffusion.parameters import RegularisationParameters
from numpy.typing import NDArray
from torch import Tensor, nn

from .batches import draws, noise, spread
from .denoising import (
    Contexts,
    DenoisingBatch,
    Diffusion,
    denoising_error,
    draw_dropped,
    measured,
    on,
    part_of,
    suspects,
)
from .denoising_recipes import EditingRecipe, EditRecipe, FurtherEditRecipe
from .edit_check import SCALES, EditCheck, rendered_example
from .edit_pairs import CroppedPairs, PairSource, RenderedPairs
from .errors import RecipeError
from .family import Context
from .latents import Latents, load_latents
from .networks import Surroundings, check_editor, load_unet, make_unet, of_family, prepare, widened
from .regions import RegionBiases, draw_regions
from .sample_pairs import MixedPairs
from .sampling import Sampling
from .variety import check_variety

if TYPE_CHECKING:
    from .low_rank import LowRank  # peft takes seconds to import


class Check(Protocol):
    """Measures a checkpoint by edits from noise to picture, and chooses how it is sampled."""

    sampling: Sampling  # as last chosen

    def __call__(self, checkpoint: Checkpoint) -> Mapping[str, float]:
        """Return metrics."""


class EditTask:
    """Denoise a picture after an edit by the picture before it and the instruction.

    Args:
        recipe: see there.
        around: what the UNet works with; the text encoder's parameters are set to be trained or not.
        unet: with 8 input channels.
        train: edits to train on.
        validation: edits to measure; None measures nothing.
        cropped: the same as crops, to measure beside them.
        check: also measures a checkpoint.
        sampling: what is advised where no check chooses.
        low_rank: updates that are trained in place of the UNet's weights.

    """

    def __init__(
        self,
        recipe: EditingRecipe,
        around: Surroundings,
        unet: UNet2DConditionModel,
        train: PairSource,
        validation: PairSource | None = None,
        check: Check | None = None,
        *,
        sampling: Sampling,
        cropped: PairSource | None = None,
        low_rank: LowRank | None = None,
    ) -> None:
        self._recipe, self._around = recipe, around
        self._train, self._validation, self._check = train, validation, check
        self._cropped = cropped
        self._unet, self._device, self._sampling = unet, unet.device, sampling
        self._low_rank = low_rank
        self._diffusion = Diffusion(around.noise, recipe.objective)
        if low_rank is None:
            unet.requires_grad_(True)
        prepare(unet, bf16=recipe.loop.bf16)
        around.text_encoder.requires_grad_(recipe.text_rate > 0)
        self._contexts = Contexts(around.text_encoder, around.tokenizer)
        self._biases = RegionBiases(around.tokenizer, unet, RegularisationParameters())
        networks: dict[str, nn.Module] = {"unet": unet if low_rank is None else low_rank.updates}
        if recipe.text_rate > 0:
            networks["text_encoder"] = around.text_encoder
        self.trained = nn.ModuleDict(networks)

    @property
    def batch_size(self) -> int:
        """Edits in a batch."""
        return self._recipe.batch

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return AdamW's groups: the text encoder learns at its own rate, vectors do not decay."""
        loop = self._recipe.loop
        rates = {"unet": loop.learning_rate, "text_encoder": loop.learning_rate * self._recipe.text_rate}
        return [
            {
                "params": [one for one in network.parameters() if (one.ndim > 1) == decays],
                "lr": rates[name],
                "weight_decay": loop.weight_decay if decays else 0.0,
            }
            for (name, network), decays in itertools.product(self.trained.items(), (True, False))
        ]

    def batch(self, step: int) -> DenoisingBatch:
        """Draw edits, each mirrored or not, with noise; some lose their instruction or their picture."""
        draw = draws(self._recipe.seed, step)
        chosen = self._train.choose(draw, self._recipe.batch)
        flipped = draw.random(len(chosen)) < 0.5
        dropped = draw_dropped(draw, len(chosen), self._recipe.dropout)
        return self._noised(self._train, draw, chosen, flipped, dropped, self._recipe.regularised)

    def losses(self, batch: DenoisingBatch) -> Mapping[str, Tensor]:
        """Return the weighted squared error of the prediction, and the plain one."""
        error = self._error(batch)
        emphasis = 1 + self._recipe.inside * batch.inside
        emphasis = emphasis / emphasis.mean(dim=(2, 3), keepdim=True)
        total = (error * batch.weights * emphasis).mean()
        return {"total": total, "mse": error.detach().mean()}

    def part(self, batch: DenoisingBatch, index: int, count: int) -> DenoisingBatch:
        """Return one of `count` equal parts of a batch."""
        return part_of(batch, index, count)

    def suspects(self, batch: DenoisingBatch) -> Sequence[str]:
        """Return the names of the samples that hold a number that is not finite; of all, if none does."""
        return suspects(batch)

    @torch.no_grad()
    def validate(self) -> Mapping[str, float]:
        """Measure denoising with fixed noise, inside and outside of what is to change, and do some edits."""
        checked = self._check(self.checkpoint()) if self._check else {}
        crops = self._denoising(self._cropped).items()
        return {
            **self._denoising(self._validation),
            **{f"{name}_crop": value for name, value in crops},
            **checked,
        }

    def save(self, folder: Path, ema: bool) -> None:
        """Write a diffusers folder in half precision, and how it was sampled best in its last validation."""
        self.checkpoint(torch.float16).save(folder)
        (self._check.sampling if self._check else self._sampling).write(folder)

    def checkpoint(self, dtype: torch.dtype = torch.float32) -> Checkpoint:
        """Return a copy of the model as its weights stand, low-rank updates merged."""
        unet = self._unet if self._low_rank is None else self._low_rank.merged()
        return self._around.checkpoint(unet, dtype)

    def _denoising(self, source: PairSource | None) -> dict[str, float]:
        if source is None:
            return {}

        def make(draw: np.random.Generator, chosen: NDArray[np.int64]) -> DenoisingBatch:
            none = np.zeros(len(chosen), bool)
            return self._noised(source, draw, chosen, none, (none, none), float(self._recipe.regularised > 0))

        numbers = spread(np.arange(len(source)), self._recipe.measured)
        return measured(numbers, self._recipe.batch, make, self._error)

    def _noised(
        self,
        source: PairSource,
        draw: np.random.Generator,
        chosen: NDArray[np.int64],
        flipped: NDArray[np.bool_],
        dropped: tuple[NDArray[np.bool_], NDArray[np.bool_]],
        regularised: float,
    ) -> DenoisingBatch:
        pairs = source.take(chosen, flipped, draw)
        added, timesteps = noise(draw, pairs.after.shape), self._diffusion.draw_timesteps(draw, len(chosen))
        noised = self._diffusion.noised(pairs.after, added, timesteps)
        seen = torch.from_numpy(~dropped[1]).float()[:, None, None, None]
        batch = DenoisingBatch(
            sample=torch.cat([noised, pairs.before * seen], dim=1),
            timesteps=timesteps,
            texts=tuple(
                "" if empty else text for text, empty in zip(pairs.instructions, dropped[0], strict=True)
            ),
            target=self._diffusion.target(pairs.after, added, timesteps),
            weights=self._diffusion.weights(timesteps),
            inside=pairs.inside,
            biases=self._biases(pairs.instructions, draw_regions(draw, pairs.inside, regularised))
            if regularised
            else {},
            names=pairs.names,
        )
        return on(batch, self._device)

    def _error(self, batch: DenoisingBatch) -> Tensor:
        return denoising_error(self._unet, self._contexts, batch)


def rendered_edits(recipe: EditRecipe, context: Context) -> EditTask:
    """Make the task of a rendered set, whose exact regions weigh more and are edited in validations.

    Raises:
        RecipeError: the recipe wants pictures of another size, another model has not been trained, or the
            generator to start from predicts something else than the recipe's objective.

    """
    around, pictures = of_family(context, recipe.objective.prediction), context.pictures
    if recipe.side not in {None, pictures.side}:
        raise RecipeError(
            f"The recipe wants pictures of {recipe.side} pixels and the set's have {pictures.side}; "
            "render a set of that size, or use `train-pairs`"
        )
    trained = (edit for place in pictures.places("train") for edit in pictures.families[place].edits)
    drawn = (edit.operation for edit in trained if recipe.shares.get(edit.operation, 0.0) > 0)
    check_variety(drawn, pictures.families[0].folder.parents[1])
    unet = _started(recipe, context, int(around.text_encoder.config.hidden_size))
    latents = load_latents(around.vae, context.model("vae"), pictures, pictures.cache)
    source = partial(_pairs, recipe, context, around, latents)
    train = source(pictures.places("train"))
    sampling = _sampling(recipe, context, around.checkpoint(unet).size_multiple)
    held_out = pictures.places("validation")
    if not held_out:
        return EditTask(recipe, around, unet, _mixed(recipe, *train), sampling=sampling)
    validation, cropped = source(held_out)
    edits = validation.some_of_each(recipe.checked)
    examples = [rendered_example(pictures, place, edit) for place, edit in edits]
    sheet, chosen = context.folder / "edits.png", Sampling.advised(context.folder / "model")
    check = EditCheck(examples, sampling, SCALES, sheet, recipe.preserve, chosen) if edits else None
    return EditTask(
        recipe, around, unet, _mixed(recipe, *train), validation, check, sampling=sampling, cropped=cropped
    )


def _pairs(
    recipe: EditRecipe, context: Context, around: Surroundings, latents: Latents, places: Sequence[int]
) -> tuple[RenderedPairs, CroppedPairs | None]:
    """Return the edits of some families on whole pictures, and on crops where the recipe has some."""
    pictures = context.pictures
    whole = RenderedPairs(pictures, places, latents, recipe.shares)
    if not isinstance(recipe, FurtherEditRecipe) or not recipe.cropping.share:
        return whole, None
    folder = context.model("vae")
    return whole, CroppedPairs(pictures, places, around.vae, folder, recipe.shares, recipe.cropping)


def _mixed(recipe: EditRecipe, whole: RenderedPairs, cropped: CroppedPairs | None) -> PairSource:
    """Return what batches are drawn from."""
    if cropped is None or not isinstance(recipe, FurtherEditRecipe):
        return whole
    share = recipe.cropping.share
    return MixedPairs([(whole, 1 - share), (cropped, share)])


def _sampling(recipe: EditRecipe, context: Context, multiple: int) -> Sampling:
    """Return what is advised where no validation chooses; who goes on with an editor begins with its own."""
    sizes = {"working_size": context.pictures.side, "size_multiple": multiple}
    if not isinstance(recipe, FurtherEditRecipe):
        return replace(recipe.sampling, **sizes)
    own = Sampling.advised(context.model(recipe.before)) or recipe.sampling
    return replace(own, **sizes, enlargement=recipe.enlargement)


def _started(recipe: EditRecipe, context: Context, context_width: int) -> UNet2DConditionModel:
    """Return the UNet to begin with: an editor's or a generator's of the family, or one of random weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        if isinstance(recipe, FurtherEditRecipe):
            unet = load_unet(context.model(recipe.before), recipe.objective.prediction)
            check_editor(unet)
        elif recipe.start:
            unet = widened(load_unet(context.model(recipe.start), recipe.objective.prediction))
        else:
            unet = make_unet(recipe, context_width, EDITOR_CHANNELS)
    return nn.Module.to(unet, context.device)
