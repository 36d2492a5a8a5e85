"""The stages of a run in their order, each with all that its result depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langdesign_dataset.errors import SampleSetError
from langdesign_finetune.errors import TrainingError

from . import advising, judging, learning, preparing, publishing
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
    wanted: Callable[[Work], bool] = lambda _: True  # whether a run has this stage at all
    files: tuple[str, ...] = ()  # patterns of what later stages read; a data set keeps digests of its own
    reads: tuple[str, ...] = ()  # earlier stages whose files it reads


ORDER = (
    Stage("triples", preparing.triples_inputs, preparing.make_triples, version=2, files=(preparing.TRIPLES,)),
    Stage("scenes", preparing.scenes_inputs, preparing.make_scenes, files=preparing.RENDERED),
    Stage("dataset", preparing.dataset_inputs, preparing.make_dataset, reads=("triples", "scenes")),
    Stage("reviewed", preparing.reviewed_inputs, preparing.make_reviewed, wanted=preparing.is_reviewed),
    Stage(
        "bench",
        judging.bench_inputs,
        judging.make_bench,
        files=preparing.RENDERED,
        wanted=lambda work: work.judges,
    ),
    Stage("tune", learning.tune_inputs, learning.make_tuned, files=("model/**/*",)),
    Stage(
        "guidance",
        advising.guidance_inputs,
        advising.make_guidance,
        files=(f"{advising.MODEL}/**/*", advising.GUIDANCE),
        wanted=advising.advises,
        reads=("tune",),
    ),
    Stage(
        "evaluation",
        judging.evaluation_inputs,
        judging.make_evaluation,
        files=(judging.EVALUATION,),
        reads=("tune", "guidance", "bench"),
    ),
    Stage(
        "artifact",
        publishing.artifact_inputs,
        publishing.make_artifact,
        files=("artifact/**/*",),
        reads=("tune", "guidance", "evaluation"),
    ),
    Stage("register", publishing.register_inputs, publishing.register, again=True, reads=("artifact",)),
)


def stages_until(last: str, work: Work) -> Iterator[Stage]:
    """Yield the stages that a run has, up to a last one."""
    for stage in ORDER:
        if stage.wanted(work):
            yield stage
        if stage.name == last:
            return


def do(stage: Stage, work: Work) -> Done:
    """Do a stage, go on with it, or find it done.

    Raises:
        StageError: it failed on purpose; what is done stays, but for what an earlier stage made and is found
            damaged.

    """
    work.report.progress(stage.name, 0.0)
    with _told(stage.name, work):
        done = work.workspace.stage(
            stage.name,
            {"version": stage.version, **stage.inputs(work)},
            lambda folder: _make(stage, work, folder),
            again=stage.again,
            files=stage.files,
        )
    work.done[stage.name] = done
    work.report.progress(stage.name, 1.0)
    return done


def _make(stage: Stage, work: Work, folder: Path) -> None:
    for name in stage.reads:
        done = work.done.get(name)
        if done and (wrong := work.workspace.damaged(name, done)):
            shown = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
            raise StageError(
                f"{stage.name}: {shown} in {done.folder} gone or damaged; start again: what is missing is "
                f"made anew by {name}"
            )
    stage.make(work, folder)


@contextmanager
def _told(name: str, work: Work) -> Iterator[None]:
    """Turn an error of a library, whose message says what to do, into one that names the stage."""
    try:
        yield
    except (*preparing.ERRORS, *learning.ERRORS, *judging.ERRORS, *publishing.ERRORS, OSError) as error:
        if _about_a_set(error, work) and (found := _damaged_sets(work)):
            raise StageError(f"{name}: {found}") from error
        raise StageError(
            f"{name}: {error}. What is done stays: the run goes on once that is settled"
        ) from error


def _about_a_set(error: Exception, work: Work) -> bool:
    """Tell whether an error may be about a data set; one of a worker of Ray Train comes in words alone."""
    on_workers = isinstance(error, TrainingError) and work.places.tuning_workers > 1
    return on_workers or isinstance(error, SampleSetError)


def _damaged_sets(work: Work) -> str:
    """Look which data sets are damaged, drop them, and say so; "" where none is."""
    sets = [name for name in preparing.SETS if name in work.done]
    found = {name: work.workspace.recheck(name, work.done[name], preparing.damage) for name in sets}
    told = [f"{why}; start again: it is made anew by {name}" for name, why in found.items() if why]
    return ". ".join(told)
