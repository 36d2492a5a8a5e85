"""From triples to a data set: sources, gates, selection, and the set on disk.

    triples - pairs ----+
                        +- likeness - preservation - (judge) - selection - derivation - set
    scenes - rendered --+

Stages left of the selection work block by block (see `store`), on Ray (see `working`); the rest takes
moments and is a function of all blocks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from langdesign_triples import Triple, TriplesError, read_triples

from .building import Builder
from .derivation import derive
from .errors import BudgetSpent, SourceError
from .models import Models
from .recipes import DatasetRecipe
from .report import BuildReport, Progress, StageReport, dropped_by
from .review import write_card
from .samples import Sample, SampleSet, write_samples
from .selection import select
from .store import STAGES, Store
from .wording import things_of
from .working import Cluster

__all__ = ["REPORT", "Cluster", "Models", "Progress", "build", "read_report"]

REPORT = f"{STAGES}/report.json"


def build(
    recipe: DatasetRecipe,
    triples: Path,
    models: Models,
    out: Path,
    scenes: Path | None = None,
    progress: Progress = lambda stage, share: None,
    *,
    cluster: Cluster | None = None,
    judge_key: str = "",
    blocks: Path | None = None,
) -> SampleSet:
    """Make a data set, or go on with one that was cut short: the result is the same, byte for byte.

    Args:
        recipe: what is made.
        triples: JSON lines, as `langdesign_triples.write_triples` writes them.
        models: what makes and judges pairs.
        out: folder of the set; blocks of work are below its `stages`, which may be removed afterwards.
        scenes: folder of a rendered set, a second source of pairs; None for none.
        progress: is told how far a stage is.
        cluster: where work is done; None for two processes on this machine.
        judge_key: of the judge's endpoint.
        blocks: folder of the blocks of work, which sets of other recipes may share; None for OUT's own.

    Returns:
        The set of kept samples; its `failures()` are what gates dropped. `read_report` returns the table of
        yield, seconds and cost by stage.

    Raises:
        BuildError: it ended early; what is done stays, and the message says what to do.
        RecipeError: the generator cannot draw pictures of the recipe's side.
        SampleSetError: the set cannot be written.

    """
    models.check()
    models.check_side(recipe.sampling.side)
    read = _read(triples)[: recipe.triples]
    builder = Builder(
        recipe, models, Store((blocks or out / STAGES).resolve()), cluster or Cluster(), judge_key, progress
    )
    candidates, report = builder.samples(read, scenes)
    if not candidates and not report.complete:
        raise BudgetSpent(
            "The budget ended before a single block was done; raise it, and build again: what is done stays"
        )
    samples, lines = _chosen(candidates, recipe, read)
    told = {**dataclasses.asdict(recipe), "digest": recipe.digest}
    made = write_samples(out, samples, recipe=told)
    write_card(made, title=f"Pairs of recipe {recipe.name}")
    (out / REPORT).parent.mkdir(exist_ok=True)
    BuildReport((*report.stages, *lines), len(made), report.complete).write(out / REPORT)
    progress("set", 1.0)
    return made


def read_report(out: Path) -> BuildReport:
    """Return what a finished build cost and yielded, stage by stage."""
    return BuildReport.read(out / REPORT)


def _chosen(
    candidates: Sequence[Sample], recipe: DatasetRecipe, triples: Sequence[Triple]
) -> tuple[list[Sample], list[StageReport]]:
    """Return the samples of the set in order, dropped ones too, and the lines of the last stages."""
    passed = [one for one in candidates if one.kept and one.source != "rendered"]
    selected = select(candidates, recipe.gates)
    keys = {one.key for one in passed}
    own = [one for one in selected if one.key in keys]
    derived = derive(selected, recipe, things_of(triples))
    lines = [
        StageReport("selection", len(own), sum(one.kept for one in own), 0.0, 0.0, dropped_by(own)),
        StageReport("derivation", len(derived), len(derived), 0.0, 0.0, {}),
    ]
    every = {one.key: one for one in [*derived, *selected]}  # what was made itself comes before what follows
    return sorted(every.values(), key=lambda one: one.key), lines


def _read(path: Path) -> list[Triple]:
    try:
        return list(read_triples(path))
    except (OSError, TriplesError) as error:
        raise SourceError(f"{path} holds no triples that can be read ({error}); write them again") from error
