"""What reviewers drop is not trained on; which labels do what is the business of `langdesign_dataset`."""

import json

import pytest
from langdesign_dataset.samples import SampleSet
from langdesign_specialise import learning
from langdesign_specialise.checking import check
from langdesign_specialise.cli import specialise_main
from langdesign_specialise.errors import RecipeError
from langdesign_specialise.stages import do, stages_until
from langdesign_specialise.workspace import Done

from .conftest import ROOT

SAMPLES = SampleSet(ROOT / "training/dataset/sample")


@pytest.fixture
def labels(tmp_path):
    """Labels that drop the first pair."""

    def write(name="labels.json", **changed):
        path = tmp_path / name
        told = {
            "format": "langdesign-labels/1",
            "digest": SAMPLES.digest,
            "labels": {SAMPLES.keys[0]: "drop", **changed},
        }
        path.write_text(json.dumps(told))
        return path

    return write


def until(work, last):
    return [stage.name for stage in stages_until(last, work)]


def reviewed(work):
    """Do what comes of a review, on the repository's sample."""
    work.done["dataset"] = Done(SAMPLES.folder, "dataset", 0.0)
    stage = next(one for one in stages_until("reviewed", work) if one.name == "reviewed")
    return do(stage, work)


def test_pairs_that_reviewers_drop_are_gone_before_the_tuning(work, labels):
    run = work(reviewed=labels())
    done = reviewed(run)
    assert SampleSet(done.folder).keys == SAMPLES.keys[1:]
    assert run.folder(run.pairs) == done.folder
    assert learning.tune_inputs(run).keys() == {"reviewed", "recipe", "steps", "split", "base"}


def test_a_review_is_known_by_what_it_says_and_not_by_its_file(work, labels):
    first = reviewed(work(reviewed=labels("a.json")))
    assert reviewed(work(reviewed=labels("b.json"))).digest == first.digest
    assert reviewed(work(reviewed=labels(**{SAMPLES.keys[1]: "drop"}))).digest != first.digest


def test_a_run_without_labels_has_no_such_stage_and_the_inputs_that_it_had(work, labels):
    run = work("dataset")
    assert until(run, "tune") == ["triples", "scenes", "dataset", "tune"]
    assert learning.tune_inputs(run).keys() == {"dataset", "recipe", "steps", "split", "base"}
    assert until(run, "reviewed") == ["triples", "scenes", "dataset"]
    assert until(work(reviewed=labels()), "reviewed")[-1] == "reviewed"


def test_labels_that_cannot_be_read_are_told_before_any_work(work, tmp_path):
    with pytest.raises(RecipeError, match=r"labels\.json holds no labels"):
        check(work(reviewed=tmp_path / "labels.json"), judges=True)


def test_a_launcher_takes_labels_from_the_runs_own_folder_alone(tmp_path, labels, capsys):
    from langdesign_specialise import cli

    own = tmp_path / "run"
    own.mkdir()
    arguments = ["run", "dataset", "--recipe", "tiny", "--models", "nowhere", "--out", str(own)]
    for path, said in ((labels(), "into the run's own folder"), (own / "labels.json", "nowhere lacks edit")):
        assert cli.told(lambda path=path: cli.app([*arguments, "--reviewed", str(path)])) == 1
        assert said in capsys.readouterr().err
    assert specialise_main(["--models", "nowhere", "--out", str(own), "--reviewed", str(labels())]) == 1
    assert "nowhere lacks edit" in capsys.readouterr().err
