"""Recipes of fine-tuning an editor on a data set of samples, as data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from .denoising import Dropout, Objective
from .denoising_recipes import EditingRecipe
from .errors import RecipeError
from .loop import LoopSettings
from .recipes import preset

Method = Literal["full", "lora"]


@dataclass(frozen=True)
class Lora:
    """Low-rank updates of attention and feed-forward layers (Hu et al., ICLR 2022)."""

    rank: int = 16
    alpha: int = 16  # updates are scaled by alpha / rank
    targets: tuple[str, ...] = ("to_q", "to_k", "to_v", "to_out.0")  # ends of the layers' names


@dataclass(frozen=True, kw_only=True)
class TuneRecipe(EditingRecipe):
    """Fine-tuning of an editor, or of a generator that becomes one, on samples."""

    side: int  # of the pictures, in pixels: the shorter side is scaled to it, the longer one cropped
    method: Method = "full"  # "full" trains every weight of the UNet, "lora" low-rank updates of some
    lora: Lora = field(default_factory=Lora)
    shares: Mapping[str, float] = field(
        default_factory=lambda: {"alter": 0.46, "add": 0.14, "remove": 0.15, "replace": 0.15, "none": 0.10}
    )  # of a batch, by what changes; changes that the samples lack leave theirs to the others
    sources: Mapping[str, float] = field(
        default_factory=lambda: {
            "prompt-to-prompt": 1.0,
            "rendered": 1.0,
            "no-op": 1.0,
            "inverted": 1.0,
            "imported": 1.0,
        }
    )  # weights among the sources of one change
    accumulation: int = 1  # parts that a batch is trained in, one after another; saves memory
    checkpointing: bool = False  # of the UNet's activations: less memory, a third more time
    replay: float = 0.0  # share of a batch from a second set, so that what the base could do is not lost
    held_out: float = 0.05  # share of the samples that are not trained on
    checked: int = 4  # held-out samples of each change that a validation edits from noise to picture
    choose_guidance: bool = True  # whether a validation may advise other guidance than the base's


TUNE: Mapping[str, TuneRecipe] = {
    # Shows that every part works; what it makes means nothing.
    "tiny": TuneRecipe(
        loop=LoopSettings(
            steps=4, learning_rate=1e-4, warmup=1, ema=0.9, bf16=False, log_every=1, validate_every=1000
        ),
        batch=4,
        objective=Objective(min_snr=None, prediction="v_prediction"),
        regularised=0.75,
        side=128,
        measured=8,
        held_out=0.2,
        checked=1,
        choose_guidance=False,
    ),
    # The embedded editor: 3,600 steps of 24 samples take about 20 minutes, at about 75 samples a second as
    # measured on two cores of a processor with AVX512-BF16. With only every tenth sample a no-op it
    # learned to make more false edits than its base.
    "mini": TuneRecipe(
        shares={"alter": 0.42, "add": 0.12, "remove": 0.14, "replace": 0.14, "none": 0.18},
        loop=LoopSettings(
            steps=3_600,
            learning_rate=3e-4,
            warmup=50,
            ema=0.995,
            bf16=True,
            log_every=25,
            validate_every=5000,
            checkpoint_minutes=2.0,
        ),
        batch=24,
        objective=Objective(min_snr=None, prediction="v_prediction"),
        regularised=0.5,
        side=128,
        measured=96,
    ),
    # Stable Diffusion 1.5 or InstructPix2Pix on a GPU of 24 GB.
    "full": TuneRecipe(
        loop=LoopSettings(
            steps=5_000,
            learning_rate=5e-5,
            warmup=100,
            floor=0.1,
            betas=(0.9, 0.999),
            ema=0.999,
            bf16=True,
            device="cuda",
        ),
        batch=64,
        accumulation=4,
        checkpointing=True,
        objective=Objective(min_snr=None),
        dropout=Dropout(text=0.05, image=0.05, both=0.05),
        regularised=0.5,
        inside=1.0,
        side=256,
    ),
}


def tune_preset(name: str) -> TuneRecipe:
    """Return a recipe by its name: "tiny", "mini" or "full".

    Raises:
        RecipeError: there is none of that name.

    """
    return cast(TuneRecipe, preset(TUNE, name))


def check_recipe(recipe: TuneRecipe) -> None:
    """Look whether a recipe can be followed.

    Raises:
        RecipeError: a setting is out of its range, or two do not fit each other.

    """
    if recipe.batch < 1 or recipe.accumulation < 1 or recipe.batch % recipe.accumulation:
        raise RecipeError(
            f"A batch of {recipe.batch} cannot be trained in {recipe.accumulation} equal parts; "
            "choose a batch that accumulation divides"
        )
    for name in ("replay", "held_out", "regularised"):
        if not 0 <= getattr(recipe, name) < 1 + (name == "regularised") * 1e-9:
            raise RecipeError(f"{name} is {getattr(recipe, name)}; give a share from 0 to below 1")
    if recipe.method == "lora" and (recipe.lora.rank < 1 or not recipe.lora.targets):
        raise RecipeError("lora.rank is below 1, or lora.targets is empty; give a rank and layers to adapt")
    _check_counts(recipe)
    _check_numbers(recipe)


def _check_counts(recipe: TuneRecipe) -> None:
    loop = recipe.loop
    for name, value, least in (
        ("loop.steps", loop.steps, 1),
        ("loop.log_every", loop.log_every, 1),
        ("loop.validate_every", loop.validate_every, 1),
        ("loop.warmup", loop.warmup, 0),
        ("checked", recipe.checked, 0),
        ("measured", recipe.measured, 0),
    ):
        if value < least:
            raise RecipeError(f"{name} is {value}; give {least} or more")


def _check_numbers(recipe: TuneRecipe) -> None:
    """Refuse what is out of range; each test is one that NaN fails."""
    loop, inside = recipe.loop, recipe.inside
    if not (math.isfinite(loop.learning_rate) and loop.learning_rate > 0):
        raise RecipeError(f"loop.learning_rate is {loop.learning_rate}; give a number above 0")
    if not 0 <= loop.ema < 1:
        raise RecipeError(f"loop.ema is {loop.ema}; give a decay from 0 to below 1")
    if not (math.isfinite(inside) and inside >= 0):
        raise RecipeError(f"inside is {inside}; give a number, 0 or more")
