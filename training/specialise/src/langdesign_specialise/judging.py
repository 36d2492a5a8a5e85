"""Stages that judge the editor: what it is judged on, and how it compares with its base.

The bench is, in this order: a public set that the user has; rendered scenes, of a context that the renderer
knows; a context's own pairs that were not trained on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langdesign_dataset.samples import SampleSet
from langdesign_evaluation.cases import open_set
from langdesign_evaluation.comparing import compare
from langdesign_evaluation.errors import EvaluationError
from langdesign_evaluation.sources import Scenes, TruePublicSet, TrueSource, open_true_public
from langdesign_finetune.sample_pairs import split
from langdesign_scenes.writing import Recipe as ScenesRecipe

from .errors import RecipeError
from .held_out import HeldOut
from .learning import tune_recipe
from .preparing import render
from .work import Work

ERRORS = (EvaluationError,)
EVALUATION = "evaluation.json"

_BENCH_SEED = 1001  # of LangDesign-Bench: scenes that nothing trains on


def check_bench(work: Work) -> None:
    """Look whether there will be anything to judge the editors on.

    Raises:
        RecipeError: nobody gave a bench.
        EvaluationError: the public set cannot be read, or editors cannot be compared on it.

    """
    if _public(work) is None and not work.recipe.bench_families:
        raise RecipeError(
            "There is nothing to judge the editors on: give --bench magicbrush:PATH, or choose with "
            "--set bench_families=80 rendered scenes, or a context's own held-out pairs where none can be "
            "rendered"
        )


def bench_inputs(work: Work) -> dict[str, Any]:
    """Return what the bench depends on."""
    if public := _public(work):
        return {"public": dict(public.told)}
    families = work.recipe.bench_families if work.context.rendered else 0
    return {"families": families, "digest": ScenesRecipe(seed=_BENCH_SEED).digest}


def make_bench(work: Work, folder: Path) -> None:
    """Render the scenes that both editors are judged on, where they are."""
    if work.context.rendered and work.places.bench is None:
        render(work, "bench", folder, work.recipe.bench_families, ScenesRecipe(seed=_BENCH_SEED))


def evaluation_inputs(work: Work) -> dict[str, Any]:
    """Return what the evaluation depends on."""
    judges = {name: work.models[name] for name in ("edit", "clip", "dino")}
    # The data set is in the tuning's digest, where a context's own held-out pairs are the bench.
    return {**work.digests("tune", "bench"), "cases": work.recipe.cases, "models": judges}


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
        device=work.device,
        progress=lambda share: work.report.progress("evaluation", share),
    )
    comparison.write(folder / EVALUATION)
    work.report.metrics(comparison.means("tuned"))


def bench_in_words(work: Work) -> str:
    """Return what the editors are judged on, for people."""
    if work.places.bench is not None:
        return f"the public set {work.places.bench[0]}"
    return "rendered scenes" if work.context.rendered else "the context's own pairs"


def _judged_on(work: Work) -> TrueSource:
    if public := _public(work):
        return public
    if work.context.rendered:
        return Scenes(open_set(work.folder("bench")))
    samples = SampleSet(work.folder(work.pairs))
    return HeldOut(samples, split(samples, tune_recipe(work).held_out)[1])


def _public(work: Work) -> TruePublicSet | None:
    return open_true_public(*work.places.bench, work.recipe.cases) if work.places.bench else None
