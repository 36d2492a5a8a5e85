"""Stages that make the data: triples, rendered scenes, the data set of pairs, what a review leaves of it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from langdesign_dataset.errors import DatasetError, SampleSetError
from langdesign_dataset.pipeline import Cluster, Models, build, read_report
from langdesign_dataset.recipes import DatasetRecipe
from langdesign_dataset.report import BuildReport
from langdesign_dataset.review import Labels, filtered, read_labels
from langdesign_dataset.samples import SampleSet
from langdesign_scenes.errors import ScenesError
from langdesign_scenes.writing import Recipe as ScenesRecipe
from langdesign_scenes.writing import write_set
from langdesign_triples import GrammarWriter, Triple, TriplesError, write_triples
from langdesign_triples.errors import Unpriced
from langdesign_triples.language_model import Budget, Endpoint, LanguageModelWriter

from . import parts
from .errors import RecipeError
from .work import Work

ERRORS = (DatasetError, ScenesError, TriplesError)
TRIPLES = "triples.jsonl"
RENDERED = ("manifest.json", "families/*/*")
"""Files of a stage that renders scenes."""

SETS = ("dataset", "reviewed")
"""Stages that make a data set of samples."""


def triples_inputs(work: Work) -> dict[str, Any]:
    """Return what the triples depend on."""
    recipe = work.recipe
    told = {"context": work.context.digest, "writer": recipe.writer, "count": recipe.triples}
    return {**told, "seed": recipe.seed, **({"model": recipe.llm_model} if asks_language_model(work) else {})}


def make_triples(work: Work, folder: Path) -> None:
    """Let the context's grammar write, or its agents on a language model."""
    if not asks_language_model(work):
        writer = GrammarWriter(work.context, work.recipe.seed)
        write_triples(folder / TRIPLES, _counted(work, writer.triples(work.recipe.triples)))
        return
    write_triples(folder / TRIPLES, asyncio.run(_asked(work)))


def asks_language_model(work: Work) -> bool:
    """Tell whether a language model writes the triples."""
    return work.recipe.writer == "language-model"


async def _asked(work: Work) -> list[Triple]:
    """Return what the agents wrote; what was paid for before is in a spool, whatever the count was then."""
    recipe, context = work.recipe, work.context
    # A model's name may hold what a file's may not, such as slashes.
    model = hashlib.sha256(recipe.llm_model.encode()).hexdigest()[:16]
    spool = work.shared("spool") / f"{context.digest[-16:]}-{model}-{recipe.seed}.jsonl"
    writer = LanguageModelWriter(context, _endpoint(work), spool, seed=recipe.seed, budget=_budget(work))
    written = []
    async with aclosing(writer.triples(recipe.triples)) as triples:
        async for triple in triples:
            written.append(triple)
            work.report.progress("triples", len(written) / recipe.triples)
    work.report.note(f"triples: {writer.spent} spent, rejected: {dict(writer.rejections)}")
    return written


def check_money(work: Work) -> None:
    """Look whether what the language model may cost is bounded as the recipe says.

    Raises:
        RecipeError: dollars are bounded, and nobody said what the model costs.

    """
    try:
        _budget(work).check(_endpoint(work))
    except Unpriced as error:
        raise RecipeError(
            f"{error}: --set llm_read_price=PRICE --set llm_write_price=PRICE, or --set llm_dollars=0"
        ) from error


def _endpoint(work: Work) -> Endpoint:
    recipe, places = work.recipe, work.places
    return Endpoint(
        places.llm_base_url,
        recipe.llm_model,
        places.llm_api_key,
        read_price=recipe.llm_read_price,
        write_price=recipe.llm_write_price,
    )


def _budget(work: Work) -> Budget:
    return Budget(work.recipe.llm_tokens, work.recipe.llm_dollars)


def _counted(work: Work, triples: Iterable[Triple]) -> Iterator[Triple]:
    for number, triple in enumerate(triples, start=1):
        yield triple
        work.report.progress("triples", number / work.recipe.triples)


def scenes_inputs(work: Work) -> dict[str, Any]:
    """Return what the rendered scenes depend on."""
    return {"families": families_of(work), "digest": scenes_recipe(work, _seed(work)).digest}


def make_scenes(work: Work, folder: Path) -> None:
    """Render scenes, whose pairs are exact; none for a context that none can be rendered of."""
    if families_of(work):
        render(work, "scenes", folder, families_of(work), scenes_recipe(work, _seed(work)))


def families_of(work: Work) -> int:
    """Return how many scenes are rendered: none of a context that the renderer does not know."""
    return work.recipe.families if work.context.rendered else 0


def render(work: Work, stage: str, folder: Path, families: int, recipe: ScenesRecipe) -> None:
    """Render a set of scenes, and tell how far it is."""
    write_set(
        folder,
        families,
        recipe,
        workers=work.places.workers,
        progress=lambda done, total: work.report.progress(stage, done / total),
    )


def _seed(work: Work) -> int:
    return 2 + work.recipe.seed  # the embedded base was taught edits of the general half of seed 1


def scenes_recipe(work: Work, seed: int) -> ScenesRecipe:
    """Return how the context's scenes are drawn: what is trained on and what is judged on, alike."""
    return ScenesRecipe(seed=seed, general_share=work.recipe.general_share)


def dataset_inputs(work: Work) -> dict[str, Any]:
    """Return what the data set depends on."""
    names = ("generate", "segment", "clip")
    return {
        **work.digests("triples", "scenes"),
        "recipe": dataset_recipe(work).digest,
        "models": {name: work.models[name] for name in names},
    }


def make_dataset(work: Work, folder: Path) -> None:
    """Make pairs, and keep those that every gate lets pass."""
    build(
        dataset_recipe(work),
        work.folder("triples") / TRIPLES,
        models_of(work),
        folder,
        scenes=work.folder("scenes") if families_of(work) else None,
        progress=lambda stage, share: work.report.progress(f"dataset: {stage}", share),
        cluster=_cluster(work),
        judge_key=work.places.judge_key,
        blocks=work.shared("blocks"),
    )
    _tell(work, read_report(folder))


def models_of(work: Work) -> Models:
    """Return the models that make and judge pairs."""
    return Models(work.places.model("generate"), work.places.model("clip"), work.places.model("segment"))


def _tell(work: Work, report: BuildReport) -> None:
    for one in report.stages:
        gates = ", ".join(f"{gate} {count}" for gate, count in sorted(one.dropped.items()))
        work.report.note(
            f"  {one.stage:<12} {one.passed:>6} of {one.taken:<6} {one.share:6.1%} "
            f"{one.seconds:7.0f} worker s  {one.dollars:.2f} $  {gates}".rstrip()
        )
    if not report.complete:
        work.report.note("  the budget ended before every triple was worked on")


def _cluster(work: Work) -> Cluster:
    places = work.places
    machines = places.machines if places.ray else 1
    gpus = 1.0 if work.device.startswith("cuda") else 0.0
    workers = places.workers * machines
    return Cluster(workers=workers, address=places.ray, device=work.device, gpus=gpus)


def dataset_recipe(work: Work) -> DatasetRecipe:
    """Return the recipe of the data set, with what the run changes in it."""
    return parts.dataset_recipe(work.recipe)


def damage(folder: Path) -> str:
    """Read a whole data set, its failures too, and return what is wrong with it; "" where nothing is."""
    try:
        samples = SampleSet(folder)
        for part in (samples, samples.failures()):
            for _ in part:
                pass  # each is compared with its digest as it is read
    except SampleSetError as error:
        return str(error).partition(";")[0]  # without its advice: the stage makes the set anew
    return ""


def is_reviewed(work: Work) -> bool:
    """Tell whether people have looked through the pairs."""
    return work.places.reviewed is not None


def reviewed_inputs(work: Work) -> dict[str, Any]:
    """Return what the reviewed data set depends on: the labels themselves, wherever they lie."""
    text = json.dumps(dict(labels_of(work).labels), sort_keys=True)
    return {**work.digests("dataset"), "labels": f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"}


def make_reviewed(work: Work, folder: Path) -> None:
    """Write the data set anew as its reviewers' labels say."""
    samples = filtered(SampleSet(work.folder("dataset")), labels_of(work), folder)
    work.report.note(f"  {len(samples)} pairs are left after the review")


def labels_of(work: Work) -> Labels:
    """Return what reviewers said.

    Raises:
        LabelError: the file is missing or holds no labels.

    """
    if work.places.reviewed is None:
        return Labels("", {})
    return read_labels(work.places.reviewed)
