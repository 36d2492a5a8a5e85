"""What the editors are judged on; judging them is the business of `langdesign_evaluation`."""

import dataclasses
import json

import numpy as np
import pytest
from langdesign_dataset.samples import SampleSet, encode_picture, write_samples
from langdesign_evaluation.errors import BenchSetError, EvaluationError
from langdesign_finetune.sample_pairs import split
from langdesign_specialise import cli, judging, preparing
from langdesign_specialise.checking import check
from langdesign_specialise.errors import RecipeError
from langdesign_specialise.stages import stages_until
from langdesign_specialise.workspace import Done
from langdesign_triples import Change
from PIL import Image

from .conftest import ROOT

FULL = {"preset": "full", "device": "cpu", "llm_base_url": "http://127.0.0.1:9"}
SMALL = {
    "llm_dollars": "0",
    "tune.side": "128",
    "tune.objective.prediction": "v_prediction",
}  # fits the embedded base


@pytest.fixture
def magicbrush(tmp_path):
    """The folder of a test split of one edit."""
    folder = tmp_path / "magicbrush"
    (folder / "images" / "1").mkdir(parents=True)
    names = {"input": "1-input.png", "mask": "1-mask1.png", "output": "1-output1.png"}
    for name in names.values():
        Image.new("RGB", (64, 64), "white").save(folder / "images" / "1" / name)
    (folder / "edit_turns.json").write_text(json.dumps([{**names, "instruction": "make it brighter"}]))
    captions = {"1": {"1-input.png": "a dark square", "1-output1.png": "a bright square"}}
    (folder / "global_descriptions.json").write_text(json.dumps(captions))
    return folder


def test_full_fails_before_anything_is_paid_where_there_is_nothing_to_judge_on(work):
    with pytest.raises(RecipeError, match=r"give --bench magicbrush:PATH, or choose with --set bench_fam"):
        check(work(overrides=SMALL, **FULL), judges=True)


@pytest.mark.parametrize("context", ["interior", "wardrobe"])
def test_full_goes_on_with_a_bench_that_somebody_chose(work, magicbrush, context):
    chosen = {**SMALL, "context": context}
    check(work(overrides=chosen, bench=("magicbrush", magicbrush), **FULL), judges=True)
    check(work(overrides={**chosen, "bench_families": "8"}, **FULL), judges=True)
    check(work(overrides=chosen, **FULL), judges=False)  # a run that makes pairs, or tunes


def test_a_public_set_takes_the_place_of_scenes_in_any_preset(work, magicbrush, tmp_path):
    run = work(bench=("magicbrush", magicbrush))
    judging.make_bench(run, tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
    told = judging.bench_inputs(run)["public"]
    assert (told["name"], told["families"]) == ("magicbrush", 1)
    assert judging.bench_inputs(work()).keys() == {"families", "digest"}


def test_a_public_set_without_the_truth_is_told_before_any_work(work, tmp_path):
    (tmp_path / "mapping_file.json").write_text("{}")
    with pytest.raises(RecipeError, match="of magicbrush, emu-edit, pie-bench, gedit give magicbrush"):
        check(work(bench=("pie-bench", tmp_path)), judges=True)


WARDROBE = {"context": "wardrobe", "tune.held_out": "0.4"}


def pairs(tmp_path, changes):
    """Return a stage that made a data set of these changes, each pair linked to no other."""
    kept = [one for one in SampleSet(ROOT / "training/dataset/sample") if one.triple.change in changes]
    made = [
        dataclasses.replace(
            one,
            key=f"{number:032x}",
            triple=dataclasses.replace(one.triple, input=f"{one.triple.input} {number}"),
            before=painted(number),
            after=painted(number if one.triple.change is Change.NONE else 100 + number),
            mask=None,
        )
        for number, one in enumerate(kept * (24 // len(kept)))
    ]
    return Done(write_samples(tmp_path / "pairs", made, recipe={}).folder, "pairs", 0.0)


def painted(number):
    return encode_picture(np.full((16, 16, 3), number, np.uint8))


def test_pairs_that_are_all_trained_on_are_told_before_any_work(work):
    given = work(overrides={**WARDROBE, "tune.held_out": "0"})
    with pytest.raises(RecipeError, match=r"judged on pairs that are held out .* --set tune\.held_out=0\.05"):
        check(given, judges=True)
    check(given, judges=False)  # it only tunes
    check(work(overrides={"tune.held_out": "0"}), judges=True)  # rooms are rendered


def test_the_bench_is_looked_at_before_the_tuning_in_runs_that_judge(work):
    run = work()
    assert "bench" not in [stage.name for stage in stages_until("tune", run)]
    run.judges = True
    names = [stage.name for stage in stages_until("register", run)]
    assert names.index("dataset") < names.index("bench") < names.index("tune")


def test_held_out_pairs_in_which_nothing_changes_are_no_bench(work, tmp_path):
    run = work(overrides=WARDROBE)
    run.done["dataset"] = pairs(tmp_path, {Change.NONE, Change.ALTER})
    samples = SampleSet(run.folder("dataset"))
    edits = [place for place, one in enumerate(samples) if one.triple.change is Change.ALTER]
    assert set(split(samples, 0.4)[1]) & set(edits)
    kept = [
        one for place, one in enumerate(samples) if place not in split(samples, 0.4)[1] or place not in edits
    ]
    run.done["dataset"] = Done(write_samples(tmp_path / "less", kept, recipe={}).folder, "less", 0.0)
    with pytest.raises(
        BenchSetError, match=r"holds out no pair in which something changes.*tune\.held_out=SHARE"
    ):
        judging.make_bench(run, tmp_path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({Change.ALTER, Change.REMOVE}, "hold no pair in which nothing should change"),
        ({Change.ALTER, Change.NONE}, ""),
    ],
)
def test_a_bench_without_no_ops_is_noted_with_what_to_change(work, tmp_path, notes, changes, said):
    run = work(overrides=WARDROBE)
    run.done["dataset"] = pairs(tmp_path, changes)
    judging.make_bench(run, tmp_path)
    assert said in notes(run)
    assert ("--set dataset.no_op_share=1" in notes(run)) == bool(said)


def test_another_number_of_no_ops_is_another_evaluation_of_the_same_bench(work):
    usual, more = (work("tune", "bench", overrides=told) for told in ({}, {"no_ops": "9"}))
    assert judging.bench_inputs(usual) == judging.bench_inputs(more)
    assert judging.evaluation_inputs(more) == {**judging.evaluation_inputs(usual), "no_ops": 9}


def test_another_set_or_share_of_held_out_pairs_is_another_bench(work, tmp_path):
    run, larger = (
        work("dataset", overrides=WARDROBE),
        work("dataset", overrides={**WARDROBE, "tune.held_out": "0.5"}),
    )
    other = work("dataset", overrides=WARDROBE)
    other.done["dataset"] = Done(tmp_path, "other", 0.0)
    assert len({str(judging.bench_inputs(one)) for one in (run, other, larger)}) == 3


@pytest.mark.parametrize(
    ("bench", "said"),
    [("edits:there", "'edits' is no benchmark"), ("magicbrush", "names no place; write magicbrush:PATH")],
)
def test_a_bench_is_a_name_and_a_place(monkeypatch, tmp_path, capsys, bench, said):
    monkeypatch.setenv("SPECIALISE_BENCH", bench)
    assert cli.specialise_main(["--out", str(tmp_path)]) == 1
    assert said in capsys.readouterr().err


def test_scenes_that_editors_are_judged_on_are_drawn_as_those_that_they_are_tuned_on(work, monkeypatch):
    drawn = {}
    for module in (preparing, judging):
        monkeypatch.setattr(module, "render", lambda _, name, __, ___, recipe: drawn.setdefault(name, recipe))
    run = work(overrides={"general_share": "0.25"})
    preparing.make_scenes(run, run.workspace.folder)
    with pytest.raises(EvaluationError):  # nothing was rendered
        judging.make_bench(run, run.workspace.folder)
    assert dataclasses.replace(drawn["scenes"], seed=0) == dataclasses.replace(drawn["bench"], seed=0)
    assert drawn["bench"].general_share == 0.25
    assert drawn["scenes"].seed != drawn["bench"].seed
