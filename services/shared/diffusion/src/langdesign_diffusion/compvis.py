"""The original CompVis layout of Stable Diffusion 1.x and InstructPix2Pix, read as diffusers modules."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from langdesign_diffusion.errors import IncompatibleCheckpoint
from langdesign_diffusion.hyperparameters import Hyperparameters, Prediction

Weights = dict[str, torch.Tensor]
_SAID: Mapping[str, Prediction] = {"": "epsilon", "epsilon": "epsilon", "v": "v_prediction"}


@cache
def key_map() -> dict[str, Any]:
    """Return the map of keys, from `data/compvis_keys.json`."""
    text = resources.files("langdesign_diffusion").joinpath("data/compvis_keys.json").read_text("utf-8")
    keys: dict[str, Any] = json.loads(text)
    return keys


def section(weights: Mapping[str, torch.Tensor], name: str) -> Weights:
    """Return one network's weights, their prefix taken off.

    Raises:
        IncompatibleCheckpoint: if there are none.

    """
    prefixes = key_map()["prefixes"]
    # CLIP's names of older transformers lack a part; the longer prefix comes first, since it has the other.
    for prefix in (prefixes[name], prefixes.get(f"{name}_without_model")):
        if prefix is None:
            continue
        found = {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}
        if found:
            return found
    wrong = f"no key starts with {prefixes[name]}; {_other_layout(weights)}"
    raise IncompatibleCheckpoint(f"{wrong}; convert a Stable Diffusion 1.x layout")


def _other_layout(weights: Mapping[str, torch.Tensor]) -> str:
    for start, layout in key_map()["other_layouts"].items():
        if any(key.startswith(start) for key in weights):
            return f"this is {layout}"
    return "this is not a whole CompVis checkpoint"


def prediction_of(weights: Mapping[str, torch.Tensor], said: str = "") -> Prediction:
    """Return what a checkpoint's UNet predicts, as far as the file tells: noise, unless it says v.

    Args:
        weights: the state dict; an empty `v_pred` in it says v, `ztsnr` a schedule that ends in noise alone.
        said: the file's own `modelspec.prediction_type`, if any.

    Raises:
        IncompatibleCheckpoint: it was trained on another schedule, or says something unknown.

    """
    if "ztsnr" in weights:
        raise IncompatibleCheckpoint(
            "ztsnr is set: its schedule ends in noise alone, which the samplers do not know; "
            "use a model trained without it"
        )
    if said not in _SAID:
        raise IncompatibleCheckpoint(f"modelspec.prediction_type is {said}; use a model of epsilon or v")
    return "v_prediction" if "v_pred" in weights else _SAID[said]


def averaged(unet: Weights, weights: Mapping[str, torch.Tensor]) -> Weights:
    """Return the UNet's exponential moving average where the checkpoint has one, else the UNet.

    The average's keys are the UNet's without their dots.
    """
    prefixes = key_map()["prefixes"]
    start = prefixes["unet_ema"] + prefixes["unet"].removeprefix("model.").replace(".", "")
    return {key: weights.get(start + key.replace(".", ""), value) for key, value in unet.items()}


def build_unet(weights: Weights, hyperparameters: Hyperparameters) -> UNet2DConditionModel:
    """Make the UNet that the weights belong to, its shapes read from theirs."""
    plan = _UNetPlan.read(weights)
    attends = plan.attends
    network = UNet2DConditionModel(
        in_channels=weights["input_blocks.0.0.weight"].shape[1],
        out_channels=weights["out.2.weight"].shape[0],
        block_out_channels=plan.channels,
        layers_per_block=plan.layers,
        down_block_types=["CrossAttnDownBlock2D" if level else "DownBlock2D" for level in attends],
        up_block_types=["CrossAttnUpBlock2D" if level else "UpBlock2D" for level in attends[::-1]],
        cross_attention_dim=_first(weights, r"attn2\.to_k\.weight$").shape[1],
        attention_head_dim=hyperparameters.heads,  # diffusers' name; for SD 1.x it counts heads
        norm_num_groups=hyperparameters.groups,
    )
    fill(network, {plan.rename(key): value for key, value in weights.items()}, "UNet")
    return network


def build_vae(weights: Weights, hyperparameters: Hyperparameters) -> AutoencoderKL:
    """Make the autoencoder that the weights belong to, its shapes read from theirs."""
    levels = _count(weights, r"encoder\.down\.(\d+)\.")
    last = _count(weights, r"encoder\.down\.0\.block\.(\d+)\.")
    channels = [
        weights[f"encoder.down.{level}.block.{last - 1}.conv2.weight"].shape[0] for level in range(levels)
    ]
    network = AutoencoderKL(
        block_out_channels=channels,
        layers_per_block=last,
        down_block_types=["DownEncoderBlock2D"] * levels,
        up_block_types=["UpDecoderBlock2D"] * levels,
        latent_channels=weights["post_quant_conv.weight"].shape[0],
        norm_num_groups=hyperparameters.groups,
        scaling_factor=hyperparameters.scaling_factor,
    )
    kept = {key: value for key, value in weights.items() if not key.startswith("loss.")}
    renamed = {_vae_key(key, levels): value for key, value in kept.items()}
    expected = network.state_dict()
    squeezed = {
        key: value[..., 0, 0] if key in expected and value.ndim == expected[key].ndim + 2 else value
        for key, value in renamed.items()
    }  # the attention's 1x1 convolutions are linear layers here
    fill(network, squeezed, "autoencoder")
    return network


def build_text_encoder(weights: Weights, hyperparameters: Hyperparameters) -> CLIPTextModel:
    """Make the text encoder that the weights belong to, its shapes read from theirs."""
    words = weights["embeddings.token_embedding.weight"]
    config = CLIPTextConfig(
        vocab_size=words.shape[0],
        hidden_size=words.shape[1],
        intermediate_size=weights["encoder.layers.0.mlp.fc1.weight"].shape[0],
        num_hidden_layers=_count(weights, r"encoder\.layers\.(\d+)\."),
        num_attention_heads=hyperparameters.text_heads,
        max_position_embeddings=weights["embeddings.position_embedding.weight"].shape[0],
        bos_token_id=words.shape[0] - 2,
        eos_token_id=words.shape[0] - 1,
        pad_token_id=words.shape[0] - 1,
    )
    network = CLIPTextModel(config)
    fill(network, {k: v for k, v in weights.items() if not k.endswith("position_ids")}, "text encoder")
    return network


def fill(network: torch.nn.Module, weights: Weights, name: str) -> None:
    """Load weights into a network, every one of them and no other.

    Raises:
        IncompatibleCheckpoint: naming the first key that is missing, unexpected or of another shape.

    """
    expected = network.state_dict()
    differing = {"lacks": expected.keys() - weights.keys(), "has unknown": weights.keys() - expected.keys()}
    for verb, keys in differing.items():
        if keys:
            wrong = f"the {name} {verb} weights: {len(keys)}, the first {min(keys)}"
            raise IncompatibleCheckpoint(f"{wrong}; convert a Stable Diffusion 1.x layout")
    for key, value in weights.items():
        if value.shape != expected[key].shape:
            shapes = f"{list(value.shape)}, not {list(expected[key].shape)}"
            raise IncompatibleCheckpoint(f"{key} of the {name} is {shapes}; check the hyperparameters")
    network.load_state_dict({key: value.to(expected[key].dtype) for key, value in weights.items()})


@dataclass(frozen=True, slots=True)
class _UNetPlan:
    """How CompVis numbers the blocks of one UNet."""

    channels: tuple[int, ...]  # per level
    attends: tuple[bool, ...]  # per level
    layers: int  # residual layers per level

    @classmethod
    def read(cls, weights: Weights) -> _UNetPlan:
        """Walk the input blocks: a level is a run of residual layers, ended by a downsampler."""
        channels: list[int] = []
        attends: list[bool] = []
        layers, fresh = 0, True
        for block in range(1, _count(weights, r"input_blocks\.(\d+)\.")):
            if f"input_blocks.{block}.0.op.weight" in weights:
                fresh = True
                continue
            if fresh:
                channels.append(weights[f"input_blocks.{block}.0.out_layers.3.weight"].shape[0])
                attends.append(f"input_blocks.{block}.1.proj_in.weight" in weights)
            fresh = False
            layers += len(channels) == 1
        return cls(tuple(channels), tuple(attends), layers)

    def rename(self, key: str) -> str:
        """Return diffusers' name of a key."""
        for source, target in key_map()["unet"].items():
            if key.startswith(f"{source}."):
                return f"{target}{key.removeprefix(source)}"
        side, *rest = key.split(".", 1)
        if side == "middle_block":
            index, leaf = rest[0].split(".", 1)
            return f"mid_block.{self._part(int(index), leaf, int(index) // 2)}"
        if side not in {"input_blocks", "output_blocks"}:
            return key  # of another layout, which `fill` names
        block, index, leaf = rest[0].split(".", 2)
        if side == "input_blocks":
            return self._down(int(block) - 1, int(index), leaf)
        return self._up(int(block), int(index), leaf)

    def _down(self, block: int, index: int, leaf: str) -> str:
        level, layer = divmod(block, self.layers + 1)
        if layer == self.layers:
            return f"down_blocks.{level}.downsamplers.0.conv.{leaf.removeprefix('op.')}"
        return f"down_blocks.{level}.{self._part(index, leaf, layer)}"

    def _up(self, block: int, index: int, leaf: str) -> str:
        level, layer = divmod(block, self.layers + 1)
        if leaf.startswith("conv."):
            return f"up_blocks.{level}.upsamplers.0.{leaf}"
        return f"up_blocks.{level}.{self._part(index, leaf, layer)}"

    @staticmethod
    def _part(index: int, leaf: str, layer: int) -> str:
        """Name a layer's part: residual blocks stand at even places, transformers at odd ones."""
        if index % 2:
            return f"attentions.{max(layer, 0)}.{leaf}"
        for source, target in key_map()["residual"].items():
            if leaf.startswith(f"{source}."):
                return f"resnets.{layer}.{target}{leaf.removeprefix(source)}"
        return f"resnets.{layer}.{leaf}"


def _vae_key(key: str, levels: int) -> str:
    """Return diffusers' name of a key of the autoencoder; CompVis counts the decoder's levels upwards."""
    for source, target in key_map()["autoencoder"].items():
        key = re.sub(rf"\b{re.escape(source)}\b", target, key)
    if ".attentions." in key:
        head, leaf, kind = key.rsplit(".", 2)
        return f"{head}.{key_map()['autoencoder_attention'][leaf]}.{kind}"
    key = re.sub(r"\bdown\.(\d+)\.block\.", r"down_blocks.\1.resnets.", key)
    key = re.sub(r"\bdown\.(\d+)\.downsample\.", r"down_blocks.\1.downsamplers.0.", key)
    match = re.match(r"decoder\.up\.(\d+)\.(block|upsample)\.(.*)", key)
    if match is None:
        return key
    part = "resnets" if match[2] == "block" else "upsamplers.0"
    return f"decoder.up_blocks.{levels - 1 - int(match[1])}.{part}.{match[3]}"


def _first(weights: Weights, pattern: str) -> torch.Tensor:
    for key, value in weights.items():
        if re.search(pattern, key):
            return value
    raise IncompatibleCheckpoint(f"no key matches {pattern}; convert a Stable Diffusion 1.x layout")


def _count(weights: Weights, pattern: str) -> int:
    found = (re.match(pattern, key) for key in weights)
    return 1 + max((int(match[1]) for match in found if match), default=-1)
