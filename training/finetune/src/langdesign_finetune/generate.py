"""Text to image: a Stable Diffusion from scratch, which Prompt-to-Prompt and the editor start from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from langdesign_diffusion.checkpoint import GENERATOR_CHANNELS, Checkpoint
from langdesign_diffusion.samplers import SOLVERS, denoised_of, draw_noise, noise_generator
from numpy.typing import NDArray
from torch import Tensor

from .batches import draws, noise, pixels, spread
from .denoising import (
    Contexts,
    DenoisingBatch,
    Diffusion,
    denoising_error,
    draw_dropped,
    measured,
    on,
)
from .denoising_recipes import GenerateRecipe
from .family import Context
from .latents import load_latents
from .networks import check_generator, load_unet, make_unet, of_family, prepare
from .pictures import Pixels, contact_sheet, mirrored


class GenerateTask:
    """Denoise pictures by their captions."""

    def __init__(self, recipe: GenerateRecipe, context: Context) -> None:
        self._recipe, self._pictures = recipe, context.pictures
        self._device, self._folder = context.device, context.folder
        self._around = of_family(context, recipe.objective.prediction)
        self._contexts = Contexts(self._around.text_encoder, self._around.tokenizer)
        self._diffusion = Diffusion(self._around.noise, recipe.objective)
        pictures = context.pictures
        self._latents = load_latents(self._around.vae, context.model("vae"), pictures, pictures.cache)
        self._captions = _captions(context)
        self._train, validation = pictures.rows("train"), pictures.rows("validation")
        self._validation = spread(validation if len(validation) else self._train, recipe.measured)
        self.trained: UNet2DConditionModel = _started(
            recipe, context, int(self._around.text_encoder.config.hidden_size)
        ).requires_grad_(True)
        prepare(self.trained, bf16=recipe.loop.bf16)

    @property
    def batch_size(self) -> int:
        """Pictures in a batch."""
        return self._recipe.batch

    def batch(self, step: int) -> DenoisingBatch:
        """Draw pictures, each mirrored or not, with noise; some lose their caption."""
        draw = draws(self._recipe.seed, step)
        rows = draw.choice(self._train, self._recipe.batch)
        flipped = draw.random(len(rows)) < 0.5
        dropped, _ = draw_dropped(draw, len(rows), self._recipe.dropout)
        return self._noised(draw, rows, flipped, dropped)

    def losses(self, batch: DenoisingBatch) -> Mapping[str, Tensor]:
        """Return the weighted squared error of the prediction, and the plain one."""
        error = self._error(batch)
        return {"total": (error * batch.weights).mean(), "mse": error.detach().mean()}

    @torch.no_grad()
    def validate(self) -> Mapping[str, float]:
        """Measure denoising with fixed noise; write a sheet of pictures over samples of their captions."""

        def make(draw: np.random.Generator, rows: NDArray[np.int64]) -> DenoisingBatch:
            none = np.zeros(len(rows), bool)
            return self._noised(draw, rows, none, none)

        means = measured(self._validation, self._recipe.batch, make, self._error)
        self._write_sheet()
        return {"loss": means["loss"]}

    def save(self, folder: Path, ema: bool) -> None:
        """Write a diffusers folder in half precision."""
        self._around.checkpoint(self.trained, torch.float16).save(folder)

    def _noised(
        self,
        draw: np.random.Generator,
        rows: NDArray[np.int64],
        flipped: NDArray[np.bool_],
        dropped: NDArray[np.bool_],
    ) -> DenoisingBatch:
        shape = (len(rows), *self._latents.moments.shape[3:])
        latents = self._latents.sampled(rows, flipped, noise(draw, shape))
        added, timesteps = noise(draw, shape), self._diffusion.draw_timesteps(draw, len(rows))
        texts = ["" if empty else self._captions[row] for row, empty in zip(rows, dropped, strict=True)]
        batch = DenoisingBatch(
            sample=self._diffusion.noised(latents, added, timesteps),
            timesteps=timesteps,
            texts=tuple(mirrored(text) if flip else text for text, flip in zip(texts, flipped, strict=True)),
            target=self._diffusion.target(latents, added, timesteps),
            weights=self._diffusion.weights(timesteps),
            inside=torch.zeros(len(rows), 1, 1, 1),
        )
        return on(batch, self._device)

    def _error(self, batch: DenoisingBatch) -> Tensor:
        return denoising_error(self.trained, self._contexts, batch)

    def _write_sheet(self) -> None:
        rows = spread(self._validation, self._recipe.shown)
        samples = generate(
            self._around.checkpoint(self.trained),
            [self._captions[row] for row in rows],
            side=self._pictures.side,
            steps=2 * self._recipe.steps,
            guidance_scale=self._recipe.guidance_scale,
        )
        contact_sheet([self._pictures.pixels[rows], samples], self._folder / "samples.png")


@torch.inference_mode()
def generate(
    checkpoint: Checkpoint,
    captions: Sequence[str],
    *,
    side: int,
    steps: int,
    guidance_scale: float,
    seed: int = 0,
) -> Pixels:
    """Generate a picture of each caption, RGB uint8 [N, side, side, 3], by Euler ancestral steps.

    Args:
        checkpoint: text to image.
        captions: N >= 1.
        side: of the pictures, in pixels; a multiple of the checkpoint's `size_multiple`.
        steps: of denoising.
        guidance_scale: how strongly the caption steers; 1 is not at all more than it was trained to.
        seed: of all noise.

    """
    solver = SOLVERS["euler_ancestral"]
    schedule = solver.schedule(checkpoint.noise, steps)
    generator = noise_generator(seed)
    small = side // checkpoint.downscale
    shape = (len(captions), GENERATOR_CHANNELS, small, small)
    latents = draw_noise(shape, generator, checkpoint.device) * schedule.start
    contexts = Contexts(checkpoint.text_encoder, checkpoint.tokenizer)([*captions, *[""] * len(captions)])
    previous = None
    for index, timestep in enumerate(schedule.timesteps):
        sample = (latents * schedule.input_scale(index)).repeat(2, 1, 1, 1).to(checkpoint.dtype)
        times = torch.full((len(sample),), timestep, device=sample.device)
        told, empty = checkpoint.unet(sample, times, contexts, return_dict=False)[0].float().chunk(2)
        guided, sigma = empty + guidance_scale * (told - empty), schedule.sigmas[index]
        denoised = denoised_of(latents, guided, sigma, checkpoint.noise.prediction)
        latents = solver.step(latents, denoised, previous, schedule, index, generator)
        previous = denoised
    unscaled = latents * schedule.input_scale(steps) / checkpoint.vae.config.scaling_factor
    return pixels(checkpoint.vae.decode(unscaled.to(checkpoint.dtype), return_dict=False)[0])


def _started(recipe: GenerateRecipe, context: Context, context_width: int) -> UNet2DConditionModel:
    """Return the UNet to begin with: another generator's of the family, or one of random weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        if recipe.start:
            unet = load_unet(context.model(recipe.start), recipe.objective.prediction)
            check_generator(unet)
        else:
            unet = make_unet(recipe, context_width, GENERATOR_CHANNELS)
    return torch.nn.Module.to(unet, context.device)


def _captions(context: Context) -> dict[int, str]:
    """Return each row's caption."""
    pictures = context.pictures
    return {
        pictures.row(place, state): one.caption
        for place, family in enumerate(pictures.families)
        for state, one in enumerate(family.states)
    }
