"""With which guidance the tuned editor is sampled; trying it is the business of `langdesign_evaluation`."""

import json

import pytest
from langdesign_dataset.samples import SampleSet
from langdesign_evaluation.guidance import Trial, Trials
from langdesign_finetune.sample_pairs import split
from langdesign_specialise import advising
from langdesign_specialise.held_out import apart_for_bench, apart_for_guidance
from langdesign_specialise.learning import tune_recipe
from langdesign_specialise.stages import stages_until
from langdesign_specialise.workspace import Done
from langdesign_triples import Change

from .test_judging import WARDROBE, pairs

TRIED = {**WARDROBE, "guidance_cases": "3"}
OWN = {"steps": 12, "guidance_scale": 2.0, "image_guidance_scale": 1.0, "working_size": 128}


@pytest.fixture
def tuned(tmp_path):
    """A stage that tuned an editor."""
    model = tmp_path / "tuning" / "model"
    (model / "unet").mkdir(parents=True)
    (model / "unet" / "weights").write_bytes(b"weights")
    (model / "sampling.json").write_text(json.dumps(OWN))
    return Done(model.parent, "tuning", 0.0)


def told(folder):
    return json.loads((folder / "model" / "sampling.json").read_text())


def test_what_suits_a_promotion_best_is_advised_and_the_tuning_stays_as_it_is(
    work, tmp_path, tuned, monkeypatch, notes
):
    run = work(overrides=TRIED)
    run.done |= {"dataset": pairs(tmp_path, {Change.ALTER, Change.NONE}), "tune": tuned}
    base = Trial(2.0, 1.0, 0.2, 23.0, 0.9)
    gentle, strong = Trial(2.0, 1.0, 0.19, 24.0, 0.8), Trial(4.0, 1.5, 0.25, 23.0, 0.9)
    asked = {}

    def tried(*places, **counts):
        asked.update(counts, places=places)
        return Trials(base, (gentle, strong), no_ops=3)

    monkeypatch.setattr(advising, "try_guidance", tried)
    out = tmp_path / "out"
    out.mkdir()
    advising.make_guidance(run, out)
    assert told(out) == {**OWN, "guidance_scale": 4.0, "image_guidance_scale": 1.5}
    assert told(tuned.folder) == OWN
    assert (out / "model/unet/weights").read_bytes() == b"weights"
    assert (asked["edits"], asked["no_ops"]) == (3, 3)
    assert json.loads((out / "guidance.json").read_text())["chosen"]["guidance_scale"] == 4.0
    assert "s_T 4 and s_I 1.5 are advised" in notes(run)
    run.done["guidance"] = Done(out, "guidance", 0.0)
    assert advising.tuned_model(run) == out / "model"
    assert advising.read_guidance(run) == (Trials(base, (gentle, strong), no_ops=3), strong)


def test_where_no_edit_is_held_out_the_advice_of_the_base_stays(work, tmp_path, tuned, notes):
    run = work(overrides={**TRIED, "tune.held_out": "0"})
    run.done |= {"dataset": pairs(tmp_path, {Change.ALTER}), "tune": tuned}
    out = tmp_path / "out"
    out.mkdir()
    advising.make_guidance(run, out)
    assert told(out) == OWN
    assert "no other than the base's is tried" in notes(run)


def test_no_pair_both_chooses_the_guidance_and_judges_the_editor(work, tmp_path):
    done = pairs(tmp_path, {Change.ALTER, Change.NONE})
    samples = SampleSet(done.folder)
    judging = apart_for_bench(samples, 0.4, shared=True)
    choosing = apart_for_guidance(samples, 0.4, shared=True)
    assert judging
    assert choosing
    assert sorted([*judging, *choosing]) == split(samples, 0.4)[1]
    # Rooms are rendered, and judged on scenes of their own: every pair held out may choose.
    assert apart_for_guidance(samples, 0.4, shared=False) == split(samples, 0.4)[1]
    assert apart_for_bench(samples, 0.4, shared=False) == split(samples, 0.4)[1]
    run, rooms = work(overrides=TRIED), work(overrides={"guidance_cases": "3"})
    for one in (run, rooms):
        one.done |= {"dataset": done, "tune": done}
        one.places.check(one.recipe.context)
    assert advising.guidance_inputs(run)["shared"]
    assert not advising.guidance_inputs(rooms)["shared"]


def test_a_validation_does_not_choose_what_a_stage_of_its_own_chooses(work):
    names = [stage.name for stage in stages_until("guidance", work(overrides=TRIED))]
    assert names[-2:] == ["tune", "guidance"]
    assert "guidance" not in [stage.name for stage in stages_until("register", work())]  # tiny tries none
    assert not tune_recipe(work(preset="mini")).choose_guidance
    assert tune_recipe(work(preset="mini", overrides={"guidance_cases": "0"})).choose_guidance
    told = {"tune.choose_guidance": "true"}
    assert tune_recipe(work(preset="mini", overrides=told)).choose_guidance
