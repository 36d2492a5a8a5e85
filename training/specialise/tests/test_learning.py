"""Where the editor is tuned and who hears of it; tuning is the business of `langdesign_finetune`."""

import warnings

import pytest
from langdesign_finetune.loop import LoopReport
from langdesign_finetune.tracking import TrackingWarning
from langdesign_finetune.variety import check_variety
from langdesign_specialise import learning
from langdesign_specialise.checking import check
from langdesign_specialise.errors import RecipeError

DONE = LoopReport(4, 4, 16, 1.0, 0, "digest", "done", {"loss": 0.5})


@pytest.fixture
def tuned(monkeypatch):
    """Takes down how a tuning was asked for: (who was asked, recipe, named arguments)."""
    asked = []

    def tune(who):
        def take(recipe, samples, base, out, **named):
            asked.append((who, recipe, named))
            return DONE

        return take

    monkeypatch.setattr(learning, "tune", tune("here"))
    monkeypatch.setattr(learning, "tune_on_workers", tune("workers"))
    monkeypatch.setattr(learning, "open_client", lambda uri: None)
    return asked


def test_a_device_reaches_every_model_and_leaves_the_stages_what_they_are(work):
    usual, given = work("dataset"), work("dataset", device="cuda:1")
    assert (usual.device, learning.tune_recipe(usual).loop.device) == ("cpu", "cpu")
    assert (given.device, learning.tune_recipe(given).loop.device) == ("cuda:1", "cuda:1")
    assert learning.tune_inputs(usual) == learning.tune_inputs(given)


def test_a_recipe_trains_where_it_says_unless_somebody_says_otherwise(work):
    full = {"preset": "full", "overrides": {}}
    assert learning.tune_recipe(work(**full)).loop.device == "cuda"
    assert learning.tune_recipe(work(**full, device="cpu")).loop.device == "cpu"
    own = work(overrides={"tune.loop.device": "cpu"}, device="cuda")
    assert learning.tune_recipe(own).loop.device == "cpu"


@pytest.mark.parametrize(
    ("places", "overrides"),
    [({"device": "cuda:77"}, {}), ({}, {"tune.loop.device": "cuda:77"})],
)
def test_a_gpu_that_is_not_there_is_told_before_any_work(work, places, overrides):
    with pytest.raises(RecipeError, match="'cuda:77' is not there: this machine has"):
        check(work(overrides=overrides, **places), judges=True)


@pytest.mark.parametrize(
    ("places", "who", "cluster"),
    [
        ({"ray": "10.0.0.1:6379", "machines": 2}, "workers", {"workers": 2, "address": "10.0.0.1:6379"}),
        ({"ray": "10.0.0.1:6379"}, "here", {}),
        ({"machines": 2}, "here", {}),
    ],
)
def test_machines_of_a_cluster_share_the_tuning(work, tuned, tmp_path, places, who, cluster):
    learning.make_tuned(work("dataset", **places), tmp_path)
    ((asked, _, named),) = tuned
    assert asked == who
    assert {name: named[name] for name in ("workers", "address") if name in named} == cluster


def test_machines_that_a_batch_cannot_be_divided_among_are_told_before_any_work(work):
    with pytest.raises(RecipeError, match="A batch of 4 cannot be divided among 3 workers"):
        check(work(ray="10.0.0.1:6379", machines=3), judges=True)


def test_mlflow_hears_of_the_tuning_under_the_name_of_the_run(work, tuned, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for places in ({"registry": "sqlite:///kept/mlflow.db"}, {"registry": "http://mlflow", "run": "runs/7"}):
        learning.make_tuned(work("dataset", **places), tmp_path)
    told = [(named["tracking"], named["run_name"]) for *_, named in tuned]
    assert told == [(f"sqlite:///{tmp_path}/kept/mlflow.db", "run"), ("http://mlflow", "runs/7")]


def test_a_tracker_that_fails_is_noted_and_the_run_goes_on(work, tuned, tmp_path, monkeypatch, notes):
    def failing(*_, **named):
        warnings.warn("MLflow at http://mlflow failed (gone)", TrackingWarning, stacklevel=1)
        named["progress"](0.5)
        return DONE

    monkeypatch.setattr(learning, "tune", failing)
    run = work("dataset", registry="http://mlflow")
    learning.make_tuned(run, tmp_path)
    assert "tune: MLflow at http://mlflow failed (gone)" in notes(run)


def test_a_registry_that_is_none_is_noted_and_nobody_is_told_of_the_tuning(
    work, tmp_path, monkeypatch, notes
):
    asked = []
    monkeypatch.setattr(learning, "tune", lambda *_, **named: asked.append(named["tracking"]) or DONE)
    run = work("dataset", registry="ftp://mlflow")
    learning.make_tuned(run, tmp_path)
    assert asked == [""]
    assert "MLflow is not told of the tuning: 'ftp://mlflow' is no registry" in notes(run)


def test_what_the_tuning_warns_of_is_a_note(work, tmp_path, monkeypatch, notes):
    def warning(recipe, samples, *_, **__):
        check_variety(["add", "add", "none"], samples)
        return DONE

    monkeypatch.setattr(learning, "tune", warning)
    run = work("dataset")
    learning.make_tuned(run, tmp_path)
    assert "tune: " in notes(run)
    assert "holds edits of one kind alone (add: 2 pairs to train on" in notes(run)
