"""The stage that makes the editor."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from langdesign_diffusion import DiffusionError
from langdesign_finetune.errors import FinetuneError
from langdesign_finetune.ray_tuning import tune_on_workers
from langdesign_finetune.sample_pairs import SPLIT
from langdesign_finetune.tracking import TrackingWarning
from langdesign_finetune.tuning import TuneRecipe, tune, tune_preset
from langdesign_registry import RegistryError
from langdesign_registry.opening import SQLITE, local_folder, open_client
from safetensors import SafetensorError

from .errors import RunStopped
from .recipes import override
from .reporting import Report
from .work import Work

ERRORS = (DiffusionError, FinetuneError, SafetensorError)


def tune_inputs(work: Work) -> dict[str, Any]:
    """Return what the tuned editor depends on; neither device nor machines: a training goes on on others."""
    recipe = tune_recipe(work)
    # A training's digest leaves its length out.
    told = {"recipe": recipe.digest, "steps": recipe.loop.steps, "split": SPLIT}
    return {**work.digests(work.pairs), **told, "base": work.models["edit"]}


def make_tuned(work: Work, folder: Path) -> None:
    """Fine-tune the base on the data set, here or on the machines of a cluster, and let MLflow watch.

    Raises:
        RunStopped: a signal ended the training at a checkpoint.

    """
    places, workers = work.places, work.places.tuning_workers
    with _noted(work.report):
        run = partial(tune_on_workers, workers=workers, address=places.ray) if workers > 1 else tune
        report = run(
            tune_recipe(work),
            work.folder(work.pairs),
            places.model("edit"),
            folder,
            tracking=_tracking(work),
            run_name=places.run or work.workspace.folder.resolve().name,
            progress=lambda share: work.report.progress("tune", share),
        )
    if report.stopped == "minutes":
        raise RunStopped("The minutes of the tuning are over; start the run again to go on")
    if report.stopped != "done":
        raise RunStopped("The run was stopped; start it again with the same --out to go on")
    work.report.metrics(report.metrics)


def tune_recipe(work: Work) -> TuneRecipe:
    """Return the recipe of the tuning, with what the run changes in it; settings outweigh --device.

    Guidance is a later stage's to choose, by what a promotion asks; a validation knows the error alone.
    """
    usual = {"choose_guidance": "false"} if work.recipe.guidance_cases else {}
    device = {"loop.device": work.places.device} if work.places.device else {}
    changed: TuneRecipe = override(
        tune_preset(work.recipe.tune), {**usual, **device, **work.recipe.parts.get("tune", {})}, "tune"
    )
    return changed


def _tracking(work: Work) -> str:
    """Return where MLflow is told of the tuning, whatever the working folder; "" where that cannot be."""
    uri = work.places.registry
    try:
        open_client(uri)  # makes a local one's tables, which two processes must not do at once
    except (RegistryError, OSError) as error:
        work.report.note(f"tune: MLflow is not told of the tuning: {error}")
        return ""
    folder = local_folder(uri)
    return uri if folder is None else f"{SQLITE}{folder / Path(uri).name}"


@contextmanager
def _noted(report: Report) -> Iterator[None]:
    """Tell as notes a tracker's failure, and what the tuning warns of."""
    handler = _Noting(report)
    log = logging.getLogger("langdesign_finetune")
    log.addHandler(handler)
    try:
        with _tracked(report):
            yield
    finally:
        log.removeHandler(handler)


class _Noting(logging.Handler):
    """Tells what is logged as notes."""

    def __init__(self, report: Report) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        """Tell a message."""
        self._report.note(f"tune: {record.getMessage()}")


@contextmanager
def _tracked(report: Report) -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("always", TrackingWarning)
        usual = warnings.showwarning

        def tell(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, TrackingWarning):
                report.note(f"tune: {message}")
            else:
                usual(message, category, filename, lineno, file, line)

        warnings.showwarning = tell
        yield
