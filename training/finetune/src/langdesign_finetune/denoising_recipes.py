"""Recipes of the diffusion models, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from langdesign_edits import Preserve

from .cropping import Cropping
from .denoising import Dropout, Objective
from .loop import LoopSettings
from .recipes import Recipe
from .sampling import Sampling


@dataclass(frozen=True, kw_only=True)
class DiffusionRecipe(Recipe):
    """A UNet that learns to denoise."""

    objective: Objective = field(default_factory=Objective)
    dropout: Dropout = field(default_factory=Dropout)
    measured: int = 192  # samples whose denoising a validation measures


@dataclass(frozen=True, kw_only=True)
class DenoisingRecipe(DiffusionRecipe):
    """A UNet over the family's latents, conditioned by the family's text encoder."""

    channels: tuple[int, ...] = (48, 96, 128)  # per level, each with cross-attention
    layers: int = 1  # residual layers per block
    heads: int = 4  # of every attention
    groups: int = 16  # of the group norms
    steps: int = 12  # of sampling in a validation
    guidance_scale: float = 4.0  # of the text, in a validation


@dataclass(frozen=True, kw_only=True)
class EditingRecipe(DiffusionRecipe):
    """How a UNet learns editing by instruction (Brooks et al., InstructPix2Pix, CVPR 2023)."""

    regularised: float = 0.0  # share of the samples that are told their region as serving tells it
    inside: float = 6.0  # how much more than 1 an error weighs where the picture is to change
    text_rate: float = 0.0  # learning rate of the text encoder over the UNet's; 0 leaves it as it is


@dataclass(frozen=True, kw_only=True)
class GenerateRecipe(DenoisingRecipe):
    """Text to image (Rombach et al., Stable Diffusion, CVPR 2022)."""

    start: str = ""  # model of the family whose UNet it starts from; "" for random weights
    dropout: Dropout = field(default_factory=lambda: Dropout(text=0.1, image=0.0, both=0.0))
    shown: int = 12  # pictures of the contact sheet


@dataclass(frozen=True, kw_only=True)
class EditRecipe(DenoisingRecipe, EditingRecipe):
    """An editor of a family, or one on InstructPix2Pix's data."""

    start: str = "generate"  # model of the family whose UNet it starts from; "" for random weights
    side: int | None = None  # of the pictures in pixels; None: as rendered
    shares: Mapping[str, float] = field(
        default_factory=lambda: {
            "recolour": 0.24,
            "material": 0.12,
            "pattern": 0.06,
            "remove": 0.16,
            "add": 0.14,
            "replace": 0.14,
            "restyle": 0.08,
            "none": 0.06,
        }
    )  # of a batch, by operation
    image_guidance_scale: float = 1.5  # advised, as that of the text, where no validation chose
    preserve: Preserve = Preserve.STRICT  # in a validation
    checked: int = 8  # edits of each operation that a validation does from noise to picture

    @property
    def sampling(self) -> Sampling:
        """What is advised where no validation chose."""
        return Sampling(self.steps, self.guidance_scale, self.image_guidance_scale)


@dataclass(frozen=True, kw_only=True)
class FurtherEditRecipe(EditRecipe):
    """An editor that goes on with a whole one, and learns small regions as crops too."""

    before: str = "edit-before"  # model of the family that it goes on with, in the place of `start`
    cropping: Cropping = field(default_factory=Cropping)
    enlargement: float = 2.0  # advised, and how validations show small regions


GENERATE: Mapping[str, GenerateRecipe] = {
    "mini": GenerateRecipe(
        loop=LoopSettings(
            steps=1200, learning_rate=8e-4, warmup=300, ema=0.999, bf16=True, validate_every=1500
        ),
        batch=32,
        objective=Objective(min_snr=None, prediction="v_prediction"),
        guidance_scale=3.0,
    ),
    # Goes on from a generator that was trained before; see `adoption`.
    "mini-more": GenerateRecipe(
        loop=LoopSettings(
            steps=1500, learning_rate=4e-4, warmup=100, ema=0.999, bf16=True, validate_every=1500
        ),
        batch=32,
        objective=Objective(min_snr=None, prediction="v_prediction"),
        start="generate-before",
        guidance_scale=3.0,
    ),
}

EDIT: Mapping[str, EditRecipe] = {
    "mini": EditRecipe(
        loop=LoopSettings(
            steps=11_650, learning_rate=8e-4, warmup=300, ema=0.999, bf16=True, validate_every=3000
        ),
        batch=32,
        general=True,
        objective=Objective(min_snr=None, prediction="v_prediction"),
        regularised=0.75,
    ),
    # Goes on with an editor that was adopted (see `adoption`): in a room a thing has a few of the latents, as
    # many as a single object only where it is shown enlarged.
    "mini-more": FurtherEditRecipe(
        loop=LoopSettings(
            steps=4000, learning_rate=3e-4, warmup=100, ema=0.998, bf16=True, validate_every=2000
        ),
        batch=32,
        general=True,
        objective=Objective(min_snr=None, prediction="v_prediction"),
        regularised=0.75,
        start="",
        checked=4,
    ),
    # As published, but for the batch, which was 32 on each of 8 GPUs.
    "full": EditRecipe(
        loop=LoopSettings(
            steps=20_000,
            learning_rate=1e-4,
            warmup=0,
            floor=1.0,
            betas=(0.9, 0.999),
            ema=0.9999,
            bf16=True,
            device="cuda",
        ),
        batch=32,
        objective=Objective(min_snr=None),
        inside=0.0,
        side=256,
        steps=20,
        guidance_scale=7.5,
    ),
}
