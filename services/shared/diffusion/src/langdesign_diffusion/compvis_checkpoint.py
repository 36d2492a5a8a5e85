"""Original CompVis checkpoints: read without running anything in them, and made into one of ours."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from langdesign_edits.weight_files import in_its_place, may_hold_code
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from langdesign_diffusion.checkpoint import Checkpoint, load_tokenizer, require_fit
from langdesign_diffusion.compvis import (
    averaged,
    build_text_encoder,
    build_unet,
    build_vae,
    key_map,
    prediction_of,
    section,
)
from langdesign_diffusion.errors import IncompatibleCheckpoint, UnsafeCheckpoint
from langdesign_diffusion.hyperparameters import Hyperparameters, Prediction
from langdesign_diffusion.samplers import NoiseSchedule


class _Inert:
    """Stands for a class that a checkpoint names (a Lightning callback) and that is never used."""

    def __init__(self, *_: object) -> None: ...

    def __setstate__(self, _: object) -> None: ...


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """Read a state dict from `.safetensors`, or from a pickle without running anything in it.

    Raises:
        UnsafeCheckpoint: if the pickle would call or import something other than tensors.
        IncompatibleCheckpoint: if the file cannot be read, or holds no weights.

    """
    _require_weights(path)
    try:
        content = load_file(path) if path.suffix == ".safetensors" else _unpickled(path)
    except pickle.UnpicklingError as error:
        if not may_hold_code(path):
            raise IncompatibleCheckpoint(f"{path.name} is no checkpoint; fetch it again") from error
        wrong = f"{path.name} carries code beside its weights"
        raise UnsafeCheckpoint(f"{wrong}; take a safetensors file, or one of weights alone") from error
    except (SafetensorError, OSError, RuntimeError, EOFError, ValueError) as error:
        raise IncompatibleCheckpoint(f"{path.name} is no whole checkpoint; fetch it again") from error
    state = content.get("state_dict", content) if isinstance(content, dict) else {}
    items = state.items() if isinstance(state, Mapping) else ()
    found = {key: value for key, value in items if isinstance(value, torch.Tensor)}
    if not found:
        raise IncompatibleCheckpoint(f"{path.name} holds no weights; give a CompVis checkpoint")
    return found


def said_prediction(path: Path) -> str:
    """Return what a file says that it predicts (`modelspec.prediction_type`); empty where it says nothing."""
    if path.suffix != ".safetensors":
        return ""
    with safe_open(path, framework="pt") as file:
        return str((file.metadata() or {}).get("modelspec.prediction_type", ""))


def _require_weights(path: Path) -> None:
    try:
        wrong = in_its_place(path)
    except OSError as error:
        raise IncompatibleCheckpoint(f"{path.name} cannot be read; give a file that can") from error
    if wrong is not None:
        raise IncompatibleCheckpoint(f"{path.name} {wrong}")
    if _is_program(path):
        wrong = f"{path.name} is a TorchScript archive, which is a program"
        raise UnsafeCheckpoint(f"{wrong}; take a file of weights alone")


def _is_program(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except zipfile.BadZipFile:  # no archive, or a torn one, of which loading says what is wrong
        return False


def _unpickled(path: Path) -> Any:
    inert: list[Any] = [(_Inert, name) for name in _inert_globals(path)]
    with torch.serialization.safe_globals(inert):
        return torch.load(path, map_location="cpu", weights_only=True)


def _inert_globals(path: Path) -> list[str]:
    """Return the names of what trainers leave in their checkpoints beside the weights."""
    try:
        named = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    except (ValueError, RuntimeError, OSError):
        return []  # no torch file of today; loading says what is wrong
    return [name for name in named if name.startswith(tuple(key_map()["inert_modules"]))]


def convert(
    weights: Mapping[str, torch.Tensor],
    tokenizer: Path,
    hyperparameters: Hyperparameters | None = None,
    *,
    average: bool = True,
    prediction: Prediction | None = None,
) -> Checkpoint:
    """Make a checkpoint of a CompVis state dict, in float32 on the CPU.

    Args:
        weights: with `model.diffusion_model.`, `first_stage_model.` and `cond_stage_model.` keys.
        tokenizer: folder of the CLIP tokenizer, which the original files do not carry.
        hyperparameters: what shapes do not tell; None: Stable Diffusion 1.x's.
        average: take the UNet's moving average where there is one, as the original does.
        prediction: what the UNet predicts; None: noise, unless the weights say otherwise.

    Raises:
        IncompatibleCheckpoint: naming the first key that does not fit.

    """
    chosen = hyperparameters or Hyperparameters()
    noise = NoiseSchedule(prediction=prediction or prediction_of(weights))
    unet, vae, text = (section(weights, name) for name in ("unet", "vae", "text_encoder"))
    try:
        checkpoint = Checkpoint(
            unet=build_unet(averaged(unet, weights) if average else unet, chosen),
            vae=build_vae(vae, chosen),
            text_encoder=build_text_encoder(text, chosen),
            tokenizer=load_tokenizer(tokenizer),
            noise=noise,
        )
    except KeyError as error:
        told = f"no weight is called {error.args[0]}; convert a Stable Diffusion 1.x layout"
        raise IncompatibleCheckpoint(told) from error
    except ValueError as error:  # of the networks' constructors
        raise IncompatibleCheckpoint(f"{error}; check --heads, --text-heads and --groups") from error
    require_fit(checkpoint)
    return checkpoint.placed("cpu", torch.float32)
