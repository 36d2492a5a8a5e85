"""MLflow told what a training's log is told, and shown its edits; a tracker that is down ends no training.

FOLDER/mlflow-run.json   the run, so that a training that goes on goes on there
"""

from __future__ import annotations

import json
import math
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

EXPERIMENT = "langdesign-finetune"
RUN = "mlflow-run.json"

_PATIENCE = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "5", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}  # seconds, retries
_LONGEST = 500  # characters of a parameter


class TrackingWarning(RuntimeWarning):
    """A tracker is told no more; the training goes on."""


class MlflowTracker:
    """One training as a run of MLflow; after the first failure it warns once and is silent.

    Args:
        uri: of the tracking server, or sqlite:///FILE.
        folder: of the training.
        described: told as parameters, nested ones with dots.
        sheet: picture that is shown after each validation.
        name: of the run; "" for the folder's.

    """

    def __init__(
        self, uri: str, folder: Path, described: Mapping[str, Any], sheet: Path, name: str = ""
    ) -> None:
        self._uri, self._folder, self._sheet = uri, folder, sheet
        self._name = name or folder.resolve().name
        self._run: _Run | None = None
        self._safely(lambda: self._begin(described))

    def losses(self, step: int, values: Mapping[str, float]) -> None:
        """Take means of losses, learning rate and speed; what is not finite is left out."""
        if run := self._run:
            self._safely(lambda: run.log(step, values))

    def validation(self, step: int, values: Mapping[str, float]) -> None:
        """Take a validation's metrics, and show its edits."""
        if run := self._run:
            self._safely(lambda: self._validated(run, step, values))

    def ended(self, status: str) -> None:
        """Close the run as "FINISHED" or "FAILED"."""
        if run := self._run:
            self._safely(lambda: run.end(status))

    def _begin(self, described: Mapping[str, Any]) -> None:
        path = self._folder / RUN
        known = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        self._run = _Run(self._uri, known.get("run", "") if known.get("uri") == self._uri else "")
        if not known:
            self._run.describe(self._name, described)
        draft = self._folder / f".{RUN}"
        draft.write_text(json.dumps({"uri": self._uri, "run": self._run.name}) + "\n", "utf-8")
        draft.replace(path)

    def _validated(self, run: _Run, step: int, values: Mapping[str, float]) -> None:
        run.log(step, {f"validation/{name}": value for name, value in values.items()})
        if self._sheet.is_file():
            run.show(self._sheet, f"step-{step:08d}")

    def _safely(self, action: Callable[[], object]) -> None:
        try:
            with _hurried():
                action()
        except Exception as error:  # noqa: BLE001 - whatever MLflow's back ends raise, the training goes on
            self._run = None
            first = (str(error) or type(error).__name__).splitlines()[0][:_LONGEST]
            warnings.warn(
                f"MLflow at {self._uri} failed ({first}); the training goes on without it, and "
                f"{self._folder / 'log.jsonl'} holds what it would have been told",
                TrackingWarning,
                stacklevel=3,
            )


class _Run:
    """A run that is open; every method raises what MLflow raises."""

    def __init__(self, uri: str, name: str) -> None:
        # MLflow takes seconds to import, and a training without a tracker needs none.
        from mlflow import MlflowClient  # noqa: PLC0415
        from mlflow.entities import Metric  # noqa: PLC0415

        self._client, self._metric = MlflowClient(tracking_uri=uri), Metric
        if name:
            self._client.update_run(name, status="RUNNING")
        self.name = name or self._new(_artifacts(uri))

    def _new(self, beside: str | None) -> str:
        found = self._client.get_experiment_by_name(EXPERIMENT)
        experiment = found.experiment_id if found else self._client.create_experiment(EXPERIMENT, beside)
        return str(self._client.create_run(experiment).info.run_id)

    def describe(self, title: str, described: Mapping[str, Any]) -> None:
        self._client.update_run(self.name, name=title)
        for name, value in _flat(described):
            self._client.log_param(self.name, name, str(value)[:_LONGEST])

    def log(self, step: int, values: Mapping[str, float]) -> None:
        # MLflow takes what is not finite, and gives infinity back as a finite number.
        now, finite = int(1000 * time.time()), {k: v for k, v in values.items() if math.isfinite(v)}
        metrics = [self._metric(name, value, now, step) for name, value in finite.items()]
        self._client.log_batch(self.name, metrics=metrics)

    def show(self, picture: Path, place: str) -> None:
        self._client.log_artifact(self.name, str(picture), place)

    def end(self, status: str) -> None:
        self._client.set_terminated(self.name, status)


def _artifacts(uri: str) -> str | None:
    """Return where pictures go: beside a file of SQLite, since by default they go to the working folder."""
    file = uri.removeprefix("sqlite:///")
    return (Path(file).resolve().parent / "artifacts").as_uri() if file != uri else None


@contextmanager
def _hurried() -> Iterator[None]:
    """Let MLflow give up on a server in seconds meanwhile, where the environment says nothing else.

    MLflow reads the environment at each request, and takes these from nowhere else.
    """
    own = {name: value for name, value in _PATIENCE.items() if name not in os.environ}
    os.environ.update(own)
    try:
        yield
    finally:
        for name in own:
            os.environ.pop(name, None)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


@contextmanager
def tracked(
    uri: str, folder: Path, described: Mapping[str, Any], sheet: Path, name: str = ""
) -> Iterator[MlflowTracker | None]:
    """Open a run for the time of a training; None where `uri` is empty."""
    if not uri:
        yield None
        return
    tracker = MlflowTracker(uri, folder, described, sheet, name)
    try:
        yield tracker
    except BaseException:
        tracker.ended("FAILED")
        raise
    tracker.ended("FINISHED")
