"""`langdesign bench engine`: latency, throughput and batching of the engine, each paired in one run."""

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from time import perf_counter
from typing import Any, get_args

import numpy as np
import torch
from langdesign_diffusion.cpu import keep_freed_memory
from langdesign_diffusion.random_weights import Size
from langdesign_edits import Preserve
from langdesign_engine import EngineOptions
from rich.console import Console
from rich.progress import Progress

from langdesign_instruct_pix2pix.bench.contestants import INSTRUCTION, Contestants
from langdesign_instruct_pix2pix.bench.hardware import device_name, edit_flops, matmul_peak, peak_memory
from langdesign_instruct_pix2pix.bench.load import LoadReport, run_load, static_batching, step_level
from langdesign_instruct_pix2pix.bench.precision import measure_precision
from langdesign_instruct_pix2pix.bench.table import print_report
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.loading import make_ready
from langdesign_instruct_pix2pix.parameters import EditParameters
from langdesign_instruct_pix2pix.random_weights import random_editor

WINDOWS = 3
CONCURRENCY = (1, 2, 4, 8, 16)
ROW_BUCKETS = (3, 6, 12, 24, 48)
SECTIONS = ("latency", "precision", "throughput", "batching")
_SETTINGS = {"tiny": (64, 4), "mini": (128, 10), "sd15": (512, 20)}  # size in px, steps


@dataclass(frozen=True)
class Workload:
    """What is measured."""

    size: Size
    device: str
    pixels: int  # side of the square image
    steps: int
    rounds: int  # edits of each contestant per window
    requests: int  # of each load test
    sections: tuple[str, ...]
    compile: bool  # on CUDA


def main(argv: list[str]) -> int:
    """Run the benchmark and print its report; return the exit status."""
    arguments = _parse(argv)
    workload = _workload(arguments)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    with Progress(console=Console(stderr=True), transient=True, disable=arguments.json) as progress:
        report = measure(workload, progress)
    if arguments.json:
        print(json.dumps(report, indent=2))  # noqa: T201 - a command prints
    else:
        print_report(report, Console())
    return 0


def measure(workload: Workload, progress: Progress) -> dict[str, Any]:
    """Measure every section of the workload; times are in seconds."""
    editor = random_editor(workload.size, workload.device)
    device, dtype = editor.checkpoint.device, editor.checkpoint.dtype
    if device.type == "cpu":
        keep_freed_memory()  # as where edits are served; whatever they are compared with has it too
    flops, peak = edit_flops(editor, workload.pixels, workload.steps), matmul_peak(device, dtype)
    if device.type == "cuda":
        sides = (workload.pixels, workload.pixels)
        make_ready(
            editor, EngineOptions(row_buckets=ROW_BUCKETS, resolutions=[sides], compile=workload.compile)
        )
    report: dict[str, Any] = {
        "workload": asdict(workload),
        "device": device_name(device),
        "dtype": str(dtype).removeprefix("torch."),
        "peak_tflops": peak / 1e12,
        "edit_tflop": flops / 1e12,
    }
    for section in workload.sections:
        report[section] = _MEASURES[section](editor, workload, progress)
    if "latency" in report:
        for row in report["latency"].values():
            row["share_of_peak"] = flops / row["median"] / peak
    report["peak_memory_mib"] = peak_memory(device) / 2**20
    return report


def _latency(editor: Editor, workload: Workload, progress: Progress) -> dict[str, Any]:
    """Time the contestants in turn, in an order that rotates, on images that no cache knows."""
    stage = Contestants(editor, workload.pixels, workload.steps)
    contestants = stage.all()
    rounds = WINDOWS * workload.rounds
    task = progress.add_task("latency at batch 1", total=(rounds + 1) * len(contestants))
    seconds: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    dice = np.random.default_rng(0)
    for number in range(rounds + 1):  # the first warms up
        shift = number % len(contestants)
        for contestant in contestants[shift:] + contestants[:shift]:
            image = dice.integers(0, 256, (workload.pixels, workload.pixels, 3), np.uint8)
            began = perf_counter()
            contestant.edit(image)
            if number:
                seconds[contestant.name].append(perf_counter() - began)
            progress.advance(task)
    stage.clear()
    return {name: _summary(times, seconds["plain"]) for name, times in seconds.items()}


def _precision(editor: Editor, workload: Workload, progress: Progress) -> dict[str, Any]:
    """Compare float32 with bfloat16, and both with diffusers' pipeline; over networks of its own."""
    rounds = workload.rounds
    task = progress.add_task("float32, bfloat16, diffusers", total=4 * (rounds + 1))
    return measure_precision(
        workload.size,
        workload.device,
        workload.pixels,
        max(2, workload.steps),
        rounds,
        lambda: progress.advance(task),
    )


def _summary(times: Sequence[float], plain: Sequence[float]) -> dict[str, Any]:
    width = len(times) // WINDOWS
    windows = [statistics.median(times[start : start + width]) for start in range(0, len(times), width)]
    return {
        "median": statistics.median(times),
        "windows": windows,
        "spread": (max(windows) - min(windows)) / statistics.median(windows),
        "ratio_to_plain": statistics.median(own / base for own, base in zip(times, plain, strict=True)),
    }


def _throughput(editor: Editor, workload: Workload, progress: Progress) -> dict[str, Any]:
    """Offer 1.5 times what one edit at a time can do, at Poisson times, for several numbers of slots."""
    rate = 1.5 / _seconds_alone(editor, workload)
    task = progress.add_task("throughput", total=len(CONCURRENCY))
    reports = {}
    for slots in CONCURRENCY:
        with step_level(editor, _options(editor, slots, workload)) as submit:
            reports[str(slots)] = asdict(
                run_load(submit, _mixed(workload, workload.requests), workload.pixels, rate)
            )
        progress.advance(task)
    return {"offered": rate, "slots": reports}


def _batching(editor: Editor, workload: Workload, progress: Progress, slots: int = 8) -> dict[str, Any]:
    """Compare static with step-level batching: same edits, same arrivals, in turn, in three windows."""
    task = progress.add_task("static against step-level batching", total=4 * WINDOWS)
    rate = 0.7 / _seconds_alone(editor, workload)
    edits = _mixed(workload, workload.requests)
    found: dict[str, dict[str, list[LoadReport]]] = {
        name: {"saturated": [], "poisson": []} for name in ("static", "step-level")
    }
    for _ in range(WINDOWS):
        for load, offered in (("saturated", None), ("poisson", rate)):
            with static_batching(editor, slots) as submit:
                found["static"][load].append(run_load(submit, edits, workload.pixels, offered))
            progress.advance(task)
            with step_level(editor, _options(editor, slots, workload)) as submit:
                found["step-level"][load].append(run_load(submit, edits, workload.pixels, offered))
            progress.advance(task)
    return {
        "concurrency": slots,
        "offered": rate,
        **{name: _batching_row(loads["saturated"], loads["poisson"]) for name, loads in found.items()},
    }


def _batching_row(saturated: list[LoadReport], poisson: list[LoadReport]) -> dict[str, float]:
    return {
        "throughput": statistics.median(report.throughput for report in saturated),
        "processor": statistics.median(report.processor for report in saturated),
        "p50": statistics.median(report.p50 for report in poisson),
        "p95": statistics.median(report.p95 for report in poisson),
    }


_MEASURES = {"latency": _latency, "precision": _precision, "throughput": _throughput, "batching": _batching}


def _options(editor: Editor, slots: int, workload: Workload) -> EngineOptions:
    options = EngineOptions(slots=slots, batch_size=slots, queue_limit=workload.requests)
    if editor.checkpoint.device.type == "cuda":
        return replace(options, row_buckets=ROW_BUCKETS)
    return options


def _mixed(workload: Workload, count: int) -> list[EditParameters]:
    """Return edits whose step counts lie between half and one and a half times the workload's."""
    dice = np.random.default_rng(1)
    low, high = max(1, workload.steps // 2), workload.steps + workload.steps // 2
    steps = dice.integers(low, high + 1, count)
    return [
        EditParameters(INSTRUCTION, steps=int(number), seed=seed, preserve=Preserve.NONE)
        for seed, number in enumerate(steps)
    ]


def _seconds_alone(editor: Editor, workload: Workload) -> float:
    dice = np.random.default_rng(2)
    parameters = EditParameters(INSTRUCTION, steps=workload.steps, preserve=Preserve.NONE)
    seconds = []
    for _ in range(4):
        image = dice.integers(0, 256, (workload.pixels, workload.pixels, 3), np.uint8)
        began = perf_counter()
        editor.edit(image, None, parameters)
        seconds.append(perf_counter() - began)
    return statistics.median(seconds[1:])


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("langdesign bench engine", description=main.__doc__)
    parser.add_argument("--size", choices=get_args(Size), default="mini", help="shapes of the random weights")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--pixels", type=int, help="side of the image (default: that of the size)")
    parser.add_argument("--steps", type=int, help="denoising steps (default: those of the size)")
    parser.add_argument("--requests", type=int, help="edits of each load test (default: 32, on a CPU 16)")
    parser.add_argument("--threads", type=int, help="CPU threads (default: torch's)")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="measure this section; repeatable")
    parser.add_argument("--quick", action="store_true", help="a small budget: fewer rounds and requests")
    parser.add_argument("--no-compile", action="store_true", help="on CUDA, capture graphs without compiling")
    parser.add_argument("--json", action="store_true", help="print JSON in place of tables")
    return parser.parse_args(argv)


def _workload(arguments: argparse.Namespace) -> Workload:
    pixels, steps = _SETTINGS[arguments.size]
    slow = arguments.size == "sd15" and arguments.device == "cpu"
    if slow:  # what two cores can afford
        pixels, steps = 256, 2
    return Workload(
        size=arguments.size,
        device=arguments.device,
        pixels=arguments.pixels or pixels,
        steps=arguments.steps or steps,
        rounds=1 if arguments.quick or slow else 5,
        requests=arguments.requests or (12 if arguments.quick else 16 if arguments.device == "cpu" else 32),
        sections=tuple(arguments.only or (SECTIONS[:2] if slow else SECTIONS)),
        compile=not arguments.no_compile,
    )
