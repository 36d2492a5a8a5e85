import dataclasses
import math

import numpy as np
import pytest
from langdesign_edits import Verdict
from langdesign_evaluation import Identity, Judge, Outcome, Truth
from langdesign_evaluation.figures import OUTSIDE, by_group, figures, intervals_by_group
from langdesign_evaluation.promises import promises

MARGIN = 2


@pytest.fixture(scope="module")
def judge(clip, dino):
    return Judge(clip, dino, MARGIN)


def first(cases, operation):
    return next(case for case in cases if case.operation == operation)


def measured(judge, case, outcome, region="found"):
    (found,) = judge.measure([case], [outcome], region)
    return found


def test_a_copy_and_the_truth_are_the_ends_of_the_scale(judge, cases):
    case = first(cases, "recolour")
    copy = measured(judge, case, Outcome(case.before()), "none")
    truth = measured(judge, case, Outcome(case.truth()), "none")
    assert copy.clip_im == pytest.approx(1.0, abs=1e-5)
    assert copy.dino == pytest.approx(1.0, abs=1e-5)
    assert copy.clip_dir == pytest.approx(0.0, abs=1e-5)
    assert truth.inside_l1 == truth.inside_mse == 0.0
    # The chair turns from (176, 36, 34) to (48, 96, 178): (128 + 60 + 144) / 3 levels.
    assert copy.inside_l1 == pytest.approx(332 / 3 / 255)
    assert copy.changed == copy.outside_changed == 0.0


def test_inside_outside_and_the_margin_between_are_told_apart(judge, cases):
    case = first(cases, "recolour")
    left, top, width, height = case.family.states[0].instances[1].box
    picture = case.before()
    picture[top : top + height, left + width : left + width + MARGIN] = 0  # the margin
    assert measured(judge, case, Outcome(picture)).outside_changed == 0.0
    picture[0, :] = 230  # 64 pixels outside change by 5 levels, unseen
    found = measured(judge, case, Outcome(picture))
    outside = 64 * 64 - (width + 2 * MARGIN) * (height + 2 * MARGIN)
    assert found.outside_changed == pytest.approx(64 / outside)
    assert found.outside_visible == 0.0
    assert found.outside_mse == pytest.approx((5 / 255) ** 2 * 64 / outside)
    assert found.changed == pytest.approx((64 + MARGIN * height) / 64**2)


def test_leaks_are_held_against_the_editors_own_region(judge, cases):
    case = first(cases, "recolour")
    picture, own = case.before(), np.zeros((64, 64), bool)
    own[:8] = True
    picture[:10] = 0
    assert measured(judge, case, Outcome(picture, own)).leaked == 0.0
    picture[:12] = 0
    assert measured(judge, case, Outcome(picture, own)).leaked == pytest.approx(2 / 54)
    assert measured(judge, case, Outcome(picture)).leaked is None


def test_masks_are_judged_only_where_they_were_looked_for(judge, cases):
    case = first(cases, "recolour")
    found = measured(judge, case, Outcome(case.truth(), case.located()))
    assert found.mask_iou == 1.0
    assert found.no_target_right is True
    given = measured(judge, case, Outcome(case.truth(), case.region()), "truth")
    assert given.mask_iou is given.no_target_right is None


def test_an_additions_mask_is_not_judged_as_it_may_be_beside_what_the_expression_means(judge, cases):
    additions = [case for case in cases if case.operation == "add"]
    edits = [first(cases, "recolour"), *additions]
    found = judge.measure(edits, [Outcome(case.truth(), case.located()) for case in edits], "found")
    assert [one.mask_iou for one in found] == [1.0, *[None] * len(additions)]
    assert all(one.no_target_right for one in found)
    assert figures(found, found, [False] * len(found), given=False)["mask_iou"] == 1.0


def test_an_editor_without_mask_took_the_whole_picture(judge, cases):
    case = first(cases, "recolour")
    assert measured(judge, case, Outcome(case.truth())).mask_iou == pytest.approx(16 * 24 / 64**2)


def test_noticing_that_nothing_is_meant(judge, cases):
    absent, present = first(cases, "none"), first(cases, "recolour")
    nothing = np.zeros((64, 64), bool)
    for case, right in ((absent, True), (present, False)):
        outcome = Outcome(case.before(), nothing, no_op=True, no_target=0.9)
        assert measured(judge, case, outcome).no_target_right is right
    assert measured(judge, absent, Outcome(absent.before())).no_target_right is False
    assert measured(judge, absent, Outcome(absent.before())).inside_l1 is None


def test_certificates_are_counted_beside_what_is_uncertain(judge, cases):
    absent, present = first(cases, "none"), first(cases, "recolour")
    nothing = np.zeros((64, 64), bool)
    said = {
        verdict: Outcome(present.before(), nothing, verdict is not Verdict.FOUND, verdict=verdict)
        for verdict in Verdict
    }
    rows = {verdict: measured(judge, present, outcome) for verdict, outcome in said.items()}
    assert {verdict: (one.certified, one.uncertain) for verdict, one in rows.items()} == {
        Verdict.FOUND: (False, False),
        Verdict.NO_TARGET: (True, False),
        Verdict.UNCERTAIN: (False, True),
        Verdict.UNKNOWN_WORD: (False, False),
    }
    told = list(rows.values())
    found = figures(told, told, [False] * 4, given=False)
    assert found["false_certificate_rate"] == found["uncertain_present"] == 0.25
    assert found["certified"] is found["uncertain_absent"] is None
    certified = measured(judge, absent, Outcome(absent.before(), nothing, True, verdict=Verdict.NO_TARGET))
    assert figures([certified], [certified], [True], given=False)["certified"] == 1.0
    silent = measured(judge, present, Outcome(present.before(), nothing, no_op=True))
    assert silent.certified is silent.uncertain is None


def test_references_are_judged_where_they_were_read(judge, cases):
    case = first(cases, "recolour")
    for read, right in (("The Chair", True), ("the rug", False), (None, None)):
        assert measured(judge, case, Outcome(case.truth(), expression=read)).reference_right is right


def test_figures_of_the_baselines(judge, cases):
    copies = judge.measure(cases, list(Identity().edit(cases)), "none")
    truths = judge.measure(cases, list(Truth().edit(cases)), "truth")
    copy = by_group(cases, copies, copies, given=False)
    truth = by_group(cases, truths, copies, given=True)
    assert copy["all edits"]["gain"] == copy["all edits"]["nearer"] == 0.0
    assert truth["all edits"]["gain"] == truth["all edits"]["nearer"] == 1.0
    assert truth["all edits"]["inside_psnr"] == math.inf
    assert copy["no-op"]["false_edit_rate"] == 0.0
    assert "false_edit_rate" not in truth["no-op"]
    assert copy["no-op"]["gain"] is None
    assert set(copy) >= {"single object", "room", "ambiguous reference", "recolour", "general", "left out"}
    assert "pattern" not in copy


def test_the_gain_is_of_the_mean_errors_and_false_edits_are_counted(judge, cases):
    (copy,) = judge.measure(cases[:1], list(Identity().edit(cases[:1])), "none")
    rows = [
        dataclasses.replace(copy, inside_l1=error, changed=share, visible=share, seconds=seconds)
        for error, share, seconds in ((0.1, 0.0, 1.0), (0.4, 0.005, None), (0.1, 0.5, 2.0))
    ]
    copies = [dataclasses.replace(copy, inside_l1=error) for error in (0.2, 0.3, 0.5)]
    found = figures(rows, copies, [False] * 3, given=False)
    assert found["gain"] == pytest.approx(1 - 0.6 / 1.0)
    assert found["nearer"] == pytest.approx(2 / 3)
    assert found["false_edit_rate"] == pytest.approx(2 / 3)
    assert found["visible_false_edit_rate"] == pytest.approx(1 / 3)
    assert found["seconds"] == pytest.approx(1.5)


def test_promises_take_the_best_editor_and_every_strict_one():
    figures = {
        "plain": {"recolour": {"gain": 0.1}},
        "strict": {"recolour": {"gain": 0.41}, "all edits": {"leaked": 0.0, "mask_iou": 0.5}},
        "tuned: strict": {"recolour": {"gain": 0.2}, "all edits": {"leaked": 0.1}},
    }
    found = {(one["what"], one["editor"]): (one["met"], one["best"]) for one in promises(figures)}
    assert found == {
        ("gain inside, recolour", "strict"): (True, True),
        ("mask IoU", "strict"): (False, True),
        ("changed beyond the region and its feather", "strict"): (True, False),
        ("changed beyond the region and its feather", "tuned: strict"): (False, False),
    }


def test_certificates_and_false_edits_are_promised_of_editors_that_look():
    figures = {
        "plain": {"no-op": {"false_edit_rate": 0.0}},
        "strict": {
            "all edits": {"false_certificate_rate": 0.02},
            "no-op": {"false_edit_rate": 0.09, "no_target_accuracy": 0.91},
        },
    }
    found = {one["what"]: (one["editor"], one["met"], one["at_most"]) for one in promises(figures)}
    assert found["false certificates"] == ("strict", True, True)
    assert found["false edits"] == ("strict", False, True)


def test_others_count_among_the_best():
    figures = {"strict": {"recolour": {"gain": 0.3}}, "theirs": {"recolour": {"gain": 0.5}}}
    (promise,) = promises(figures)
    assert (promise["editor"], promise["met"], promise["best"]) == ("theirs", True, True)


def test_a_level_is_held_against_plain_editing_by_the_same_checkpoint():
    def found(gain: float, outside: float) -> dict[str, dict[str, float]]:
        return {"all edits": {"gain": gain, "outside_psnr": outside}}

    figures = {
        "plain": found(0.2, 16.0),
        "attention": found(0.25, 15.0),
        "strict, ReLA region": found(0.2, math.inf),
        "tuned: plain": found(0.3, 18.0),
        "tuned: strict": found(0.25, math.inf),
        "someone else's": found(0.9, 10.0),
    }
    beside = {one["editor"]: (one["value"], one["met"]) for one in promises(figures)}
    assert beside == {
        "attention": (pytest.approx(0.05), False),
        "strict, ReLA region": (0.0, True),
        "tuned: strict": (pytest.approx(-0.05), False),
    }


@pytest.mark.parametrize(
    ("value", "shown"), [(math.inf, "exact"), ("exact", "exact"), (31.25, "31.2 dB"), (None, "-")]
)
def test_a_figure_is_shown_alike_as_measured_and_as_reported(value, shown):
    assert OUTSIDE[0].write(value) == shown


def test_a_text_that_is_no_figure_is_refused():
    with pytest.raises(ValueError, match="'perfect' is no figure"):
        OUTSIDE[0].write("perfect")


def test_what_the_contract_hides_is_measured_before_it_does(judge, cases):
    case = first(cases, "recolour")
    made = case.before()
    made[:4] = 0  # far from the chair
    hidden = measured(judge, case, Outcome(case.before(), uncomposited=made))
    assert hidden.outside_mse == hidden.outside_visible == 0.0
    assert hidden.bare_visible == measured(judge, case, Outcome(made)).outside_visible > 0
    assert hidden.bare_mse > 0
    assert hidden.bare_dino < 0.99
    copy = measured(judge, case, Outcome(case.before()))
    assert copy.bare_dino == pytest.approx(1.0, abs=1e-5)
    assert copy.bare_mse == copy.seam == copy.structure == 0.0


def test_a_hard_edge_beyond_the_region_is_a_seam(judge, cases):
    case = first(cases, "recolour")
    left, top, width, height = case.family.states[0].instances[1].box
    picture = case.truth().copy()
    assert measured(judge, case, Outcome(picture)).seam == pytest.approx(0.0, abs=1e-6)
    picture[top - 1 : top + height + 1, left + width : left + width + 1] = (
        0  # half of the feather, then a step
    )
    assert measured(judge, case, Outcome(picture)).seam > 0.02


def test_every_figure_of_a_group_has_an_interval_that_holds_it(judge, cases):
    copies = [measured(judge, case, Outcome(case.before())) for case in cases]
    truths = [measured(judge, case, Outcome(case.truth())) for case in cases]
    told = by_group(cases, truths, copies, given=False)
    sure = intervals_by_group(cases, truths, copies, given=False)
    assert told.keys() == sure.keys()
    for group, values in told.items():
        assert sure[group].keys() == {key for key, value in values.items() if value is not None}
        for key, (low, high) in sure[group].items():
            assert low <= values[key] + 1e-9
            assert values[key] - 1e-9 <= high
    assert sure["all edits"]["gain"] == (1.0, 1.0)
    low, high = sure["all edits"]["clip_im"]
    assert low < high
