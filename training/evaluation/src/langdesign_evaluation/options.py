"""What `langdesign bench edits` may be asked."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from langdesign_diffusion.parameters import MAX_STEPS
from langdesign_edits.focus import MOST_ENLARGEMENT

from .advice import SAMPLING, Working, read_advice, read_working
from .arguments import addresses, among, count, device, named, number, public, whole
from .benchmarks import READERS
from .cases import Choice
from .editors import Level, Sampling
from .focusing import View
from .names import LEVELS, SOURCES, VIEWS, first_clash, own_names

DATA = Path("out/scenes/bench")
MODELS = Path("deploy/models/mini")
OUT = Path("out/bench/edits")

REGIONS = (*SOURCES, "pipeline")
SCALES = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2)
"""Image guidance scales of the curve (InstructPix2Pix, figure 8)."""

ADVISED = {"steps": "steps", "text_guidance": "guidance_scale", "image_guidance": "image_guidance_scale"}
"""What a checkpoint may advise on sampling, and what its file calls it."""


@dataclass(frozen=True)
class Options:
    """The arguments, read."""

    data: Path
    public: tuple[str, Path] | None  # name and place of a benchmark that takes the set's place
    out: Path
    models: Path
    clip: Path
    dino: Path
    segment: Path
    checkpoints: dict[str, Path]  # editing models by the name that tables give them
    levels: tuple[Level, ...]
    views: tuple[View, ...]  # what editors see of pictures
    working: Working
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
    intervals: bool
    json: bool


def read_options(argv: list[str]) -> Options:
    """Read the arguments; exits with a usage message where they are wrong."""
    parser = _parser()
    given = parser.parse_args(argv)
    _check_names(parser, given)
    models = given.models
    working = _working(given, models / "edit" / SAMPLING)
    return Options(
        data=given.data,
        public=given.set,
        out=given.out,
        models=models,
        clip=given.clip or models / "clip",
        dino=given.dino or models / "dino",
        segment=given.segment or models / "segment",
        checkpoints=dict(given.edit) if given.edit else {"": models / "edit"},
        levels=tuple(level for level in LEVELS if level in given.editors),
        views=given.views or _served(working),
        working=working,
        regions=given.regions,
        pictures=dict(given.pictures),
        addresses=given.addresses,
        choice=Choice(given.seed, given.per_operation, given.no_ops, limit=given.limit),
        sampling=_sampling(given, models / "edit" / SAMPLING),
        batch=given.batch,
        curve=given.curve,
        curve_cases=given.curve_cases,
        export=given.export,
        device=given.device,
        intervals=given.intervals,
        json=given.json,
    )


def _check_names(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Exit with a usage message where two editors would share a name or a folder of pictures."""
    edits, pictures = ([name for name, _ in pairs] for pairs in (given.edit, given.pictures))
    for argument, clash in (
        ("--edit", first_clash(edits)),
        ("--pictures", first_clash(pictures, own_names(["", *edits]))),
    ):
        if clash is not None:
            name, holder = clash
            by = "" if name == holder else f" by {holder!r}, whose folder of pictures it would share"
            parser.error(f"argument {argument}: the name {name!r} is taken{by}; give one that no editor has")


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
    add(
        "--set",
        type=public(READERS),
        metavar="NAME:PATH",
        help=f"a public benchmark in the set's place, as it is published; NAME of {', '.join(READERS)}",
    )
    add("--models", type=Path, default=MODELS, help="folder with edit, segment, clip and dino")
    add("--clip", type=Path, help="CLIP folder that judges (default: MODELS/clip)")
    add("--dino", type=Path, help="DINOv2 folder that judges (default: MODELS/dino)")
    add("--segment", type=Path, help="ReLA folder that finds regions (default: MODELS/segment)")
    add("--out", type=Path, default=OUT, help="folder of the report and of all pictures")
    add("--seed", type=int, default=0, help="of the choice of cases and of the edits' noise")
    add("--per-operation", type=count, default=30, help="cases of each operation in each split")
    add("--no-ops", type=count, default=100, help="cases that must change nothing")
    add("--limit", type=count, help="judge only this many cases, still balanced")
    add("--export", type=Path, metavar="DIR", help="write the cases for other editors into DIR, and end")
    add("--intervals", action="store_true", help="show 95%% bootstrap intervals; the JSON always has them")
    add("--json", action="store_true", help="print the report as JSON")


def _add_editors(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("editors").add_argument
    levels = ("identity", *LEVELS)
    add("--editors", type=among(levels), default=levels, metavar="A,B", help="of " + ", ".join(levels))
    add(
        "--views",
        type=among(VIEWS),
        metavar="A,B",
        help="what editors see of pictures: all as they are (native), what services show, a crop around the "
        "region at the network's size (crop), or all at that size (whole) (default: crop where crops are "
        "enlarged, else native)",
    )
    add(
        "--enlargement",
        type=number(1, MOST_ENLARGEMENT),
        help=f"how many times the crop of a region may be enlarged, 1..{MOST_ENLARGEMENT:g} (default: "
        f"MODELS/edit/{SAMPLING}'s, else 1: never)",
    )
    add(
        "--regions",
        type=among(REGIONS),
        default=("truth",),
        metavar="A,B",
        help="where edits act: the exact region (truth), what ReLA finds for the true expression (rela), or "
        "whatever running services find (pipeline)",
    )
    add(
        "--edit",
        type=named,
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="an editing checkpoint under a name of its own; may be repeated (default: MODELS/edit)",
    )
    add(
        "--pictures",
        type=named,
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="pictures that another editor made of the cases of --export, with a copy of its digest.txt "
        "beside them; may be repeated",
    )
    add(
        "--addresses",
        type=addresses,
        default={},
        metavar="STEM=HOST:PORT,...",
        help="services for --regions pipeline; those left out are local",
    )


def _add_sampling(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("sampling").add_argument
    advised = f"default: MODELS/edit/{SAMPLING}'s, else InstructPix2Pix's"
    # The ranges are those of `langdesign_diffusion.EditParameters`, told before anything is loaded.
    add("--steps", type=whole(1, MAX_STEPS), help=f"denoising steps, 1..{MAX_STEPS} ({advised})")
    add("--text-guidance", type=number(1, 30), help=f"s_T, 1..30 ({advised})")
    add("--image-guidance", type=number(1, 10), help=f"s_I, 1..10 ({advised})")
    add(
        "--feather",
        type=whole(0, 128),
        default=Sampling.feather,
        help="px, 0..128; as wide is the margin around regions",
    )
    add(
        "--detail",
        type=number(0, 255),
        default=Sampling.detail,
        help="change, in 8-bit levels, 0..255, up to which detail comes back; 0: none",
    )
    add("--batch", type=count, default=8, help="edits in one call of the denoiser")
    add("--curve", action="store_true", help="also sweep s_I from 1.0 to 2.2: CLIP_dir against CLIP_im")
    add("--curve-cases", type=count, default=48, help="real edits at each point of the curve")
    add("--device", type=device, default="auto", help="cpu, cuda, cuda:N, or auto: cuda where there is any")


def _working(given: argparse.Namespace, advice: Path) -> Working:
    """Return what the checkpoint advises, enlarged as was asked for."""
    advised = read_working(advice)
    return advised if given.enlargement is None else advised._replace(enlargement=given.enlargement)


def _served(working: Working) -> tuple[View, ...]:
    """Return the view of which the figures are those of the services on a set of the network's size."""
    return ("crop",) if working.enlargement > 1 else ("native",)


def _sampling(given: argparse.Namespace, advice: Path) -> Sampling:
    """Return what was asked for; for the rest what the checkpoint advises, if it does."""
    advised = read_advice(advice)
    kept: dict[str, Any] = {name: advised[key] for name, key in ADVISED.items() if key in advised}
    asked = {name: getattr(given, name) for name in ADVISED if getattr(given, name) is not None}
    return Sampling(feather=given.feather, detail=given.detail, seed=given.seed, **kept | asked)
