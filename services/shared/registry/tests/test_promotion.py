"""When a version may take another's place, by their evaluations alone."""

import json

import pytest
from langdesign_registry import Gate, InvalidMetrics
from langdesign_registry.evaluation import parse_evaluation
from langdesign_registry.promotion import judge

from .conftest import BASE, evaluation


def parsed(**values):
    return parse_evaluation(json.dumps(evaluation(**values)).encode())


def held(candidate, before=None):
    return {check.metric: check.held for check in judge(candidate, before)}


ALL = {"clip_dir": True, "outside_psnr": True, "false_edit_rate": True}


def test_the_first_version_is_held_against_its_base():
    checks = judge(parsed(clip_dir=0.2), None)
    assert all(check.held for check in checks)
    direction = checks[0]
    assert (direction.before, direction.after) == (0.1, 0.2)
    assert (direction.difference_low, direction.difference_high) == pytest.approx((0.09, 0.11))


@pytest.mark.parametrize(
    ("values", "missed"),
    [
        ({"clip_dir": 0.105}, "clip_dir"),  # better, but not beyond chance
        ({"clip_dir": 0.1}, "clip_dir"),
        ({"outside_psnr": 39.4}, "outside_psnr"),
        ({"outside_psnr": 39.505}, "outside_psnr"),  # within the margin, but not beyond chance
        ({"false_edit_rate": 0.2}, "false_edit_rate"),
        ({"false_edit_rate": 0.145}, "false_edit_rate"),
    ],
)
def test_one_condition_that_does_not_hold_is_named_with_its_interval(values, missed):
    checks = judge(parsed(**values), None)
    assert [check.metric for check in checks if not check.held] == [missed]
    (refused,) = (check for check in checks if not check.held)
    assert f"{refused.difference_low:+.4g} to {refused.difference_high:+.4g}" in refused.condition


def test_a_loss_within_the_margin_is_no_loss():
    assert held(parsed(outside_psnr=39.52, false_edit_rate=0.13)) == ALL


def test_an_interval_that_reaches_zero_is_no_proof_that_nothing_is_lost():
    checks = judge(parsed(clip_dir=2.0, half=0.6), None)
    told = {check.metric: check for check in checks}
    assert {name: check.held for name, check in told.items()} == {
        "clip_dir": True,
        "outside_psnr": False,
        "false_edit_rate": False,
    }
    assert "has to lie above -0.5 dB" in told["outside_psnr"].condition
    assert "has to lie below +0.05" in told["false_edit_rate"].condition
    assert told["outside_psnr"].condition.endswith("A larger bench would narrow it")


def test_a_loss_beyond_the_margin_is_not_blamed_on_the_bench():
    (check,) = (one for one in judge(parsed(outside_psnr=30.0), None) if not one.held)
    assert "larger bench" not in check.condition


def test_the_published_run_of_sixty_no_ops_is_refused_for_its_false_edits():
    value = evaluation(counts=(208, 60))
    measured = {"clip_dir": (0.016, 0.0002, 0.032), "outside_psnr": (-0.12, -0.31, 0.04)}
    measured["false_edit_rate"] = (0.017, -0.033, 0.067)
    for name, ends in measured.items():
        value["metrics"][name]["difference"] = dict(zip(("mean", "low", "high"), ends, strict=True))
    evidence = parse_evaluation(json.dumps(value).encode())
    assert held(evidence) == ALL | {"false_edit_rate": False}
    fewer = Gate(least_no_ops=60)
    (check,) = (one for one in judge(evidence, None, fewer) if not one.held)
    assert "below +0.05; it is +0.017 (-0.033 to +0.067)" in check.condition


@pytest.mark.parametrize(
    ("counts", "missed", "told"),
    [
        ((208, 71), {"false_edit_rate"}, "71 no-ops were judged, and it takes 72"),
        ((49, 120), {"clip_dir", "outside_psnr"}, "49 edits were judged, and it takes 50"),
        ((50, 72), set(), ""),
    ],
)
def test_few_cases_promote_nothing_however_narrow_their_intervals(counts, missed, told):
    checks = judge(parsed(half=0.0, counts=counts), None)
    refused = [check for check in checks if not check.held]
    assert {check.metric for check in refused} == missed
    assert all(told in check.condition and "larger bench" in check.condition for check in refused)


def test_the_version_before_has_to_be_judged_on_enough_cases_too():
    candidate = parsed(clip_dir=0.3, tuned="2")
    assert not held(candidate, parsed(tuned="1", counts=(208, 3)))["false_edit_rate"]
    tuned_from_it = parsed(clip_dir=0.3, tuned="2", base=f"edit@sha256:{'1' * 64}")
    assert held(tuned_from_it, parsed(tuned="1", counts=(208, 3))) == ALL, "its own pairs say it"


def test_the_least_number_of_no_ops_bounds_a_share_that_no_case_changed_by_the_margin():
    gate = Gate()
    unseen = [1 - 0.025 ** (1 / count) for count in (gate.least_no_ops - 1, gate.least_no_ops)]
    assert unseen[0] > gate.false_edit_margin >= unseen[1]


def test_a_gate_of_other_margins_asks_for_those():
    worse = parsed(outside_psnr=38.0)
    assert not held(worse)["outside_psnr"]
    assert all(check.held for check in judge(worse, None, Gate(psnr_margin=2.5)))


@pytest.mark.parametrize("count", [-1, 1.5, True, "3", None])
def test_a_number_of_cases_that_is_none_is_refused(count):
    with pytest.raises(InvalidMetrics, match="evaluate the model anew"):
        parsed(counts=(208, count))


def test_from_one_base_the_paired_differences_tell_more_than_the_means():
    before = parsed(clip_dir=0.2, tuned="1")
    candidate = parsed(clip_dir=0.22, tuned="2")
    elsewhere = parsed(clip_dir=0.22, tuned="2", base="other@sha256:" + "9" * 64)
    paired, means = judge(candidate, before)[0], judge(elsewhere, before)[0]
    assert (paired.before, paired.after) == (means.before, means.after) == (0.2, 0.22)
    assert paired.held
    assert not means.held, "0.02 lies within the spread of two means"
    assert paired.difference_high - paired.difference_low == pytest.approx(2 * 0.01 * 2**0.5)
    assert means.difference_high - means.difference_low == pytest.approx(2 * 0.02 * 2**0.5)


def test_a_version_tuned_from_the_one_before_is_judged_by_its_own_pairs():
    before = parsed(clip_dir=0.2, tuned="1")
    candidate = parsed(clip_dir=0.12, tuned="2", base=f"edit@sha256:{'1' * 64}", cases="sha256:" + "6" * 64)
    direction = judge(candidate, before)[0]
    assert direction.held
    assert direction.before == 0.1, "what it was judged beside, on its own cases"


def test_evaluations_on_different_cases_promote_nothing():
    checks = judge(parsed(clip_dir=0.9, tuned="2", cases="sha256:" + "6" * 64), parsed(tuned="1"))
    assert not any(check.held for check in checks)
    assert all("different cases" in check.condition for check in checks)


@pytest.mark.parametrize(
    ("own", "other", "comparable"), [("1", "1", True), ("1", "2", False), ("1", "", True), ("", "2", True)]
)
def test_different_choices_from_one_set_are_different_cases_where_both_tell_theirs(own, other, comparable):
    candidate, before = evaluation(clip_dir=0.9, tuned="2"), evaluation(tuned="1")
    for value, choice in ((candidate, own), (before, other)):
        if choice:
            value["set"]["choice_digest"] = f"sha256:{choice * 64}"
    checks = judge(*(parse_evaluation(json.dumps(value).encode()) for value in (candidate, before)))
    assert all(check.held == comparable for check in checks)
    assert all(("different cases" in check.condition) != comparable for check in checks)


@pytest.mark.parametrize("whose", ["this version", "the version before"])
def test_a_figure_that_an_evaluation_does_not_tell_holds_nothing(whose):
    value = evaluation()
    del value["metrics"]["false_edit_rate"]
    lacking = parse_evaluation(json.dumps(value).encode())
    pair = (lacking, parsed()) if whose == "this version" else (parsed(clip_dir=0.5, tuned="2"), lacking)
    (check,) = (one for one in judge(*pair) if one.metric == "false_edit_rate")
    assert not check.held
    assert whose in check.condition


def test_folders_names_make_no_two_bases_equal():
    before = parsed(tuned="1", base="edit")
    assert not held(parsed(clip_dir=0.215, tuned="2", base="edit"), before)["clip_dir"]
    assert BASE.startswith("edit@")
