"""One edit of a picture on its way through a denoiser, whatever conditions it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from langdesign_edits import Pixels, Preserve, Sampler, Weights

from langdesign_diffusion.denoiser import Biases
from langdesign_diffusion.encoding import EncodedImage
from langdesign_diffusion.hyperparameters import Prediction
from langdesign_diffusion.parameters import RegionParameters
from langdesign_diffusion.preservation import blend_latents
from langdesign_diffusion.region_prompts import RegionPrompts
from langdesign_diffusion.samplers import SOLVERS, Schedule, denoised_of


class LatentParameters(Protocol):
    """What every family's parameters say of sampling and of what is kept."""

    @property
    def instruction(self) -> str:
        """What to do; blank where every region has an instruction of its own."""

    @property
    def regions(self) -> Sequence[RegionParameters]:
        """The regions that are named, in the order of their masks; none: each mask is one of the whole."""

    @property
    def steps(self) -> int:
        """Denoising steps."""

    @property
    def seed(self) -> int:
        """Of every random number of the edit."""

    @property
    def sampler(self) -> Sampler:
        """The solver."""

    @property
    def preserve(self) -> Preserve:
        """What is promised outside the regions."""

    @property
    def feather(self) -> int:
        """Pixels over which an edit fades out around its region."""

    @property
    def detail(self) -> float:
        """8-bit levels of change up to which the input's detail comes back; 0: none does."""

    @property
    def preview_every(self) -> int:
        """Steps between previews; 0: none."""


@dataclass(frozen=True, slots=True, eq=False)
class LatentRequest:
    """What a caller asks for; a family names its parameters."""

    image: Pixels  # [H, W, 3 or 4]
    masks: Pixels | None  # [R, H, W], 0 or 255; None: no region
    parameters: LatentParameters

    @property
    def work(self) -> float:
        """Steps times the size of the picture: a large edit is no cheaper for being one request."""
        return float(self.parameters.steps * self.image.size)

    @property
    def preview_every(self) -> int:
        """Steps between previews; 0: none."""
        return self.parameters.preview_every


@dataclass(frozen=True, slots=True)
class Condition:
    """One row of the UNet's batch beside the noisy latent, and its weight in the guided prediction."""

    latents: torch.Tensor  # [1, C - 4, h, w], laid beside the noisy latent
    context: torch.Tensor  # [1, 77 K, D]
    weight: float  # those of a step sum to 1


@dataclass(slots=True, kw_only=True)
class LatentState:
    """One edit on its way; a family adds what conditions its UNet."""

    parameters: LatentParameters
    image: Pixels  # [H, W, 3 or 4], as the caller sent it
    encoded: EncodedImage
    schedule: Schedule
    generator: torch.Generator  # on the CPU; every random number of this edit comes from it
    noise: torch.Tensor  # [1, 4, h, w], the unit noise that the edit starts from
    latents: torch.Tensor  # [1, 4, h, w] float32, x = x0 + sigma * noise
    prompts: RegionPrompts  # the instructions as tokens
    context: torch.Tensor  # [2, 77 K, D]: the K distinct instructions, and beside each the empty text
    separation: Biases  # what keeps instructions apart, per resolution [1, 1, L, 80]; empty: there is one
    weights: Weights | None  # [H, W], 1 on the regions, 0 beyond the feather; None: no region
    latent_weights: torch.Tensor | None  # [1, 1, h, w]; None: latents are not blended
    denoised: torch.Tensor | None = None  # [1, 4, h, w], the last step's estimate of x0
    step: int = 0  # steps done, 0..steps

    @property
    def steps(self) -> int:
        """How many steps there are in all."""
        return self.schedule.steps

    @property
    def done(self) -> bool:
        """Whether no step is left; then it may be finished."""
        return self.step >= self.steps

    @property
    def shape(self) -> tuple[int, int, int]:
        """(h, w) of the padded latents, and 77 K tokens: only states of one shape share a batch.

        Contexts could be padded to the longest and masked. But then every edit that shares a step with one
        of several instructions would carry biases at all resolutions, and leave the kernels that it uses
        alone; and a step's cost grows with its rows, so that two steps take no longer than one of both.
        """
        return self.latents.shape[-2], self.latents.shape[-1], self.context.shape[1]

    @property
    def conditions(self) -> Sequence[Condition]:
        """The rows of the next step."""
        raise NotImplementedError

    @property
    def rows(self) -> int:
        """How many rows of the UNet's batch the next step takes."""
        return len(self.conditions)

    @property
    def acting_biases(self) -> Biases:
        """The biases of the next step, per resolution `[1, 1, L, 80]`; empty: none acts."""
        return self.separation

    def advance(self, predicted: torch.Tensor, prediction: Prediction) -> None:
        """Take a step with the guided prediction `[1, 4, h, w]`."""
        sigma, following = self.schedule.sigmas[self.step], self.schedule.sigmas[self.step + 1]
        denoised = denoised_of(self.latents, predicted, sigma, prediction)
        step = SOLVERS[self.parameters.sampler].step
        latents = step(self.latents, denoised, self.denoised, self.schedule, self.step, self.generator)
        if self.latent_weights is not None:
            latents = blend_latents(latents, self.encoded.scaled, self.noise, following, self.latent_weights)
        self.latents, self.denoised, self.step = latents, denoised, self.step + 1
