"""Checkpoints in the diffusers folder format, InstructPix2Pix or Stable Diffusion 1.x; safetensors only."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from langdesign_edits.weight_files import in_its_place
from transformers import CLIPTextModel, CLIPTokenizer

from langdesign_diffusion.errors import IncompatibleCheckpoint, UnsafeCheckpoint
from langdesign_diffusion.fingerprint import fingerprint
from langdesign_diffusion.hyperparameters import Prediction
from langdesign_diffusion.samplers import NoiseSchedule

WEIGHTS = {"unet": "diffusion_pytorch_model", "vae": "diffusion_pytorch_model", "text_encoder": "model"}

_VOCABULARIES = ("tokenizer.json", "vocab.json")

EDITOR_CHANNELS = 8  # noisy latent and image latent (InstructPix2Pix)
GENERATOR_CHANNELS = 4  # noisy latent alone (Stable Diffusion)
INPAINTER_CHANNELS = 9  # noisy latent, mask and latent of the masked image (Stable Diffusion inpainting)
PIPELINES = {
    GENERATOR_CHANNELS: "StableDiffusionPipeline",
    EDITOR_CHANNELS: "StableDiffusionInstructPix2PixPipeline",
    INPAINTER_CHANNELS: "StableDiffusionInpaintPipeline",
}
"""diffusers' pipeline of each number of channels that a UNet takes."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The networks of one latent diffusion model, in evaluation mode, on one device."""

    unet: UNet2DConditionModel
    vae: AutoencoderKL
    text_encoder: CLIPTextModel
    tokenizer: CLIPTokenizer
    noise: NoiseSchedule
    identity: str = ""  # `name@sha256:...` of the folder it came from; empty where it came from none

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return torch.device(self.unet.device)

    @property
    def dtype(self) -> torch.dtype:
        """What the networks compute in."""
        return _dtype_of(self.unet)

    @property
    def downscale(self) -> int:
        """How many pixels one latent position spans on a side."""
        return int(2 ** (len(self.vae.config.block_out_channels) - 1))

    @property
    def size_multiple(self) -> int:
        """What the padded sides of an image are a multiple of, so that every UNet level halves evenly."""
        return self.downscale * int(2 ** (len(self.unet.config.block_out_channels) - 1))

    def placed(self, device: torch.device | str, dtype: torch.dtype | None = None) -> Checkpoint:
        """Move the networks (in place) to a device; on CUDA in bfloat16 and channels-last unless told.

        Channels-last also on the CPU, where it saves the convolutions' reordering.
        """
        target = torch.device(device)
        dtype = dtype or (torch.bfloat16 if target.type == "cuda" else torch.float32)
        for module in (self.unet, self.vae, self.text_encoder):
            # torch's own `to`: the libraries' overrides warn about the type.
            torch.nn.Module.to(module, target, dtype).eval().requires_grad_(False)
        for module in (self.unet, self.vae):
            module.to(memory_format=torch.channels_last)
        return self

    def save(self, folder: str | Path) -> None:
        """Write the diffusers folder that `load_checkpoint` reads."""
        folder = Path(folder)
        self.unet.save_pretrained(folder / "unet", safe_serialization=True)
        self.vae.save_pretrained(folder / "vae", safe_serialization=True)
        self.text_encoder.save_pretrained(folder / "text_encoder")
        self.tokenizer.save_pretrained(folder / "tokenizer")
        (folder / "scheduler").mkdir(exist_ok=True)
        write_json(folder / "scheduler" / "scheduler_config.json", scheduler_config(self.noise))
        write_json(folder / "model_index.json", model_index(int(self.unet.config.in_channels)))


def attention_levels(unet: UNet2DConditionModel) -> list[int]:
    """Return the levels of a UNet with cross-attention, the finest (0) first."""
    kinds = unet.config.down_block_types
    levels = [level for level, kind in enumerate(kinds) if "CrossAttn" in kind]
    deepest = len(kinds) - 1
    return levels if deepest in levels else [*levels, deepest]


def load_checkpoint(
    folder: str | Path,
    *,
    device: torch.device | str = "cpu",
    dtype: torch.dtype | None = None,
    name: str = "",
) -> Checkpoint:
    """Load a diffusers folder with unet, vae, text_encoder, tokenizer and scheduler.

    Args:
        folder: a local folder; nothing is downloaded.
        device: where the networks go.
        dtype: what they compute in; None means bfloat16 on CUDA, float32 elsewhere.
        name: of the identity, such as a registered version's; empty means the folder's.

    Raises:
        UnsafeCheckpoint: if a part has no safetensors file but a pickle.
        IncompatibleCheckpoint: if a part is missing or does not fit its configuration.

    """
    folder = Path(folder)
    parts = {part: _variant(folder / part, stem) for part, stem in WEIGHTS.items()}
    checkpoint = Checkpoint(
        unet=_load(UNet2DConditionModel, folder / "unet", parts["unet"]),
        vae=_load(AutoencoderKL, folder / "vae", parts["vae"]),
        text_encoder=_load(CLIPTextModel, folder / "text_encoder", parts["text_encoder"]),
        tokenizer=load_tokenizer(folder / "tokenizer"),
        noise=read_noise_schedule(folder / "scheduler" / "scheduler_config.json"),
        identity=fingerprint(folder, name),
    )
    require_fit(checkpoint)
    return checkpoint.placed(device, dtype)


def require_fit(checkpoint: Checkpoint) -> None:
    """Hold the parts of a checkpoint against each other.

    Raises:
        IncompatibleCheckpoint: naming two numbers that differ, or a weight that is not finite.

    """
    unet, vae, text = checkpoint.unet.config, checkpoint.vae.config, checkpoint.text_encoder.config
    known = checkpoint.text_encoder.get_input_embeddings().num_embeddings
    agreements = (
        ("unet.cross_attention_dim", unet.cross_attention_dim, "text_encoder.hidden_size", text.hidden_size),
        ("unet.out_channels", unet.out_channels, "vae.latent_channels", vae.latent_channels),
    )
    for one, here, other, there in agreements:
        if here != there:
            raise IncompatibleCheckpoint(f"{one} is {here} and {other} is {there}; take both from one model")
    if len(checkpoint.tokenizer) > known:
        raise IncompatibleCheckpoint(
            f"tokenizer has {len(checkpoint.tokenizer)} tokens and text_encoder.vocab_size is {known}; "
            "take both from one model"
        )
    for part in WEIGHTS:
        for name, weight in getattr(checkpoint, part).state_dict().items():
            if weight.is_floating_point() and not torch.isfinite(weight).all():
                raise IncompatibleCheckpoint(f"{name} of {part} is not finite; fetch {part} again")


def load_tokenizer(folder: Path) -> CLIPTokenizer:
    """Load a CLIP tokenizer from a local folder.

    Raises:
        IncompatibleCheckpoint: if the folder is missing, or holds no tokenizer that can be read.

    """
    if not folder.is_dir():
        raise IncompatibleCheckpoint(f"there is no folder {folder.name} in {folder.parent.name}; add it")
    named = [folder / name for name in _VOCABULARIES if (folder / name).is_file()]
    if not named:  # of nothing, transformers makes a tokenizer without words
        raise IncompatibleCheckpoint(f"{folder.name} has none of {', '.join(_VOCABULARIES)}; add one of them")
    for path in named:
        if (wrong := in_its_place(path)) is not None:
            raise IncompatibleCheckpoint(f"{folder.name}/{path.name} {wrong}")
    try:
        return CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # its parsers raise anything, bare exceptions too
        told = f"{folder.name} cannot be read ({type(error).__name__}); fetch it again"
        raise IncompatibleCheckpoint(told) from error


def read_noise_schedule(path: Path) -> NoiseSchedule:
    """Read the diffusion process from a diffusers scheduler configuration.

    Raises:
        IncompatibleCheckpoint: if it is missing or of a kind that the samplers do not know.

    """
    config = read_json(path)
    prediction = config.get("prediction_type", "epsilon")
    if prediction not in get_args(Prediction):
        known = " or ".join(get_args(Prediction))
        raise IncompatibleCheckpoint(f"prediction_type is {prediction}; use a model of {known}")
    # Its last sigma is infinite, which x = x0 + sigma * noise cannot hold (Lin et al., arXiv:2305.08891).
    if config.get("rescale_betas_zero_snr", False):
        raise IncompatibleCheckpoint("rescale_betas_zero_snr is true; use a model trained without it")
    schedule = config.get("beta_schedule", "scaled_linear")
    if schedule not in {"scaled_linear", "linear"}:
        raise IncompatibleCheckpoint(f"beta_schedule is {schedule}; use scaled_linear or linear")
    if config.get("trained_betas") is not None:
        raise IncompatibleCheckpoint("trained_betas are given; use a model of beta_start and beta_end")
    for name in ("beta_start", "beta_end"):
        if not isinstance(config.get(name), int | float):
            raise IncompatibleCheckpoint(f"scheduler/{path.name} has no {name}; fetch it again")
    return NoiseSchedule(
        train_timesteps=int(config.get("num_train_timesteps", 1000)),
        beta_start=float(config["beta_start"]),
        beta_end=float(config["beta_end"]),
        beta_schedule=schedule,
        steps_offset=int(config.get("steps_offset", 0)),
        prediction=prediction,
    )


def scheduler_config(noise: NoiseSchedule) -> dict[str, Any]:
    """Return the diffusers scheduler configuration of a diffusion process."""
    return {
        "_class_name": "EulerAncestralDiscreteScheduler",
        "num_train_timesteps": noise.train_timesteps,
        "beta_start": noise.beta_start,
        "beta_end": noise.beta_end,
        "beta_schedule": noise.beta_schedule,
        "steps_offset": noise.steps_offset,
        "set_alpha_to_one": False,
        "clip_sample": False,
        "prediction_type": noise.prediction,
    }


def model_index(in_channels: int) -> dict[str, Any]:
    """Return diffusers' index of a folder, so that its own pipelines load it too."""
    return {
        "_class_name": PIPELINES[in_channels],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "scheduler": ["diffusers", "EulerAncestralDiscreteScheduler"],
        "safety_checker": [None, None],
        "feature_extractor": [None, None],
        "requires_safety_checker": False,
    }


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object, or raise `IncompatibleCheckpoint` naming the file and what it is instead."""
    name = f"{path.parent.name}/{path.name}"
    if not path.exists():
        raise IncompatibleCheckpoint(f"there is no {name}; add it")
    try:
        if told := in_its_place(path):
            raise IncompatibleCheckpoint(f"{name} {told}")
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise IncompatibleCheckpoint(f"{name} cannot be read; fetch it again") from error
    if not isinstance(value, dict):
        raise IncompatibleCheckpoint(f"{name} is not a JSON object; fetch it again")
    return value


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a JSON object, indented."""
    path.write_text(json.dumps(value, indent=2) + "\n", "utf-8")


def _variant(folder: Path, stem: str) -> str | None:
    """Return the variant ("fp16") of the folder's safetensors files, None for the plain ones.

    Looked up rather than assumed: one file or several, with an index whose name diffusers forms in two ways.
    """
    form = rf"{re.escape(stem)}(?:\.([\w-]+?))??(?:-\d+-of-\d+)?\.safetensors"
    found = [match for name in _all_names(folder) if (match := re.fullmatch(form, name))]
    variants = sorted(
        {match[1] for match in found}, key=lambda name: (name is not None, name != "fp16", name)
    )
    for path in (folder / match[0] for match in found if match[1] == variants[0]):
        if (wrong := in_its_place(path)) is not None:
            raise IncompatibleCheckpoint(f"{folder.name}/{path.name} {wrong}")
    if variants:
        return variants[0]
    if any(Path(name).suffix in {".bin", ".pt", ".pth", ".ckpt"} for name in _all_names(folder)):
        raise UnsafeCheckpoint(f"{folder.name} is a pickle, which can run code; save it as safetensors")
    raise IncompatibleCheckpoint(f"{folder.name} has no {stem}.safetensors; add it")


def _all_names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _load(kind: Any, folder: Path, variant: str | None) -> Any:
    read_json(folder / "config.json")  # what is none, diffusers would look for in the net
    try:
        model, report = kind.from_pretrained(
            folder, use_safetensors=True, local_files_only=True, variant=variant, output_loading_info=True
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise IncompatibleCheckpoint(
            f"{folder.name} does not fit its config.json ({error}); fetch both from one source"
        ) from error
    missing = [key for key in report["missing_keys"] if not key.endswith("position_ids")]
    if missing:
        raise IncompatibleCheckpoint(
            f"{folder.name} lacks {len(missing)} weights, the first {missing[0]}; fetch it again"
        )
    return model


def _dtype_of(module: torch.nn.Module) -> torch.dtype:
    return next(module.parameters()).dtype
