"""Stages that make the editor and judge it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langdesign_dataset.samples import SampleSet
from langdesign_diffusion import DiffusionError
from langdesign_evaluation.cases import open_set
from langdesign_evaluation.comparing import compare
from langdesign_evaluation.errors import EvaluationError
from langdesign_evaluation.sources import Scenes, TrueSource
from langdesign_finetune.errors import FinetuneError
from langdesign_finetune.sample_pairs import split
from langdesign_finetune.tuning import TuneRecipe, tune, tune_preset
from langdesign_scenes.writing import Recipe as ScenesRecipe
from safetensors import SafetensorError

from .errors import RunStopped
from .held_out import HeldOut
from .preparing import render
from .recipes import override
from .work import Work

ERRORS = (DiffusionError, EvaluationError, FinetuneError, SafetensorError)
EVALUATION = "evaluation.json"

_BENCH_SEED = 1001  # of LangDesign-Bench: scenes that nothing trains on


def tune_inputs(work: Work) -> dict[str, Any]:
    """Return what the tuned editor depends on."""
    recipe = tune_recipe(work)
    told = {"recipe": recipe.digest, "steps": recipe.loop.steps}  # a training's digest leaves its length out
    return {**work.digests("dataset"), **told, "base": work.models["edit"]}


def make_tuned(work: Work, folder: Path) -> None:
    """Fine-tune the base on the data set.

    Raises:
        RunStopped: a signal ended the training at a checkpoint.

    """
    report = tune(
        tune_recipe(work),
        work.folder("dataset"),
        work.places.model("edit"),
        folder,
        progress=lambda share: work.report.progress("tune", share),
    )
    if report.stopped == "minutes":
        raise RunStopped("The minutes of the tuning are over; start the run again to go on")
    if report.stopped != "done":
        raise RunStopped("The run was stopped; start it again with the same --out to go on")
    work.report.metrics(report.metrics)


def tune_recipe(work: Work) -> TuneRecipe:
    """Return the recipe of the tuning, with what the run changes in it."""
    changed: TuneRecipe = override(tune_preset(work.recipe.tune), work.recipe.parts.get("tune", {}), "tune")
    return changed


def bench_inputs(work: Work) -> dict[str, Any]:
    """Return what the bench's scenes depend on."""
    families = work.recipe.bench_families if work.context.rendered else 0
    return {"families": families, "digest": ScenesRecipe(seed=_BENCH_SEED).digest}


def make_bench(work: Work, folder: Path) -> None:
    """Render the scenes that both editors are judged on, where the renderer knows the context."""
    if work.context.rendered:
        render(work, "bench", folder, work.recipe.bench_families, ScenesRecipe(seed=_BENCH_SEED))


def evaluation_inputs(work: Work) -> dict[str, Any]:
    """Return what the evaluation depends on."""
    judges = {name: work.models[name] for name in ("edit", "clip", "dino")}
    # The data set is in the tuning's digest, where a context's own held-out pairs are the bench.
    return {**work.digests("tune", "bench"), "cases": work.recipe.cases, "models": judges}


def _judged_on(work: Work) -> TrueSource:
    if work.context.rendered:
        return Scenes(open_set(work.folder("bench")))
    samples = SampleSet(work.folder("dataset"))
    return HeldOut(samples, split(samples, tune_recipe(work).held_out)[1])


def make_evaluation(work: Work, folder: Path) -> None:
    """Judge base and tuned editor on the same cases."""
    comparison = compare(
        work.places.model("edit"),
        work.folder("tune") / "model",
        _judged_on(work),
        clip=work.places.model("clip"),
        dino=work.places.model("dino"),
        out=folder,
        limit=work.recipe.cases,
        device=work.places.device,
        progress=lambda share: work.report.progress("evaluation", share),
    )
    comparison.write(folder / EVALUATION)
    work.report.metrics(comparison.means("tuned"))
