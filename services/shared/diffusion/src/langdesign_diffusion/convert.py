"""Convert an original CompVis checkpoint to a diffusers folder.

`python -m langdesign_diffusion.convert CKPT OUT --tokenizer FOLDER`
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from langdesign_diffusion.checkpoint import Checkpoint, load_tokenizer
from langdesign_diffusion.compvis import (
    Hyperparameters,
    averaged,
    build_text_encoder,
    build_unet,
    build_vae,
    key_map,
    section,
)
from langdesign_diffusion.errors import DiffusionError, IncompatibleCheckpoint, UnsafeCheckpoint
from langdesign_diffusion.samplers import NoiseSchedule


class _Inert:
    """Stands for a class that a checkpoint names (a Lightning callback) and that is never used."""


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """Read a state dict from `.safetensors`, or from a pickle without running anything in it.

    Raises:
        UnsafeCheckpoint: if the pickle would call or import something other than tensors.
        IncompatibleCheckpoint: if the file cannot be read.

    """
    if path.suffix == ".safetensors":
        return load_file(path)
    inert: list[Any] = [(_Inert, name) for name in key_map()["inert_globals"]]
    try:
        with torch.serialization.safe_globals(inert):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        wrong = f"{path.name} carries code beside its weights"
        raise UnsafeCheckpoint(f"{wrong}; take a safetensors file, or one of weights alone") from error
    except (OSError, RuntimeError, EOFError) as error:
        raise IncompatibleCheckpoint(f"{path.name} cannot be read; fetch it again") from error
    state = content.get("state_dict", content) if isinstance(content, dict) else {}
    return {key: value for key, value in state.items() if isinstance(value, torch.Tensor)}


def convert(
    weights: Mapping[str, torch.Tensor],
    tokenizer: Path,
    hyperparameters: Hyperparameters | None = None,
    *,
    average: bool = True,
) -> Checkpoint:
    """Make a checkpoint of a CompVis state dict, in float32 on the CPU.

    Args:
        weights: with `model.diffusion_model.`, `first_stage_model.` and `cond_stage_model.` keys.
        tokenizer: folder of the CLIP tokenizer, which the original files do not carry.
        hyperparameters: what shapes do not tell; None: Stable Diffusion 1.x's.
        average: take the UNet's moving average where there is one, as the original does.

    Raises:
        IncompatibleCheckpoint: naming the first key that does not fit.

    """
    chosen = hyperparameters or Hyperparameters()
    unet = section(weights, "unet")
    return Checkpoint(
        unet=build_unet(averaged(unet, weights) if average else unet, chosen),
        vae=build_vae(section(weights, "vae"), chosen),
        text_encoder=build_text_encoder(section(weights, "text_encoder"), chosen),
        tokenizer=load_tokenizer(tokenizer),
        noise=NoiseSchedule(),
    ).placed("cpu", torch.float32)


def main(arguments: Sequence[str] | None = None) -> None:
    """Convert an original CompVis checkpoint to a diffusers folder; code-carrying pickles are refused."""
    usual = Hyperparameters()
    parser = argparse.ArgumentParser(prog="langdesign_diffusion.convert", description=main.__doc__)
    parser.add_argument("checkpoint", type=Path, help="the .ckpt or .safetensors file")
    parser.add_argument("out", type=Path, help="the folder to write")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder of the CLIP tokenizer")
    parser.add_argument("--heads", type=int, default=usual.heads)
    parser.add_argument("--text-heads", type=int, default=usual.text_heads)
    parser.add_argument("--groups", type=int, default=usual.groups)
    parser.add_argument("--no-average", action="store_true", help="take the UNet, not its moving average")
    given = parser.parse_args(arguments)
    chosen = Hyperparameters(given.heads, given.text_heads, given.groups)
    try:
        weights = read_weights(given.checkpoint)
        convert(weights, given.tokenizer, chosen, average=not given.no_average).save(given.out)
    except DiffusionError as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
