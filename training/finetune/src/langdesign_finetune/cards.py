"""Model cards: what a model is, from which data and recipe it came, how far it was trained, where it ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langdesign_scenes.vocabulary import Holdout
from safetensors import safe_open

from .errors import RecipeError
from .glossary import meaning
from .sampling import SAMPLING, Sampling
from .usage import usage

_HELD_OUT = " or ".join((*(f"a {room}" for room in Holdout.rooms), *Holdout.colours, *Holdout.materials))

STARTS: Mapping[str, tuple[str, ...]] = {
    "generate": ("vae", "clip", "generate-before"),
    "edit": ("vae", "clip", "generate", "edit-before"),
    "segment": ("backbone", "segment-before"),
}
"""What a training starts from or works with: trainings beside it."""

ADOPTED = "adopted.json"
"""File in the folder of a training that did not take place here: {"from": "name@sha256:..."}."""


@dataclass(frozen=True)
class About:
    """What a card says of a model beside its figures."""

    title: str
    purpose: str
    limits: str


ABOUT: Mapping[str, About] = {
    "vae": About(
        "Autoencoder of the mini family",
        "AutoencoderKL: 128x128 pixels to 16x16 latents of four channels, mean 0 and deviation 1.",
        "Textures finer than two or three pixels are smoothed; it has seen rendered interiors only.",
    ),
    "clip": About(
        "CLIP of the mini family",
        "Pictures and texts in one space. Its text tower is the text encoder of the family's diffusion "
        "models; both towers measure edits (CLIP_im, CLIP_dir, CLIP_out).",
        "It knows the words and rooms of the rendered set. Its scores compare edits of one benchmark; they "
        "are not comparable with those of a CLIP trained on photographs.",
    ),
    "dino": About(
        "DINO of the mini family",
        "Class features, learned without labels, whose cosine says how alike two pictures are.",
        "It has seen rendered interiors only; scores are not comparable with those of DINOv2.",
    ),
    "generate": About(
        "Stable Diffusion of the mini family",
        "Text to image at 128x128, for pairs by Prompt-to-Prompt.",
        "It has seen all of the rendered set, what the general split leaves out too: pairs are to be made of "
        "that. Counts and positions of things are often missed.",
    ),
    "edit": About(
        "InstructPix2Pix of the mini family",
        "Edits a picture of 128x128 pixels by an instruction.",
        f"It was taught edits of the general split alone: none with {_HELD_OUT}. The text encoder and the "
        "generator that it starts from have seen those. It has seen no photograph.",
    ),
    "backbone": About(
        "Backbone of the mini family's ReLA",
        "Class, colour, material and pattern of every pixel; what ReLA's training starts from.",
        "It is no model by itself, and not part of the family that is laid out.",
    ),
    "segment": About(
        "ReLA of the mini family",
        "Masks of what an expression means, or that there is no such thing.",
        "It knows the classes and expressions of the rendered set; it has seen no photograph. What it read "
        "of absent things alone, such as a piano, it takes for absent wherever it looks.",
    ),
}


def model_card(name: str, training: Path) -> str:
    """Return the card of a model in Markdown; an adopted one keeps the card that it came with.

    Args:
        name: of the model.
        training: its folder in a family.

    Raises:
        RecipeError: the folder holds no training.

    """
    if (training / ADOPTED).is_file():
        return (training / "model" / "README.md").read_text("utf-8")
    described, report = _read(training / "recipe.json"), _read(training / "report.json")
    about = ABOUT.get(name, About(name, "", ""))
    sections = [
        f"# {about.title}",
        about.purpose,
        _table("Data", described["data"]),
        _table("Training", _training(described, report, training / "model")),
        _table("Works with", _beside(name, training.parent)),
        _usage(training / "model"),
        _validation(described["data"], report["metrics"]),
        f"## Limits\n\n{about.limits}",
        "## Recipe\n\n```json\n" + json.dumps(described["recipe"], indent=2) + "\n```",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def parameters(folder: Path) -> int:
    """Count the weights of all safetensors files below a folder."""
    count = 0
    for path in sorted(folder.rglob("*.safetensors")):
        with safe_open(path, "pt") as file:
            for key in file.keys():  # noqa: SIM118 - it is no mapping
                shape = file.get_slice(key).get_shape()
                size = 1
                for side in shape:
                    size *= side
                count += size
    return count


def _usage(model: Path) -> str:
    """Return how a diffusers folder is used; nothing of another."""
    if not (model / "model_index.json").is_file():
        return ""
    kind = str(_read(model / "model_index.json")["_class_name"])
    return usage(kind, Sampling.read(model) if (model / SAMPLING).is_file() else None)


def _training(described: Mapping[str, Any], report: Mapping[str, Any], model: Path) -> dict[str, Any]:
    return {
        "recipe": f"`{described['digest']}`",
        "steps": f"{report['step']:,} of {report['steps']:,} ({report['stopped']})",
        "samples seen": f"{report['samples']:,}",
        "time": f"{report['seconds'] / 60:.0f} minutes",
        "precision": report["precision"],
        "steps skipped": report["skipped"],
        "weights": f"{parameters(model):,}",
    }


def _beside(name: str, family: Path) -> dict[str, str]:
    """Return what the trainings are that a model stands on, by their names."""
    told = {}
    for other in STARTS.get(name, ()):
        if (family / other / ADOPTED).is_file():
            told[other] = f"`{_read(family / other / ADOPTED)['from']}`, as it was adopted"
        elif (family / other / "report.json").is_file():
            described, report = _read(family / other / "recipe.json"), _read(family / other / "report.json")
            told[other] = (
                f"`{described['digest']}`, {report['step']:,} of {report['steps']:,} steps, "
                f"{described['data']['families']} families, {report['seconds'] / 60:.0f} minutes"
            )
    return told


def _validation(data: Mapping[str, Any], metrics: Mapping[str, float]) -> str:
    """Return the figures with what they mean; how few families they are of is said before."""
    if not metrics:
        return ""
    lines = [f"| {name} | {value:.4g} | {meaning(name)} |" for name, value in metrics.items()]
    few = f"On {data['validation families']} families that were not trained on; the bench judges on more."
    return "\n".join(["## Validation\n", few, "", "| | | |", "|---|---|---|", *lines])


def _table(title: str, rows: Mapping[str, Any]) -> str:
    if not rows:
        return ""
    lines = [f"| {key} | {value} |" for key, value in rows.items() if value != ""]
    return "\n".join([f"## {title}\n", "| | |", "|---|---|", *lines])


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise RecipeError(
            f"{path} is missing or damaged; `python -m langdesign_finetune train` writes it"
        ) from error
