"""What `langdesign bench edits` may be asked."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import torch

from .advice import SAMPLING, read_advice
from .cases import Choice
from .editors import Level, Sampling

DATA = Path("out/scenes/bench")
MODELS = Path("deploy/models/mini")
OUT = Path("out/bench/edits")

LEVELS: tuple[Level, ...] = get_args(Level)
REGIONS = ("truth", "rela", "pipeline")
SCALES = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2)
"""Image guidance scales of the curve (InstructPix2Pix, figure 8)."""


@dataclass(frozen=True)
class Options:
    """The arguments, read."""

    data: Path
    out: Path
    models: Path
    clip: Path
    dino: Path
    segment: Path
    checkpoints: dict[str, Path]  # editing models by the name that tables give them
    levels: tuple[Level, ...]
    regions: tuple[str, ...]
    pictures: dict[str, Path]  # folders of others' answers
    addresses: dict[str, str]  # of the services that differ from the local ones
    choice: Choice
    sampling: Sampling
    batch: int
    curve: bool
    curve_cases: int
    export: Path | None
    device: torch.device
    json: bool


def read_options(argv: list[str]) -> Options:
    """Read the arguments; exits with a usage message where they are wrong."""
    parser = _parser()
    given = parser.parse_args(argv)
    models = given.models
    device = ("cuda" if torch.cuda.is_available() else "cpu") if given.device == "auto" else given.device
    return Options(
        data=given.data,
        out=given.out,
        models=models,
        clip=given.clip or models / "clip",
        dino=given.dino or models / "dino",
        segment=given.segment or models / "segment",
        checkpoints=dict(given.edit) if given.edit else {"": models / "edit"},
        levels=tuple(level for level in LEVELS if level in given.editors),
        regions=given.regions,
        pictures=dict(given.pictures),
        addresses=given.addresses,
        choice=Choice(given.seed, given.per_operation, given.no_ops, limit=given.limit),
        sampling=_sampling(given, models / "edit" / SAMPLING),
        batch=given.batch,
        curve=given.curve,
        curve_cases=given.curve_cases,
        export=given.export,
        device=torch.device(device),
        json=given.json,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="langdesign bench edits",
        description="LangDesign-Bench: edits of rendered rooms, judged against the exact truth. The identity "
        "baseline and the truth itself are always among the editors.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    _add_inputs(parser)
    _add_editors(parser)
    _add_sampling(parser)
    return parser


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("what is judged, and with what").add_argument
    add("--data", type=Path, default=DATA, help="the rendered set")
    add("--models", type=Path, default=MODELS, help="folder with edit, segment, clip and dino")
    add("--clip", type=Path, help="CLIP folder that judges (default: MODELS/clip)")
    add("--dino", type=Path, help="DINOv2 folder that judges (default: MODELS/dino)")
    add("--segment", type=Path, help="ReLA folder that finds regions (default: MODELS/segment)")
    add("--out", type=Path, default=OUT, help="folder of the report and of all pictures")
    add("--seed", type=int, default=0, help="of the choice of cases and of the edits' noise")
    add("--per-operation", type=_count, default=30, help="cases of each operation in each split")
    add("--no-ops", type=_count, default=100, help="cases that must change nothing")
    add("--limit", type=_count, help="judge only this many cases, still balanced")
    add("--export", type=Path, metavar="DIR", help="write the cases for other editors into DIR, and end")
    add("--json", action="store_true", help="print the report as JSON")


def _add_editors(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("editors").add_argument
    levels = ("identity", *LEVELS)
    add("--editors", type=_among(levels), default=levels, metavar="A,B", help="of " + ", ".join(levels))
    add(
        "--regions",
        type=_among(REGIONS),
        default=("truth",),
        metavar="A,B",
        help="where edits act: the exact region (truth), what ReLA finds for the true expression (rela), or "
        "whatever running services find (pipeline)",
    )
    add(
        "--edit",
        type=_named,
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="an editing checkpoint under a name of its own; may be repeated (default: MODELS/edit)",
    )
    add(
        "--pictures",
        type=_named,
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="pictures that another editor made of the cases of --export; may be repeated",
    )
    add(
        "--addresses",
        type=_addresses,
        default={},
        metavar="STEM=HOST:PORT,...",
        help="services for --regions pipeline; those left out are local",
    )


def _add_sampling(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("sampling").add_argument
    advised = f"default: MODELS/edit/{SAMPLING}'s, else InstructPix2Pix's"
    add("--steps", type=_count, help=f"denoising steps ({advised})")
    add("--text-guidance", type=float, help=f"s_T ({advised})")
    add("--image-guidance", type=float, help=f"s_I ({advised})")
    add("--feather", type=int, default=Sampling.feather, help="px; as wide is the margin around regions")
    add("--detail", type=float, default=Sampling.detail, help="change up to which detail comes back; 0: none")
    add("--batch", type=_count, default=8, help="edits in one call of the denoiser")
    add("--curve", action="store_true", help="also sweep s_I from 1.0 to 2.2: CLIP_dir against CLIP_im")
    add("--curve-cases", type=_count, default=48, help="real edits at each point of the curve")
    add("--device", default="auto", help="cpu, cuda, or auto")


def _sampling(given: argparse.Namespace, advice: Path) -> Sampling:
    """Return what was asked for; for the rest what the checkpoint advises, if it does."""
    advised = read_advice(advice)
    asked = {
        "steps": given.steps or advised.get("steps"),
        "text_guidance": given.text_guidance or advised.get("guidance_scale"),
        "image_guidance": given.image_guidance or advised.get("image_guidance_scale"),
    }
    named: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    return Sampling(feather=given.feather, detail=given.detail, seed=given.seed, **named)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; give a whole number from 1")
    return int(text)


def _among(choices: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        asked = [part.strip() for part in text.split(",")]
        unknown = [part for part in asked if part not in choices]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is unknown; choose of {', '.join(choices)}")
        return tuple(choice for choice in choices if choice in asked)

    return read


def _named(text: str) -> tuple[str, Path]:
    name, separator, folder = text.partition("=")
    if not (name and separator and folder):
        raise argparse.ArgumentTypeError(f"{text!r} names no folder; write NAME=DIR")
    return name, Path(folder)


def _addresses(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(stem and separator and address for stem, separator, address in pairs):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form editing=127.0.0.1:7004,...")
    return {stem.strip(): address.strip() for stem, _, address in pairs}
