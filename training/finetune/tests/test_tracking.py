import dataclasses
import http.server
import json
import os
import threading
import warnings
from pathlib import Path
from typing import ClassVar

import pytest
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_finetune.denoising import Objective
from langdesign_finetune.tracking import EXPERIMENT, tracked
from langdesign_finetune.tune_recipes import TUNE
from langdesign_finetune.tuning import tune
from PIL import Image

from .samples import write_tiny

NOBODY = "http://127.0.0.1:9"  # a port where nothing listens


def test_a_tracker_that_is_down_warns_once_and_the_training_ends(tmp_path: Path) -> None:
    random_checkpoint("tiny").save(tmp_path / "base")
    samples = write_tiny(tmp_path / "samples", 12).folder
    recipe = dataclasses.replace(TUNE["tiny"], side=32, objective=Objective(), held_out=0.3).running(steps=2)
    with pytest.warns(RuntimeWarning, match="the training goes on without it") as warned:
        report = tune(recipe, samples, tmp_path / "base", tmp_path / "out", tracking=NOBODY)
    assert len([one for one in warned if "MLflow" in str(one.message)]) == 1
    assert report.stopped == "done"


@pytest.mark.long  # MLflow makes its tables
@pytest.mark.filterwarnings("default")  # what MLflow and SQLAlchemy warn of is not ours
def test_mlflow_is_told_losses_validations_the_recipe_and_pictures_in_one_run(tmp_path: Path) -> None:
    from mlflow import MlflowClient

    uri, sheet = f"sqlite:///{tmp_path}/mlflow.db", tmp_path / "edits.png"
    Image.new("RGB", (8, 8)).save(sheet)
    for first in (1, 3):  # a training that goes on
        described = {"base": "b@sha256:1", "recipe": {"batch": 4}}
        with tracked(uri, tmp_path, described, sheet, "runs/7") as tracker:
            assert tracker is not None
            tracker.losses(first, {"total": 1 / first, "gradient": float("nan"), "lr": float("inf")})
            tracker.validation(first + 1, {"loss": 0.5})
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert (run.info.status, run.info.run_name) == ("FINISHED", "runs/7")
    assert run.data.params == {"base": "b@sha256:1", "recipe.batch": "4"}
    assert run.data.metrics == {"total": pytest.approx(1 / 3), "validation/loss": 0.5}
    assert [one.step for one in client.get_metric_history(run.info.run_id, "total")] == [1, 3]
    shown = [one.path for one in client.list_artifacts(run.info.run_id)]
    assert shown == ["step-00000002", "step-00000004"]
    assert (tmp_path / "artifacts").is_dir()
    assert json.loads((tmp_path / "mlflow-run.json").read_text())["run"] == run.info.run_id


def test_without_an_address_nobody_is_told(tmp_path: Path) -> None:
    with warnings.catch_warnings(), tracked("", tmp_path, {}, tmp_path / "edits.png") as tracker:
        warnings.simplefilter("error")
        assert tracker is None
    assert not list(tmp_path.iterdir())


class Refusing(http.server.BaseHTTPRequestHandler):
    """A tracking server that fails at once; notes what the environment says while it is asked."""

    heard: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.heard.append(os.environ.get("MLFLOW_HTTP_REQUEST_MAX_RETRIES"))
        self.send_error(500)

    do_POST = do_GET  # noqa: N815 - http.server's name

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("own", [None, "0"])
def test_the_tracker_is_in_a_hurry_alone_and_only_where_nobody_chose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str | None
) -> None:
    names = ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "MLFLOW_HTTP_REQUEST_TIMEOUT")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    if own is not None:
        monkeypatch.setenv(names[0], own)
    Refusing.heard.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            with (
                pytest.warns(RuntimeWarning, match="goes on without it"),
                tracked(f"http://127.0.0.1:{server.server_port}", tmp_path, {}, tmp_path / "edits.png"),
            ):
                assert [os.environ.get(name) for name in names] == [own, None]
        finally:
            server.shutdown()
            thread.join()
    assert set(Refusing.heard) == {own or "1"}
