"""`langdesign bench pairs`: Prompt-to-Prompt pairs a second, against an implementation with explicit maps."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from langdesign_diffusion.checkpoint import Checkpoint, load_checkpoint
from langdesign_diffusion.random_weights import random_checkpoint
from rich.console import Console
from rich.table import Table

from ..prompt_to_prompt import Pair, PairParameters, generate_pairs
from .explicit import ExplicitSharing
from .timing import median_wall, ratio, turns

BEFORE = "a bedroom with a wooden bed, a white nightstand and a red armchair near the window"
AFTER = "a bedroom with a wooden bed, a white nightstand and a blue armchair near the window"
_BAR = 1.5
OURS, BATCHED, SINGLE = "shared by substitution", "explicit maps", "explicit maps, one pair at a time"


def main(argv: list[str]) -> int:
    """Run `langdesign bench pairs ARGV`, print the table, and return 0 if the bar is reached."""
    options = _parser().parse_args(argv)
    torch.set_num_threads(options.threads or torch.get_num_threads())
    checkpoint = _checkpoint(options)
    figures = measure(checkpoint, options.side, options.steps, options.candidates, options.rounds)
    figures |= {"dtype": options.dtype, "device": options.device, "threads": torch.get_num_threads()}
    if options.json:
        Console(soft_wrap=True).print_json(json.dumps(figures))
    else:
        _print(figures)
    return 0 if figures["contestants"][BATCHED]["ratio"] >= _BAR else 1


def measure(checkpoint: Checkpoint, side: int, steps: int, candidates: int, rounds: int) -> dict[str, Any]:
    """Time the same candidates with each implementation, in turns, and compare their pictures.

    Args:
        checkpoint: text to image.
        side: of the pictures, px.
        steps: of denoising.
        candidates: pairs of one turn; their shares are spread over 0.1..0.9.
        rounds: turns of each, beside one that warms up.

    """
    drawn = [
        PairParameters(seed=number, share=float(share))
        for number, share in enumerate(np.linspace(0.1, 0.9, candidates))
    ]

    def run(explicit: bool, chunk: int) -> Callable[[], list[Pair]]:
        attention = ExplicitSharing() if explicit else None
        return lambda: [
            pair
            for start in range(0, candidates, chunk)
            for pair in generate_pairs(
                checkpoint,
                BEFORE,
                AFTER,
                drawn[start : start + chunk],
                size=(side, side),
                steps=steps,
                attention=attention,
            )
        ]

    contestants = {OURS: run(False, candidates), BATCHED: run(True, candidates), SINGLE: run(True, 1)}
    timed = turns(contestants, rounds)
    return {
        "side": side,
        "steps": steps,
        "candidates": candidates,
        "rounds": rounds,
        "difference": _difference(contestants[OURS](), contestants[BATCHED]()),
        "contestants": {
            name: {
                "pairs_per_second": candidates / median_wall(timed, name),
                "seconds": [round(one.wall, 3) for one in timed[name]],
                "ratio": ratio(timed, name, OURS)[0],
                "processor_ratio": ratio(timed, name, OURS)[1],
            }
            for name in contestants
        },
    }


def _difference(ours: list[Pair], theirs: list[Pair]) -> int:
    """Return by how many 8-bit levels the pictures differ at most."""
    return max(
        int(np.abs(one.astype(np.int16) - other).max())
        for first, second in zip(ours, theirs, strict=True)
        for one, other in ((first.before, second.before), (first.after, second.after))
    )


def _checkpoint(options: argparse.Namespace) -> Checkpoint:
    dtype = getattr(torch, options.dtype)
    if options.model:
        return load_checkpoint(options.model, device=options.device, dtype=dtype)
    return random_checkpoint(options.size, in_channels=4).placed(options.device, dtype)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="langdesign bench pairs", description=__doc__)
    parser.add_argument("--model", type=Path, help="text-to-image checkpoint; default: random weights")
    parser.add_argument("--size", choices=("tiny", "mini", "sd15"), default="mini")
    parser.add_argument(
        "--side", type=int, default=256, help="of the pictures, px; maps grow with its 4th power"
    )
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--candidates", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--threads", type=int, default=0, help="of torch; 0: all")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _print(figures: dict[str, Any]) -> None:
    title = (
        f"{figures['candidates']} pairs of {figures['side']} px, {figures['steps']} steps, "
        f"{figures['dtype']}, {figures['device']}, {figures['threads']} threads, "
        f"{figures['rounds']} rounds in turns"
    )
    table = Table("", "pairs/s", "x ours", "x ours, processor", title=title, title_justify="left")
    for name, row in figures["contestants"].items():
        numbers = (row["pairs_per_second"], row["ratio"], row["processor_ratio"])
        table.add_row(name, *(f"{number:.2f}" for number in numbers))
    console = Console()
    console.print(table)
    console.print(f"pictures differ by at most {figures['difference']} of 255 levels; the bar is {_BAR}")
