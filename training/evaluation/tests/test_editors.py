import shutil

import numpy as np
import pytest
from langdesign_edits import Verdict
from langdesign_edits.verdicts import Thresholds
from langdesign_evaluation import (
    EngineEditor,
    ExactRegions,
    Identity,
    RelaRegions,
    RoundTrip,
    Sampling,
    Truth,
)
from langdesign_evaluation.metrics import changed_share, grown
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_rela import Predictor

SAMPLING = Sampling(steps=2)


@pytest.fixture(scope="module")
def editor(models):
    return Editor.load(models / "edit")


@pytest.fixture(scope="module")
def predictor(models):
    return Predictor.from_folder(models / "segment")


def engine(editor, level, finder, batch=8):
    return EngineEditor(level, editor, level, finder, SAMPLING, batch)


def no_op(cases):
    return next(case for case in cases if case.split == "no-op")


def test_the_baselines_bracket_every_editor(cases):
    for case, copy, truth in zip(cases, Identity().edit(cases), Truth().edit(cases), strict=True):
        assert (copy.picture == case.before()).all()
        assert (truth.picture == case.truth()).all()


def test_strict_edits_change_nothing_beyond_region_and_feather(editor, cases):
    for case, outcome in zip(cases, engine(editor, "strict", ExactRegions()).edit(cases), strict=True):
        outside = ~grown(case.region(), SAMPLING.feather)
        assert changed_share(outcome.picture, case.before(), outside) == 0.0
        assert (outcome.mask == case.region()).all()
        assert outcome.no_op == (case.split == "no-op")
        assert outcome.no_op or (outcome.picture != case.before()).any()


@pytest.mark.parametrize("level", ["plain", "attention", "latent"])
def test_weaker_levels_touch_the_whole_picture(editor, cases, level):
    finder = None if level == "plain" else ExactRegions()
    (outcome,) = engine(editor, level, finder).edit(cases[:1])
    outside = ~grown(cases[0].region(), SAMPLING.feather)
    assert changed_share(outcome.picture, cases[0].before(), outside) > 0.5


def test_edits_together_are_the_edits_alone(editor, cases):
    for level in ("attention", "strict"):
        together = list(engine(editor, level, ExactRegions(), batch=5).edit(cases[:7]))
        alone = list(engine(editor, level, ExactRegions(), batch=1).edit(cases[:7]))
        assert len(together) == 7
        for one, other in zip(together, alone, strict=True):
            assert np.abs(one.picture.astype(int) - other.picture).max() <= 1


def test_plain_edits_take_no_ops_for_edits(editor, cases):
    case = no_op(cases)
    (outcome,) = engine(editor, "plain", None).edit([case])
    assert outcome.mask is None
    assert not outcome.no_op
    assert (outcome.picture != case.before()).any()


def test_another_image_guidance_gives_another_edit(editor, cases):
    plain = engine(editor, "plain", None)
    (one,), (other,) = plain.edit(cases[:1]), plain.at(2.2).edit(cases[:1])
    assert (one.picture != other.picture).any()
    assert plain.sampling.image_guidance == SAMPLING.image_guidance


def test_what_rela_finds_is_where_the_edit_acts(editor, predictor, cases):
    finder = RelaRegions(predictor, Thresholds(no_target_threshold=0.999999, least_area=0))
    found = finder(cases)
    for case, one, outcome in zip(cases, found, engine(editor, "strict", finder).edit(cases), strict=True):
        alone = predictor.predict(case.before(), [case.edit.expression])
        assert np.isclose(one.no_target, alone.no_target[0], atol=1e-5)
        assert (outcome.mask == one.mask).all()
        assert changed_share(outcome.picture, case.before(), ~grown(one.mask, SAMPLING.feather)) in {
            None,
            0.0,
        }


def test_no_target_makes_a_no_op(editor, predictor, cases):
    finder = RelaRegions(predictor, Thresholds(no_target_threshold=1e-6))
    (outcome,) = engine(editor, "strict", finder).edit(cases[:1])
    assert outcome.no_op
    assert outcome.verdict is Verdict.NO_TARGET
    assert not outcome.mask.any()
    assert (outcome.picture == cases[0].before()).all()


def test_what_is_uncertain_is_not_edited(editor, predictor, cases):
    finder = RelaRegions(predictor, Thresholds(no_target_threshold=0.999999, uncertain_threshold=1e-6))
    (outcome,) = engine(editor, "strict", finder).edit(cases[:1])
    assert outcome.no_op
    assert outcome.verdict is Verdict.UNCERTAIN
    assert (outcome.picture == cases[0].before()).all()


def test_a_thing_whose_name_the_network_does_not_know_is_not_edited(models, tmp_path, cases):
    folder = shutil.copytree(models / "segment", tmp_path / "segment")
    (folder / "words.txt").write_text("rug\n")
    finder = RelaRegions(Predictor.from_folder(folder), Thresholds(no_target_threshold=0.999999))
    chair, rug = (
        next(one for one in cases if one.edit.expression == f"the {name}") for name in ("chair", "rug")
    )
    unknown, known = finder([chair, rug])
    assert (unknown.verdict, unknown.no_op) == (Verdict.UNKNOWN_WORD, True)
    assert known.verdict is not Verdict.UNKNOWN_WORD


def test_the_round_trip_costs_something_and_keeps_the_size(editor, cases):
    (outcome,) = RoundTrip(editor).edit(cases[:1])
    assert outcome.picture.shape == cases[0].before().shape
    assert (outcome.picture != cases[0].before()).any()


def test_the_round_trip_of_the_truth_has_the_detail_that_edits_get(editor, cases):
    case = no_op(cases)  # its truth is the picture before, so that all detail is to be had
    without, with_it = (
        next(RoundTrip(editor, truth=True, detail=detail).edit([case])) for detail in (0.0, 10.0)
    )
    assert (without.picture != case.truth()).any()
    assert np.array_equal(with_it.picture, case.truth())


def test_the_checkpoint_is_named(editor):
    assert engine(editor, "plain", None).checkpoint.startswith("edit@sha256:")
    assert Identity().checkpoint == ""
