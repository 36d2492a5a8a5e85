"""Fine-tuning on many machines: Ray Train starts the workers and connects them, and each runs `tune`.

Every worker reads the same folders, so that these lie where all machines see them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import RecipeError, TrainingError
from .loop import LoopReport
from .tune_recipes import TuneRecipe, check_recipe
from .tuning import tune


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
) -> LoopReport:
    """Tune as `tune` does, each batch shared by workers of a Ray cluster.

    RAY_ADDRESS names the cluster; without it this machine is one. A worker that is lost ends the run;
    started again, it goes on from its last checkpoint.

    Args:
        recipe: see there; each worker takes one GPU where it trains on "cuda".
        samples: see `tune`, as the others.
        base: see `tune`.
        out: see `tune`; every worker sees it.
        workers: whose number divides the recipe's batch.
        replay: see `tune`.
        minutes: see `tune`.
        steps: see `tune`.
        tracking: see `tune`.

    Raises:
        RecipeError: the recipe cannot be followed.
        TrainingError: a worker failed.

    """
    check_recipe(recipe)
    if recipe.batch % (workers * recipe.accumulation):
        raise RecipeError(
            f"A batch of {recipe.batch} cannot be divided among {workers} workers in {recipe.accumulation} "
            "parts each; choose a batch that their product divides"
        )
    # Ray takes seconds to import, and a training of one process needs none.
    from ray.train import FailureConfig, RunConfig, ScalingConfig  # noqa: PLC0415
    from ray.train.torch import TorchConfig, TorchTrainer  # noqa: PLC0415

    on_gpus = recipe.loop.device.startswith("cuda")
    options = {
        "replay": replay and replay.resolve(),
        "minutes": minutes,
        "steps": steps,
        "tracking": tracking,
    }
    work = _Work(recipe, samples.resolve(), base.resolve(), out.resolve(), options)
    out.mkdir(parents=True, exist_ok=True)
    trainer = TorchTrainer(
        _tune,
        train_loop_config={"work": work},
        scaling_config=ScalingConfig(num_workers=workers, use_gpu=on_gpus),
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
    return LoopReport(**json.loads((out / "report.json").read_text("utf-8")))


def _last_line(error: Exception) -> str:
    """Return what a worker said last; the rest is its traceback."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def _tune(config: dict[str, Any]) -> None:
    work: _Work = config["work"]
    tune(work.recipe, work.samples, work.base, work.out, **work.options)
