"""`langdesign bench segment`: eight expressions on one image in one call, against eight calls."""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from .checkpoint import VOCABULARY
from .config import PRESETS
from .predictor import Predictor, default_rows
from .random_weights import random_model, write_vocabulary
from .tokenizer import ExpressionTokenizer

_COLOURS = ("red", "blue", "green", "white", "black", "grey", "brown", "yellow")


def measure(predictor: Predictor, size: int, expressions: int, pairs: int) -> dict[str, Any]:
    """Time one call of a predictor against single calls in interleaved pairs, after one that warms up.

    Args:
        predictor: what is timed, as a service calls it: from an image and words to probabilities.
        size: side of the image.
        expressions: how many.
        pairs: how many pairs.

    Returns:
        Milliseconds of each pair's two sides, and the medians of their ratios (single calls over one call):
        of the time that passed, and of the processor's time.

    """
    image = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
    colours = itertools.islice(itertools.cycle(_COLOURS), expressions)
    texts = [f"the {colour} chair near the window on the left" for colour in colours]

    def together() -> None:
        predictor.predict(image, texts)

    def apart() -> None:
        for text in texts:
            predictor.predict(image, [text])

    timed = [(_seconds(together), _seconds(apart)) for _ in range(pairs + 1)][1:]
    return {
        "together_ms": [round(1000 * one.wall, 2) for one, _ in timed],
        "apart_ms": [round(1000 * many.wall, 2) for _, many in timed],
        "ratio": statistics.median(many.wall / one.wall for one, many in timed),
        "processor_ratio": statistics.median(many.processor / one.processor for one, many in timed),
    }


class _Seconds(NamedTuple):
    wall: float
    processor: float  # of all threads: other programs on the machine hardly change it


def _seconds(call: Callable[[], None]) -> _Seconds:
    wall, processor = time.perf_counter(), time.process_time()
    call()  # its answers lie on the CPU, so an accelerator has ended too
    return _Seconds(time.perf_counter() - wall, time.process_time() - processor)


def random_predictor(
    size: str, device: torch.device, dtype: torch.dtype, rows: int | None, max_expressions: int = 16
) -> Predictor:
    """Return a predictor of a preset's size with random weights."""
    model = random_model(size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / VOCABULARY
        write_vocabulary(model.config.text.vocab_size, path)
        tokenizer = ExpressionTokenizer(path, model.config.text.max_tokens)
    return Predictor(model, tokenizer, device, dtype, max_expressions, rows=rows)


def main(argv: list[str]) -> int:
    """Run `langdesign bench segment ARGV`, print the ratio, and return the exit status."""
    options = _parser().parse_args(argv)
    device, dtype = torch.device(options.device), getattr(torch, options.dtype)
    config = PRESETS[options.size]
    predictor = random_predictor(options.size, device, dtype, options.rows, options.expressions)
    figures = measure(predictor, config.image_size, options.expressions, options.pairs)
    figures |= {name: getattr(options, name) for name in ("size", "device", "dtype", "expressions", "pairs")}
    figures["rows"] = min(options.rows or default_rows(config, device, dtype), options.expressions)
    sys.stdout.write(json.dumps(figures) + "\n" if options.json else _report(figures))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="langdesign bench segment", description=__doc__)
    parser.add_argument("--size", choices=sorted(PRESETS), default="swin_tiny")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--expressions", type=int, default=8)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument(
        "--rows", type=int, help="expressions at once through the network; default: the device's"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _report(figures: dict[str, Any]) -> str:
    one, many = (statistics.median(figures[name]) for name in ("together_ms", "apart_ms"))
    return (
        f"{figures['size']} on {figures['device']} in {figures['dtype']}, "
        f"{figures['expressions']} expressions on one image: {one:.0f} ms in one call, "
        f"{many:.0f} ms in single calls, ratio {figures['ratio']:.2f}, of the processor's time "
        f"{figures['processor_ratio']:.2f} ({figures['rows']} at once; medians of {figures['pairs']} "
        "interleaved pairs)\n"
    )
