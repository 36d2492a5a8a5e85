"""Fine-tuning on many machines: Ray Train starts the workers and connects them, and each runs `tune`.

Every worker reads the same folders, so that these lie where all machines see them.
"""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langdesign_dataset.samples import SampleSet

from .errors import RecipeError, TrainingError
from .loop import LoopReport
from .sample_pairs import trained_on
from .tracking import RUN, TrackingWarning
from .tune_recipes import TuneRecipe, check_recipe
from .tuning import tune

_LOOK = 5.0  # seconds between two looks at how far the workers are


@dataclass(frozen=True)
class _Work:
    """The arguments of `tune`."""

    recipe: TuneRecipe
    samples: Path
    base: Path
    out: Path
    options: dict[str, Any]


def tune_on_workers(
    recipe: TuneRecipe,
    samples: Path,
    base: Path,
    out: Path,
    *,
    workers: int,
    replay: Path | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    tracking: str = "",
    run_name: str = "",
    address: str = "",
    progress: Callable[[float], None] | None = None,
) -> LoopReport:
    """Tune as `tune` does, each batch shared by workers of a Ray cluster, a machine each while there are any.

    A worker that is lost ends the run; started again, it goes on from its last checkpoint.

    Args:
        recipe: see there; each worker takes one GPU where it trains on "cuda".
        samples: see `tune`, as the others.
        base: see `tune`.
        out: see `tune`; every worker sees it.
        workers: whose number divides the recipe's batch.
        replay: see `tune`.
        minutes: see `tune`.
        steps: see `tune`.
        tracking: see `tune`; the workers must reach it. Where they cannot, a `TrackingWarning` says so.
        run_name: see `tune`.
        address: of the cluster; "" for that of RAY_ADDRESS, and without it this machine is one.
        progress: called every few seconds with the share of the steps that the log tells of.

    Raises:
        DataError: the samples do not suit the recipe.
        RecipeError: the recipe cannot be followed.
        SampleSetError: the data set is missing or damaged (of langdesign_dataset).
        TrainingError: a worker failed.

    """
    check_workers(recipe, workers)
    # Here too: what workers log is not heard, and what they raise comes in words alone.
    trained_on(SampleSet(samples), recipe.held_out, recipe.shares, recipe.sources)
    options = {
        "replay": replay and replay.resolve(),
        "minutes": minutes,
        "steps": steps,
        "tracking": tracking,
        "run_name": run_name,
    }
    work = _Work(recipe, samples.resolve(), base.resolve(), out.resolve(), options)
    out.mkdir(parents=True, exist_ok=True)
    with _connected(address), _watched(out / "log.jsonl", steps or recipe.loop.steps, progress):
        _fit(work, workers)
    if tracking and not (out / RUN).is_file():
        warnings.warn(
            f"The workers could not begin a run of MLflow at {tracking}; the training did without, and "
            f"{out / 'log.jsonl'} holds what it would have been told",
            TrackingWarning,
            stacklevel=2,
        )
    return LoopReport(**json.loads((out / "report.json").read_text("utf-8")))


def check_workers(recipe: TuneRecipe, workers: int) -> None:
    """Look whether so many workers can follow a recipe.

    Raises:
        RecipeError: they cannot, or nobody can.

    """
    check_recipe(recipe)
    if recipe.batch % (workers * recipe.accumulation):
        raise RecipeError(
            f"A batch of {recipe.batch} cannot be divided among {workers} workers in {recipe.accumulation} "
            "parts each; choose a batch that their product divides"
        )


def _fit(work: _Work, workers: int) -> None:
    # Ray takes seconds to import, and a training of one process needs none.
    from ray.train import FailureConfig, RunConfig, ScalingConfig  # noqa: PLC0415
    from ray.train.torch import TorchConfig, TorchTrainer  # noqa: PLC0415

    on_gpus = work.recipe.loop.device.startswith("cuda")
    trainer = TorchTrainer(
        _tune,
        train_loop_config={"work": work},
        scaling_config=ScalingConfig(num_workers=workers, use_gpu=on_gpus, placement_strategy="SPREAD"),
        torch_config=TorchConfig(backend="nccl" if on_gpus else "gloo"),
        run_config=RunConfig(
            name="ray", storage_path=str(work.out), failure_config=FailureConfig(max_failures=0)
        ),
    )
    try:
        trainer.fit()
    except Exception as error:
        raise TrainingError(
            f"A worker failed ({_last_line(error)}); do what it says, or where it was lost start it again: "
            "it goes on from its checkpoint"
        ) from error


@contextmanager
def _connected(address: str) -> Iterator[None]:
    """Connect to a cluster and let go of it; one that the caller is connected to stays."""
    import ray  # noqa: PLC0415 - it takes seconds

    if ray.is_initialized():
        yield
        return
    try:
        ray.init(address or None, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise TrainingError(
            f"No Ray cluster answers at {address} ({_last_line(error)}); start it, or give its address"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _watched(log: Path, steps: int, progress: Callable[[float], None] | None) -> Iterator[None]:
    """Tell how far the workers are, by the log that one of them writes."""
    if progress is None:
        yield
        return
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK):
            progress(_step(log) / steps)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    progress(_step(log) / steps)


def _step(log: Path) -> int:
    """Return the step of the log's last whole line; 0 where there is none."""
    lines = log.read_text("utf-8").splitlines(keepends=True) if log.is_file() else []
    whole = [line for line in lines if line.endswith("\n")]
    return int(json.loads(whole[-1])["step"]) if whole else 0


def _last_line(error: Exception) -> str:
    """Return what a worker said last; the rest is its traceback."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def _tune(config: dict[str, Any]) -> None:
    work: _Work = config["work"]
    tune(work.recipe, work.samples, work.base, work.out, **work.options)
