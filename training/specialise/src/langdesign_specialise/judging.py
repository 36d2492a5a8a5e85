"""Stages that judge the editor: what it is judged on, and how it compares with its base.

The bench is, in this order: a public set that the user has; rendered scenes, of a context that the renderer
knows; a context's own pairs that were not trained on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langdesign_dataset.samples import SampleSet
from langdesign_evaluation.cases import NO_OP, Choice, open_set
from langdesign_evaluation.comparing import compare
from langdesign_evaluation.errors import BenchSetError, EvaluationError
from langdesign_evaluation.sources import Scenes, TruePublicSet, TrueSource, open_true_public
from langdesign_finetune.sample_pairs import SPLIT

from .advising import advises, judging_models, tuned_digests, tuned_model
from .errors import RecipeError
from .held_out import HeldOut, apart_for_bench
from .learning import tune_recipe
from .preparing import render, scenes_recipe
from .work import Work

ERRORS = (EvaluationError,)
EVALUATION = "evaluation.json"

BENCH_SEED = 1001
"""Of the scenes that nothing trains on, as LangDesign-Bench's."""


def check_bench(work: Work) -> None:
    """Look whether there will be anything to judge the editors on.

    Raises:
        RecipeError: nobody gave a bench, or the context's own pairs are it and none are held out.
        EvaluationError: the public set cannot be read, or editors cannot be compared on it.

    """
    if _public(work) is not None:
        return
    if work.recipe.bench_families and not work.context.rendered and not tune_recipe(work).held_out:
        raise RecipeError(
            f"No scenes can be rendered of {work.context.name}, so that its editors are judged on pairs that "
            "are held out of the tuning, and tune.held_out is 0; give a share with --set tune.held_out=0.05, "
            "or a public set with --bench magicbrush:PATH"
        )
    if not work.recipe.bench_families:
        raise RecipeError(
            "There is nothing to judge the editors on: give --bench magicbrush:PATH, or choose with "
            "--set bench_families=80 rendered scenes, or a context's own held-out pairs where none can be "
            "rendered"
        )


def bench_inputs(work: Work) -> dict[str, Any]:
    """Return what the bench depends on."""
    if public := _public(work):
        return {"public": dict(public.told)}
    if not work.context.rendered:
        held_out = tune_recipe(work).held_out
        return {**work.digests(work.pairs), "held_out": held_out, "split": SPLIT, "shared": advises(work)}
    return {"families": work.recipe.bench_families, "digest": scenes_recipe(work, BENCH_SEED).digest}


def make_bench(work: Work, folder: Path) -> None:
    """Render the scenes that both editors are judged on, where they are; look whether there are cases.

    Raises:
        BenchSetError: there is no edit to judge the editors by.

    """
    if work.context.rendered and work.places.bench is None:
        render(work, "bench", folder, work.recipe.bench_families, scenes_recipe(work, BENCH_SEED))
    cases = _judged_on(work, folder).cases(Choice(per_operation=1, no_ops=1))
    if all(case.split == NO_OP for case in cases):
        raise BenchSetError("The bench holds no edit to judge; raise bench_families, or give --bench")
    if not any(case.split == NO_OP for case in cases):
        work.report.note(
            f"bench: {bench_in_words(work)} hold no pair in which nothing should change, so that false edits "
            f"cannot be counted and the gate will promote nothing; {_more_no_ops(work)}"
        )


def _more_no_ops(work: Work) -> str:
    if work.places.bench is not None:
        return "leave out --bench"
    if work.context.rendered:
        return "raise bench_families"
    return (
        "make more pairs (--set triples=COUNT, --set dataset.no_op_share=1), or hold out a larger share of "
        "them (--set tune.held_out=SHARE)"
    )


def evaluation_inputs(work: Work) -> dict[str, Any]:
    """Return what the evaluation depends on."""
    # The data set is in the tuning's digest, where a context's own held-out pairs are the bench.
    return {**tuned_digests(work), **work.digests("bench"), **_counts(work), "models": judging_models(work)}


def _counts(work: Work) -> dict[str, int]:
    return {"cases": work.recipe.cases, "no_ops": work.recipe.no_ops}


def make_evaluation(work: Work, folder: Path) -> None:
    """Judge base and tuned editor on the same cases."""
    comparison = compare(
        work.places.model("edit"),
        tuned_model(work),
        _judged_on(work, work.folder("bench")),
        clip=work.places.model("clip"),
        dino=work.places.model("dino"),
        out=folder,
        limit=work.recipe.cases,
        no_ops=work.recipe.no_ops,
        device=work.device,
        progress=lambda share: work.report.progress("evaluation", share),
    )
    comparison.write(folder / EVALUATION)
    work.report.metrics(comparison.means("tuned"))


def bench_in_words(work: Work) -> str:
    """Return what the editors are judged on, for people."""
    if work.places.bench is not None:
        return f"edits of the public set {work.places.bench[0]}"
    return "rendered scenes" if work.context.rendered else "the context's own pairs"


def _judged_on(work: Work, bench: Path) -> TrueSource:
    if public := _public(work):
        return public
    if work.context.rendered:
        return Scenes(open_set(bench))
    samples = SampleSet(work.folder(work.pairs))
    held_out = tune_recipe(work).held_out
    return HeldOut(samples, apart_for_bench(samples, held_out, shared=advises(work)))


def _public(work: Work) -> TruePublicSet | None:
    return open_true_public(*work.places.bench, work.recipe.cases) if work.places.bench else None
