"""`langdesign bench segment`: eight expressions on one image in one call, against eight calls."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import torch

from .config import PRESETS
from .model import Rela
from .random_weights import random_model

_WORD_PIECES = 8  # of each expression


def measure(
    model: Rela, device: torch.device, dtype: torch.dtype, expressions: int, pairs: int
) -> dict[str, Any]:
    """Time one call against single calls in interleaved pairs; the first pair warms up and is left out.

    Returns:
        Milliseconds of each pair's two sides, and the median of their ratios (single calls over one call).

    """
    model = model.to(device=device, dtype=dtype).eval()
    size, length = model.config.image_size, model.config.text.max_tokens
    generator = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (1, 3, size, size), generator=generator).to(device)
    ids = torch.zeros(expressions, length, dtype=torch.int64)
    top = model.config.text.vocab_size
    ids[:, :_WORD_PIECES] = torch.randint(5, top, (expressions, _WORD_PIECES), generator=generator)
    ids = ids.to(device)
    mask = (ids != 0).long()
    first = torch.zeros(expressions, dtype=torch.int64, device=device)

    def together() -> None:
        model(image, ids, mask, first)

    def apart() -> None:
        for index in range(expressions):
            row = slice(index, index + 1)
            model(image, ids[row], mask[row])

    with torch.inference_mode():
        timed = [(_seconds(together, device), _seconds(apart, device)) for _ in range(pairs + 1)][1:]
    return {
        "together_ms": [round(1000 * one, 2) for one, _ in timed],
        "apart_ms": [round(1000 * many, 2) for _, many in timed],
        "ratio": statistics.median(many / one for one, many in timed),
    }


def _seconds(call: Callable[[], None], device: torch.device) -> float:
    _wait(device)
    start = time.perf_counter()
    call()
    _wait(device)
    return time.perf_counter() - start


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def main(argv: list[str]) -> int:
    """Run `langdesign bench segment ARGV`, print the ratio, and return the exit status."""
    parser = argparse.ArgumentParser(prog="langdesign bench segment", description=__doc__)
    parser.add_argument("--size", choices=sorted(PRESETS), default="swin_tiny")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--expressions", type=int, default=8)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    device, dtype = torch.device(options.device), getattr(torch, options.dtype)
    figures = measure(random_model(options.size), device, dtype, options.expressions, options.pairs)
    figures |= {name: getattr(options, name) for name in ("size", "device", "dtype", "expressions", "pairs")}
    sys.stdout.write(json.dumps(figures) + "\n" if options.json else _report(figures))
    return 0


def _report(figures: dict[str, Any]) -> str:
    one, many = (statistics.median(figures[name]) for name in ("together_ms", "apart_ms"))
    return (
        f"{figures['size']} on {figures['device']} in {figures['dtype']}, "
        f"{figures['expressions']} expressions on one image: {one:.0f} ms in one call, "
        f"{many:.0f} ms in single calls, ratio {figures['ratio']:.2f} "
        f"(median of {figures['pairs']} interleaved pairs)\n"
    )
