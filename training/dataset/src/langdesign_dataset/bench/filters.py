"""`langdesign bench filters`: the filter stages, against the same models called one sample at a time.

The build's side judges blocks: all candidates in passes of each model, a shared text embedded once, a picture
looked at once for all that is asked of it, a worker of one thread on each core. The other side calls the same
models for each picture, text and expression as it comes, with all of torch's threads.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from langdesign_evaluation import Clip
from langdesign_rela import Predictor
from langdesign_triples import Change, SubjectKind, Triple
from rich.console import Console
from rich.table import Table

from ..models import Models
from ..recipes import Gates
from ..samples import Sample, encode_picture, sample_key
from ..stages import likeness, preservation
from ..wording import absent_thing
from .timing import median_wall, ratio, turns

CREW, BATCHED, SINGLE = "in batches, a worker a core", "in batches, in one process", "one sample at a time"
Scores = Mapping[str, float]
_BAR = 4.0
_LENIENT = Gates(
    clip_image=-1, clip_text=-1, clip_direction=-1, backward=-2, no_target=2, region=(0, 1), inside=0, leak=1
)  # nothing is dropped, so that both sides do all there is to do
_THINGS = ("bed", "blind", "chair", "curtain", "lamp", "table")
_COLOURS = ("red", "blue", "green", "white", "black", "grey", "brown", "yellow")


@dataclass(frozen=True)
class Filters:
    """Both filter stages' models."""

    clip: Clip
    predictor: Predictor

    @classmethod
    def load(cls, models: Models, device: str) -> Filters:
        """Load them."""
        return cls(Clip(models.clip, device), Predictor.from_folder(models.segment, device))

    def batched(self, block: Sequence[Sample]) -> list[Scores]:
        """Judge a block as a build does."""
        self.clip.forget()
        liked = likeness.judge(block, self.clip, _LENIENT)
        kept = preservation.judge(block, self.predictor, _LENIENT, _THINGS, "bench")
        return [{**one.scores, **other.scores} for one, other in zip(liked, kept, strict=True)]

    def single(self, sample: Sample) -> Scores:
        """Judge one sample by a call for each thing that is to be known."""
        triple, (before, after) = sample.triple, sample.pictures()
        self.clip.forget()
        pictures = [self.clip.images([one])[0] for one in (before, after)]
        texts = [self.clip.texts([one])[0] for one in (triple.input, triple.output)]
        first = self.predictor.predict(before, [triple.target_before])
        second = self.predictor.predict(after, [triple.target_after])
        other = self.predictor.predict(before, [absent_thing(triple, sample.key, _THINGS)])
        region = first.masks(_LENIENT.mask)[0] | second.masks(_LENIENT.mask)[0]
        margin = max(1, int(_LENIENT.margin * min(before.shape[:2])))
        return {
            **likeness.likeness(*pictures, *texts),
            **preservation.measure(before, after, region, margin),
            "no_target_before": float(first.no_target[0]),
            "no_target_after": float(second.no_target[0]),
            "absent": float(other.no_target[0]),
        }


class _Crew:
    """A worker of one thread on each core, models loaded."""

    def __init__(self, models: Models, device: str, workers: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(workers, context, _begin, (models, device))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *rest: object) -> None:
        self._pool.shutdown()

    def judge(self, blocks: Sequence[Sequence[Sample]]) -> list[Scores]:
        """Judge blocks side by side."""
        return [one for block in self._pool.map(_judge, blocks) for one in block]


_of_this_worker: list[Filters] = []


def _begin(models: Models, device: str) -> None:
    torch.set_num_threads(1)
    _of_this_worker.append(Filters.load(models, device))


def _judge(block: Sequence[Sample]) -> list[Scores]:
    return _of_this_worker[0].batched(block)


def blocks_of(triples: int, candidates: int, side: int, per_block: int) -> list[list[Sample]]:
    """Return blocks of triples' candidates: pairs of coarse noise, which models read like any picture."""
    made = [
        [_sample(number, candidate, side) for candidate in range(candidates)] for number in range(triples)
    ]
    return [
        [one for group in made[start : start + per_block] for one in group]
        for start in range(0, triples, per_block)
    ]


def _sample(number: int, candidate: int, side: int) -> Sample:
    colour, other = _COLOURS[number % len(_COLOURS)], _COLOURS[(number + 3) % len(_COLOURS)]
    said = "a bedroom with a wooden bed, a white nightstand and a {} armchair near window number {}"
    triple = Triple(
        input=said.format(colour, number),
        edit=f"Make the armchair {other}",
        output=said.format(other, number),
        change=Change.ALTER,
        subject="bedroom",
        subject_kind=SubjectKind.ROOM,
        target_before=f"the {colour} armchair",
        target_after=f"the {other} armchair",
    )
    draw = np.random.default_rng([number, candidate])
    coarse = draw.integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    before, after = (
        np.kron(one, np.ones((side // 8, side // 8, 1), np.uint8)).astype(np.uint8) for one in coarse
    )
    return Sample(
        key=sample_key(triple, "prompt-to-prompt", candidate),
        triple=triple,
        before=encode_picture(before),
        after=encode_picture(after),
        mask=None,
        source="prompt-to-prompt",
        seed=candidate,
    )


def measure(
    models: Models, device: str, blocks: Sequence[Sequence[Sample]], rounds: int, workers: int
) -> dict[str, Any]:
    """Time the sides in turns on the same samples, and compare what they say.

    Args:
        models: CLIP and ReLA.
        device: of the models.
        blocks: samples as a build lays them.
        rounds: turns of each, beside one that warms up.
        workers: of the build's side.

    """
    flat = [one for block in blocks for one in block]
    filters = Filters.load(models, device)
    with _Crew(models, device, workers) as crew:
        contestants: dict[str, Callable[[], list[Scores]]] = {
            CREW: lambda: crew.judge(blocks),
            BATCHED: lambda: [one for block in blocks for one in filters.batched(block)],
            SINGLE: lambda: [filters.single(one) for one in flat],
        }
        timed = turns(contestants, rounds)
        difference = _difference(contestants[CREW](), contestants[SINGLE]())
    return {
        "samples": len(flat),
        "rounds": rounds,
        "workers": workers,
        "samples_per_second": {name: len(flat) / median_wall(timed, name) for name in contestants},
        "ratio": ratio(timed, SINGLE, CREW)[0],
        "batched_ratio": ratio(timed, SINGLE, BATCHED)[0],
        "batched_processor_ratio": ratio(timed, SINGLE, BATCHED)[1],
        "difference": difference,
    }


def _difference(ours: Sequence[Scores], theirs: Sequence[Scores]) -> float:
    """Return by how much the networks' scores differ at most."""
    networks = ("clip", "no_target", "absent")
    return max(
        abs(score - other[name])
        for one, other in zip(ours, theirs, strict=True)
        for name, score in one.items()
        if name.startswith(networks)
    )


def main(argv: list[str]) -> int:
    """Run `langdesign bench filters ARGV`, print the figures, and return 0 if the bar is reached."""
    options = _parser().parse_args(argv)
    models = Models.of(options.models)
    blocks = blocks_of(options.triples, options.candidates, options.side, options.block)
    figures = measure(models, options.device, blocks, options.rounds, options.workers)
    figures |= {"device": options.device, "threads": torch.get_num_threads()}
    if options.json:
        Console(soft_wrap=True).print_json(json.dumps(figures))
    else:
        _print(figures)
    return 0 if figures["ratio"] >= _BAR else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="langdesign bench filters", description=__doc__)
    parser.add_argument("--models", type=Path, default=Path("deploy/models/mini"), help="clip and segment")
    parser.add_argument("--triples", type=int, default=8)
    parser.add_argument("--candidates", type=int, default=8, help="pairs of each triple")
    parser.add_argument("--block", type=int, default=2, help="triples of a block")
    parser.add_argument("--side", type=int, default=128, help="of the pictures, px")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="of the build's side")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _print(figures: dict[str, Any]) -> None:
    title = (
        f"{figures['samples']} pairs through CLIP and ReLA, {figures['device']}, "
        f"{figures['workers']} workers, {figures['threads']} threads alone, "
        f"{figures['rounds']} rounds in turns"
    )
    table = Table("", "samples/s", title=title, title_justify="left")
    for name, rate in figures["samples_per_second"].items():
        table.add_row(name, f"{rate:.1f}")
    console = Console()
    console.print(table)
    console.print(
        f"{figures['ratio']:.2f} times; of that batches alone {figures['batched_ratio']:.2f}, "
        f"{figures['batched_processor_ratio']:.2f} of the processor's time; the bar is {_BAR:g}; "
        f"scores differ by at most {figures['difference']:.1e}"
    )
