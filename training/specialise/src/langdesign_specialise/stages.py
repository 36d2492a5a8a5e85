"""The stages of a run in their order, each with all that its result depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import learning, preparing, publishing
from .errors import StageError
from .work import Work
from .workspace import Done


@dataclass(frozen=True)
class Stage:
    """One step of a run."""

    name: str
    inputs: Callable[[Work], Mapping[str, Any]]  # all that the result depends on, as JSON values
    make: Callable[[Work, Path], None]  # fills a folder, or goes on where it was cut short
    version: int = 1  # raised when the same inputs shall make something else
    again: bool = False  # whether to do it even where it is done: what it changed may be gone


ORDER = (
    Stage("triples", preparing.triples_inputs, preparing.make_triples),
    Stage("scenes", preparing.scenes_inputs, preparing.make_scenes),
    Stage("dataset", preparing.dataset_inputs, preparing.make_dataset),
    Stage("tune", learning.tune_inputs, learning.make_tuned),
    Stage("bench", learning.bench_inputs, learning.make_bench),
    Stage("evaluation", learning.evaluation_inputs, learning.make_evaluation),
    Stage("artifact", publishing.artifact_inputs, publishing.make_artifact),
    Stage("register", publishing.register_inputs, publishing.register, again=True),
)


def do(stage: Stage, work: Work) -> Done:
    """Do a stage, go on with it, or find it done.

    Raises:
        StageError: it failed on purpose; what is done stays.

    """
    work.report.progress(stage.name, 0.0)
    with _told(stage.name):
        done = work.workspace.stage(
            stage.name,
            {"version": stage.version, **stage.inputs(work)},
            lambda folder: stage.make(work, folder),
            again=stage.again,
        )
    work.done[stage.name] = done
    work.report.progress(stage.name, 1.0)
    return done


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn an error of a library, whose message says what to do, into one that names the stage."""
    try:
        yield
    except (*preparing.ERRORS, *learning.ERRORS, *publishing.ERRORS, OSError) as error:
        raise StageError(
            f"{name}: {error}. What is done stays: the run goes on once that is settled"
        ) from error
