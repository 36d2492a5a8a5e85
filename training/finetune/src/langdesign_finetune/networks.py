"""The networks of a diffusion model: found in a family, made, widened, written."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from langdesign_diffusion.attention import ExplicitAttention, RegionAttention
from langdesign_diffusion.checkpoint import (
    EDITOR_CHANNELS,
    GENERATOR_CHANNELS,
    Checkpoint,
    load_checkpoint,
    load_tokenizer,
)
from langdesign_diffusion.hyperparameters import Prediction
from langdesign_diffusion.precision import multiplies_bfloat16
from langdesign_diffusion.samplers import NoiseSchedule
from torch import nn
from transformers import CLIPModel, CLIPTextModel, CLIPTokenizer

from .denoising_recipes import DenoisingRecipe
from .errors import RecipeError
from .family import Context
from .norms import quicken


@dataclass(frozen=True)
class Surroundings:
    """What a UNet works with: on one device, in fp32, needing no gradient."""

    vae: AutoencoderKL
    text_encoder: CLIPTextModel
    tokenizer: CLIPTokenizer
    noise: NoiseSchedule

    def checkpoint(self, unet: UNet2DConditionModel, dtype: torch.dtype = torch.float32) -> Checkpoint:
        """Return a copy of the model as a checkpoint; training goes on with what it is copied from."""
        networks = (unet, self.vae, self.text_encoder)
        with torch.no_grad():
            unet, vae, text_encoder = (copy.deepcopy(network) for network in networks)
        whole = Checkpoint(unet, vae, text_encoder, self.tokenizer, self.noise)
        return whole.placed(unet.device, dtype)


def of_family(context: Context, prediction: Prediction) -> Surroundings:
    """Load a family's autoencoder and text encoder, for a UNet of its own.

    Args:
        context: see there.
        prediction: what the UNet is to predict.

    Raises:
        RecipeError: one of them has not been trained.

    """
    vae, clip = context.model("vae"), context.model("clip")
    whole = CLIPModel.from_pretrained(clip, local_files_only=True)
    text_encoder = CLIPTextModel(whole.config.text_config)
    text_encoder.load_state_dict(whole.text_model.state_dict())
    networks = AutoencoderKL.from_pretrained(vae, local_files_only=True), text_encoder
    for network in networks:
        nn.Module.to(network, context.device).eval().requires_grad_(False)
    return Surroundings(*networks, load_tokenizer(clip), NoiseSchedule(prediction=prediction))


def of_checkpoint(folder: Path, device: str) -> tuple[Surroundings, UNet2DConditionModel]:
    """Load a local diffusers folder: what surrounds its UNet, and the UNet."""
    whole = load_checkpoint(folder, device=device, dtype=torch.float32)
    return Surroundings(whole.vae, whole.text_encoder, whole.tokenizer, whole.noise), whole.unet


def load_unet(folder: Path, prediction: Prediction) -> UNet2DConditionModel:
    """Load the UNet of a local diffusers folder, in fp32 on the CPU.

    Args:
        folder: see there.
        prediction: what the UNet has to predict.

    Raises:
        RecipeError: it predicts something else.

    """
    whole = load_checkpoint(folder, device="cpu", dtype=torch.float32)
    if whole.noise.prediction != prediction:
        raise RecipeError(
            f"The recipe's objective is {prediction} and {folder} predicts {whole.noise.prediction}; "
            "train the model to start from by the same objective, or change the recipe's"
        )
    return whole.unet


def make_unet(recipe: DenoisingRecipe, context_width: int, in_channels: int) -> UNet2DConditionModel:
    """Make a UNet with random weights from torch's generator."""
    levels = len(recipe.channels)
    return UNet2DConditionModel(
        in_channels=in_channels,
        out_channels=GENERATOR_CHANNELS,
        block_out_channels=recipe.channels,
        layers_per_block=recipe.layers,
        down_block_types=["CrossAttnDownBlock2D"] * levels,
        up_block_types=["CrossAttnUpBlock2D"] * levels,
        cross_attention_dim=context_width,
        attention_head_dim=recipe.heads,  # diffusers' name; for SD 1.x it counts heads
        norm_num_groups=recipe.groups,
    )


def prepare(unet: UNet2DConditionModel, *, bf16: bool) -> None:
    """Let a UNet, in place, take regions, and train faster on a CPU in bfloat16.

    There the backward passes of torch's group norm and fused attention are slower than all convolutions.
    """
    if bf16 and unet.device.type == "cpu" and multiplies_bfloat16(unet.device):
        quicken(unet)
        unet.set_attn_processor(ExplicitAttention())
    else:
        unet.set_attn_processor(RegionAttention())


def check_generator(unet: UNet2DConditionModel) -> None:
    """Look whether a UNet is a generator's.

    Raises:
        RecipeError: it is not.

    """
    if unet.config.in_channels != GENERATOR_CHANNELS:
        raise RecipeError(
            f"The UNet to start from has {unet.config.in_channels} input channels, not {GENERATOR_CHANNELS}; "
            "start from a Stable Diffusion text-to-image model"
        )


def check_editor(unet: UNet2DConditionModel) -> None:
    """Look whether a UNet is an editor's.

    Raises:
        RecipeError: it is not.

    """
    if unet.config.in_channels != EDITOR_CHANNELS:
        raise RecipeError(
            f"The UNet to go on with has {unet.config.in_channels} input channels, not {EDITOR_CHANNELS}; "
            "go on with an InstructPix2Pix model"
        )


@torch.no_grad()
def widened(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """Return an editor that predicts what a generator does: the new input channels weigh nothing yet.

    Raises:
        RecipeError: the UNet is no generator's.

    """
    check_generator(unet)
    editor = UNet2DConditionModel.from_config({**unet.config, "in_channels": EDITOR_CHANNELS})
    state = unet.state_dict()
    kernel = torch.zeros_like(editor.conv_in.weight)
    kernel[:, :GENERATOR_CHANNELS] = state["conv_in.weight"].to(kernel)
    editor.load_state_dict({**state, "conv_in.weight": kernel})
    return editor
