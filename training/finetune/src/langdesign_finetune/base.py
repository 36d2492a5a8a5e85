"""The model that a fine-tuning starts from: looked at before anything is loaded or encoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from langdesign_diffusion.checkpoint import (
    EDITOR_CHANNELS,
    GENERATOR_CHANNELS,
    WEIGHTS,
    load_checkpoint,
    read_json,
    read_noise_schedule,
)
from langdesign_diffusion.errors import DiffusionError
from langdesign_diffusion.hyperparameters import Prediction
from safetensors import SafetensorError, safe_open

from .errors import RecipeError
from .networks import Surroundings, widened


def check_base(folder: Path, prediction: Prediction, side: int) -> None:
    """Look whether a diffusers folder can be fine-tuned into an editor, before any of it is loaded.

    Args:
        folder: of an InstructPix2Pix or a Stable Diffusion model.
        prediction: what the recipe's objective says that it predicts.
        side: of the pictures that the recipe trains on, in pixels.

    Raises:
        RecipeError: it is none, its weights are damaged, its parts do not fit one another, or the recipe
            does not fit it.

    """
    try:
        unet, vae, text = (
            read_json(folder / part / "config.json") for part in ("unet", "vae", "text_encoder")
        )
        noise = read_noise_schedule(folder / "scheduler" / "scheduler_config.json")
    except DiffusionError as error:
        raise RecipeError(f"{folder} is no diffusers folder of an editor or a generator: {error}") from error
    _check_channels(folder, unet, vae)
    _check_text(folder, unet, text)
    _check_weights(folder)
    if noise.prediction != prediction:
        raise RecipeError(
            f"{folder} predicts {noise.prediction} and the recipe's objective is {prediction}; "
            f'set objective.prediction to "{noise.prediction}", or give another base'
        )
    multiple = 2 ** (len(vae["block_out_channels"]) - 1 + len(unet["block_out_channels"]) - 1)
    if side % multiple or side < multiple:
        raise RecipeError(
            f"The recipe trains on {side} pixels, no multiple of the {multiple} of {folder}; change side"
        )


def _check_channels(folder: Path, unet: dict[str, Any], vae: dict[str, Any]) -> None:
    known = {EDITOR_CHANNELS: "InstructPix2Pix", GENERATOR_CHANNELS: "Stable Diffusion"}
    if unet.get("in_channels") not in known:
        told = " or ".join(f"{channels} ({name})" for channels, name in known.items())
        raise RecipeError(f"The UNet of {folder} takes {unet.get('in_channels')} channels, not {told}")
    if not vae.get("latent_channels") == unet.get("out_channels") == GENERATOR_CHANNELS:
        raise RecipeError(
            f"The autoencoder of {folder} has {vae.get('latent_channels')} latent channels and its UNet "
            f"predicts {unet.get('out_channels')}; both are to be {GENERATOR_CHANNELS}: give another base"
        )


def _check_text(folder: Path, unet: dict[str, Any], text: dict[str, Any]) -> None:
    if text.get("hidden_size") != unet.get("cross_attention_dim"):
        raise RecipeError(
            f"The text encoder of {folder} is {text.get('hidden_size')} wide and its UNet attends to "
            f"{unet.get('cross_attention_dim')}; they are of different models: give another base"
        )
    end, size = text.get("eos_token_id", 49407), text.get("vocab_size", 49408)  # transformers' defaults
    if not isinstance(end, int) or not 0 <= end < size:
        raise RecipeError(
            f"The text encoder of {folder} ends texts with token {end} of {size}; write its tokenizer's "
            "eos_token_id into text_encoder/config.json"
        )


def _check_weights(folder: Path) -> None:
    """Read the headers of the weights, which tell a file that is cut from a whole one."""
    for part, stem in WEIGHTS.items():
        files = sorted((folder / part).glob(f"{stem}*.safetensors"))
        if not files:
            raise RecipeError(f"{folder / part} has no {stem}.safetensors; add it, or give another base")
        for file in files:
            try:
                with safe_open(file, "pt"):
                    pass
            except (OSError, SafetensorError) as error:
                raise RecipeError(
                    f"{file} is damaged ({error}); fetch it again, or give another base"
                ) from error


def load_base(folder: Path, device: str) -> tuple[Surroundings, UNet2DConditionModel]:
    """Load what surrounds the UNet, and the UNet, widened to 8 channels where it was a generator's.

    Raises:
        RecipeError: a part is missing or does not fit its configuration.

    """
    try:
        whole = load_checkpoint(folder, device=device, dtype=torch.float32)
    except DiffusionError as error:
        raise RecipeError(f"{folder} cannot be loaded: {error}") from error
    around = Surroundings(whole.vae, whole.text_encoder, whole.tokenizer, whole.noise)
    if whole.unet.config.in_channels == EDITOR_CHANNELS:
        return around, whole.unet
    unet = widened(whole.unet)
    return around, torch.nn.Module.to(unet, device).to(memory_format=torch.channels_last)
