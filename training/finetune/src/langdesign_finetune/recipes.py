"""Recipes as data: what is trained, how, and for how long; their digest names them.

"mini" is the embedded family: 128x128 pixels, from scratch, on two CPU cores.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from .errors import RecipeError
from .loop import LoopSettings

_RUN = ("steps", "device", "threads", "minutes", "checkpoint_minutes", "log_every", "validate_every")
"""Settings of a run, not of what is trained: with others, a training goes on."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What every recipe says."""

    loop: LoopSettings  # how long and how fast
    batch: int  # samples in a step
    seed: int = 0  # of weights, batches and noise
    general: bool | None = None  # train on the general split (True), what it leaves out (False), or all

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits over every field but those of a run (steps, minutes, threads, ...)."""
        data: dict[str, Any] = dataclasses.asdict(self)
        data["loop"] = {name: value for name, value in data["loop"].items() if name not in _RUN}
        text = json.dumps([type(self).__name__, data], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def running(self, **settings: Any) -> Self:
        """Return the recipe with other settings of its loop; None leaves one as it is."""
        changed = {name: value for name, value in settings.items() if value is not None}
        return dataclasses.replace(self, loop=dataclasses.replace(self.loop, **changed))


@dataclass(frozen=True, kw_only=True)
class VaeRecipe(Recipe):
    """An autoencoder with a Gaussian posterior (diffusers' AutoencoderKL)."""

    channels: tuple[int, ...]  # per level; each level but the last halves the sides
    layers: int = 1  # residual layers per block
    groups: int = 8  # of the group norms
    latent_channels: int = 4  # of the posterior's mean
    crop: int = 64  # side of the crops, in pixels, of the first part of the training
    crop_share: float = 0.8  # of the steps that see crops; the rest see whole pictures
    edges: float = 1.0  # weight of the L1 between gradients, at three scales
    colour: float = 2.0  # weight of the square error of colours at an eighth of the size
    kl: float = 1e-5  # weight of the divergence from the standard normal, averaged over latents


VAE: Mapping[str, VaeRecipe] = {
    "mini": VaeRecipe(
        # On a CPU with bfloat16 tiles, autocast is 1.3 to 1.9 times as fast as float32.
        loop=LoopSettings(steps=2_400, learning_rate=1e-3, warmup=200, bf16=True, validate_every=1000),
        batch=8,
        channels=(24, 48, 64, 88),
        crop_share=0.94,
    ),
}


@dataclass(frozen=True, kw_only=True)
class ClipRecipe(Recipe):
    """A contrastive model of pictures and texts (transformers' CLIPModel); a batch is whole families."""

    vocabulary: int  # of the tokenizer, at most
    projection: int  # width of the common space
    text_width: int  # also of what the UNet attends to
    text_hidden: int  # of the feed-forward layers
    text_layers: int
    text_heads: int
    vision_width: int
    vision_hidden: int
    vision_layers: int
    vision_heads: int
    patch: int = 16  # side, in pixels
    edits: int = 6  # of each family in a batch, at most
    pair: float = 0.5  # weight of which caption is whose, before and after an edit
    direction: float = 0.5  # weight of what a change of picture says about the change of caption
    instruction: float = 0.25  # weight of what it says about the instruction
    crop: float = 0.12  # a picture's sides shrink by up to so much, the same for a whole family


CLIP: Mapping[str, ClipRecipe] = {
    "mini": ClipRecipe(
        loop=LoopSettings(
            steps=1_000,
            learning_rate=1e-3,
            warmup=500,
            betas=(0.9, 0.98),
            weight_decay=0.1,
            bf16=True,
            validate_every=1000,
        ),
        batch=16,
        vocabulary=1400,
        projection=128,
        text_width=192,
        text_hidden=512,
        text_layers=4,
        text_heads=4,
        vision_width=192,
        vision_hidden=448,
        vision_layers=4,
        vision_heads=4,
    ),
}


@dataclass(frozen=True, kw_only=True)
class DinoRecipe(Recipe):
    """A picture encoder taught by its own average (transformers' Dinov2Model)."""

    width: int
    layers: int
    heads: int
    patch: int = 16  # side, in pixels
    prototypes: int = 256  # that a picture is softly assigned to
    bottleneck: int = 64  # width of what is compared with the prototypes
    hidden: int = 256  # of the projection before
    local_crops: int = 4  # of each picture, beside two global ones
    local_side: int = 64  # pixels; global crops are as large as the pictures
    local_scale: tuple[float, float] = (0.1, 0.4)  # share of a picture's area that a crop shows
    global_scale: tuple[float, float] = (0.4, 1.0)
    light: float = 0.25  # brightness and contrast of a crop change by up to so much
    student_temperature: float = 0.1
    teacher_temperature: tuple[float, float] = (0.04, 0.06)  # at the start, and after the warm-up
    momentum: float = 0.99  # of the teacher at the start; it grows to 1 along a cosine
    balancing: int = 3  # rounds that make the teacher's assignments use all prototypes alike


DINO: Mapping[str, DinoRecipe] = {
    "mini": DinoRecipe(
        loop=LoopSettings(
            steps=600,
            learning_rate=1e-3,
            warmup=50,
            betas=(0.9, 0.98),
            weight_decay=0.04,
            clip=3.0,
            ema=0.0,  # the teacher is the average
            bf16=True,
            validate_every=1000,
        ),
        batch=32,
        width=128,
        layers=4,
        heads=4,
    ),
}


def preset(recipes: Mapping[str, Recipe], name: str) -> Recipe:
    """Return a recipe by its name.

    Raises:
        RecipeError: there is none of that name.

    """
    if name not in recipes:
        raise RecipeError(f"There is no recipe {name!r} for this model; choose one of {', '.join(recipes)}")
    return recipes[name]
