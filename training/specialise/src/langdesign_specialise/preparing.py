"""Stages that make the data: triples, rendered scenes, the data set of pairs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from langdesign_dataset import recipes as dataset_recipes
from langdesign_dataset.errors import DatasetError
from langdesign_dataset.pipeline import Models, build
from langdesign_scenes.errors import ScenesError
from langdesign_scenes.writing import Recipe as ScenesRecipe
from langdesign_scenes.writing import write_set
from langdesign_triples import GrammarWriter, Triple, TriplesError, load_context, write_triples

from .recipes import override
from .work import Work

ERRORS = (DatasetError, ScenesError, TriplesError)
TRIPLES = "triples.jsonl"


def triples_inputs(work: Work) -> dict[str, Any]:
    """Return what the triples depend on."""
    context = load_context(work.places.contexts / work.recipe.context)
    return {
        "context": context.digest,
        "writer": work.recipe.writer,
        "count": work.recipe.triples,
        "seed": work.recipe.seed,
    }


def make_triples(work: Work, folder: Path) -> None:
    """Let the context's agents write."""
    write_triples(folder / TRIPLES, _counted(work, _written(work)))


def _written(work: Work) -> Iterator[Triple]:
    context = load_context(work.places.contexts / work.recipe.context)
    return islice(GrammarWriter(context, work.recipe.seed).triples(work.recipe.triples), work.recipe.triples)


def _counted(work: Work, triples: Iterator[Triple]) -> Iterator[Triple]:
    for number, triple in enumerate(triples, start=1):
        yield triple
        work.report.progress("triples", number / work.recipe.triples)


def scenes_inputs(work: Work) -> dict[str, Any]:
    """Return what the rendered scenes depend on."""
    return {"families": work.recipe.families, "digest": _scenes(work).digest}


def make_scenes(work: Work, folder: Path) -> None:
    """Render scenes, whose pairs are exact; none for a context that none can be rendered of."""
    if work.recipe.families:
        render(work, "scenes", folder, work.recipe.families, _scenes(work))


def render(work: Work, stage: str, folder: Path, families: int, recipe: ScenesRecipe) -> None:
    """Render a set of scenes, and tell how far it is."""
    write_set(
        folder,
        families,
        recipe,
        workers=work.places.workers,
        progress=lambda done, total: work.report.progress(stage, done / total),
    )


def _scenes(work: Work) -> ScenesRecipe:
    # The embedded base was taught edits of the general half of seed 1, and the bench draws from seed 1001.
    return ScenesRecipe(seed=2 + work.recipe.seed, general_share=work.recipe.general_share)


def dataset_inputs(work: Work) -> dict[str, Any]:
    """Return what the data set depends on."""
    names = ("generate", "segment", "clip")
    return {
        **work.digests("triples", "scenes"),
        "recipe": _dataset(work).digest,
        "models": {name: work.models[name] for name in names},
    }


def make_dataset(work: Work, folder: Path) -> None:
    """Make pairs, and keep those that every gate lets pass."""
    build(
        _dataset(work),
        work.folder("triples") / TRIPLES,
        Models(work.places.model("generate"), work.places.model("clip"), work.places.model("segment")),
        folder,
        scenes=work.folder("scenes") if work.recipe.families else None,
        progress=lambda stage, share: work.report.progress(f"dataset: {stage}", share),
    )


def _dataset(work: Work) -> dataset_recipes.DatasetRecipe:
    preset = dataset_recipes.preset(work.recipe.dataset)
    changed: dataset_recipes.DatasetRecipe = override(preset, work.recipe.parts.get("dataset", {}), "dataset")
    return changed
