"""Editors that are shown a crop, or all of a picture, at the size that their network knows."""

import numpy as np
import pytest
from langdesign_edits import Preserve, dilated
from langdesign_edits.focus import choose, crop
from langdesign_edits.put_back import feather_width, put_back
from langdesign_evaluation import EngineEditor, ExactRegions, Sampling
from langdesign_evaluation.advice import Working
from langdesign_evaluation.finders import Found
from langdesign_evaluation.focusing import FocusedEditor
from langdesign_evaluation.measures import seam_around
from langdesign_evaluation.metrics import changed_share, grown
from langdesign_instruct_pix2pix.editor import Editor

SAMPLING = Sampling(steps=2)
KNOWN = Working(32, 8)  # the cases' pictures have 64 px a side


@pytest.fixture(scope="module")
def editor(models):
    return Editor.load(models / "edit")


def engine(editor, level, finder, batch=8):
    return EngineEditor(level, editor, level, finder, SAMPLING, batch)


@pytest.mark.parametrize("view", ["crop", "whole"])
def test_an_editor_that_sees_less_than_the_picture_changes_nothing_beyond_region_and_feather(
    editor, cases, view
):
    focused = FocusedEditor(view, engine(editor, "strict", ExactRegions(), batch=4), view, KNOWN)
    for case, outcome in zip(cases, focused.edit(cases), strict=True):
        outside = ~grown(case.region(), SAMPLING.feather)
        assert outcome.picture.shape == case.before().shape
        assert changed_share(outcome.picture, case.before(), outside) == 0.0
        assert (outcome.mask == case.region()).all()
        assert outcome.no_op == (case.split == "no-op")
        assert outcome.no_op or (outcome.picture != case.before()).any()


def test_an_editor_without_a_region_sees_the_whole_picture(editor, cases):
    focused = FocusedEditor("plain", engine(editor, "plain", None), "crop", KNOWN)
    (outcome,) = focused.edit(cases[:1])
    assert outcome.mask is None
    assert changed_share(outcome.picture, cases[0].before(), ~cases[0].region()) > 0.5


def test_a_picture_that_the_network_knows_is_edited_as_ever(editor, cases):
    plain = engine(editor, "latent", ExactRegions())
    focused = FocusedEditor("crop", plain, "crop", KNOWN._replace(size=64))
    for one, other in zip(plain.edit(cases[:5]), focused.edit(cases[:5]), strict=True):
        np.testing.assert_array_equal(one.picture, other.picture)


def test_a_small_region_is_edited_as_an_enlarged_crop(editor, cases):
    """The cases' pictures are of the network's size, and the finder's regions small."""
    near = FocusedEditor("crop", engine(editor, "strict", Corner()), "crop", Working(64, 8, enlargement=2))
    plain = engine(editor, "strict", Corner())
    for case, one, other in zip(cases[:4], near.edit(cases[:4]), plain.edit(cases[:4]), strict=True):
        outside = ~grown(Corner.mask(case), SAMPLING.feather)
        assert (one.mask == Corner.mask(case)).all()
        assert changed_share(one.picture, case.before(), outside) == 0.0
        assert (one.picture != other.picture).any()


class Corner:
    """Finds the same small thing in every picture."""

    source = "found"

    def __call__(self, cases):
        return [Found(self.mask(case)) for case in cases]

    @staticmethod
    def mask(case):
        mask = np.zeros(case.before().shape[:2], np.bool_)
        mask[10:22, 8:20] = True
        return mask


def test_a_change_of_colour_inside_leaves_no_step_across_the_feather(cases):
    """By an editor that knows the truth: what is measured is the way to its size and back alone."""
    recoloured = [case for case in cases if case.operation == "recolour"]
    added = []
    for case in recoloured:
        before, region = case.before(), case.region()
        focus = choose(*region.shape, region, KNOWN.size, KNOWN.multiple)
        seen = crop(before, focus)
        feather = feather_width(focus, region, 2)
        truth = crop(case.truth(), focus)
        after = put_back(before, truth, focus, region, preserve=Preserve.STRICT, feather=2, seen=seen)
        added.append(
            seam_around(before, after, region, feather) - seam_around(before, case.truth(), region, feather)
        )
        assert (after == before)[~dilated(region, feather)].all()
    assert len(added) > 3
    assert np.mean(added) <= 0.002  # half a level
