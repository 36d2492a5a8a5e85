"""A run: its stages one after the other, each found done or gone on with."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from transformers.utils.logging import disable_progress_bar

from .checking import check
from .errors import RunStopped
from .places import Places
from .publishing import REGISTERED
from .recipes import SpecialiseRecipe
from .reporting import Report
from .stages import do, stages_until
from .work import Work
from .workspace import Done, Workspace

Kind = Literal["specialise", "dataset", "finetune", "evaluate"]

LAST: dict[Kind, str] = {
    "dataset": "reviewed",
    "finetune": "guidance",
    "evaluate": "evaluation",
    "specialise": "register",
}
"""The stage that each kind of run ends with, if it has it; those before are its inputs."""

JUDGING: frozenset[Kind] = frozenset({"evaluate", "specialise"})
"""Kinds of runs that judge editors, for which they need a bench."""


@dataclass(frozen=True)
class Outcome:
    """What a run made."""

    done: dict[str, Done]  # by stage, in their order
    version: str = ""  # `models/{model}@{version}`; "" where nothing was registered
    promoted: bool = False  # whether the alias points at it now
    checks: tuple[Mapping[str, Any], ...] = ()  # conditions of the promotion


def run(
    kind: Kind,
    recipe: SpecialiseRecipe,
    places: Places,
    workspace: Workspace,
    report: Report,
    *,
    patience: float = 0.0,
) -> Outcome:
    """Do what is left of a run.

    Args:
        kind: how far.
        recipe: what to make.
        places: where its inputs and the registry are.
        workspace: where its stages are; one that has been begun is gone on with.
        report: hears how far it is.
        patience: seconds to wait for another run in its folder that is ending.

    Raises:
        RecipeError: a model, context or setting is missing or wrong; nothing was begun.
        StageError: a stage failed.
        RunStopped: SIGTERM or Ctrl-C came.

    """
    disable_progress_bar()  # of the loading and writing of weights: it would run into ours
    work = Work(recipe, places, workspace, report, judges=kind in JUDGING)
    check(work, judges=work.judges, registers=LAST[kind] == "register")
    with _stoppable(), workspace.held(patience):
        for stage in stages_until(LAST[kind], work):
            done = do(stage, work)
            report.note(f"{stage.name:<11} {done.seconds:7.0f} s  {done.folder}")
    return _outcome(work.done)


def _outcome(done: dict[str, Done]) -> Outcome:
    if "register" not in done:
        return Outcome(done)
    record = json.loads((done["register"].folder / REGISTERED).read_text("utf-8"))
    return Outcome(done, record["version"], record["promoted"], tuple(record["checks"]))


@contextmanager
def _stoppable() -> Iterator[None]:
    """Turn SIGTERM and Ctrl-C into `RunStopped`; stages with something to end do so on its way up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise RunStopped("The run was stopped; start it again with the same --out to go on")

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def default_folder(recipe: SpecialiseRecipe, preset: str) -> Path:
    """Return where a run of a context and preset goes when nobody says where."""
    return Path("out") / "specialise" / f"{recipe.context}-{preset}"
