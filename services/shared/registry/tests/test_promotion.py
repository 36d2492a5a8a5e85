"""When a version may take another's place, by their evaluations alone."""

import json

import pytest
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
        ({"outside_psnr": 39.98}, "outside_psnr"),
        ({"false_edit_rate": 0.12}, "false_edit_rate"),
    ],
)
def test_one_condition_that_does_not_hold_is_named_with_its_interval(values, missed):
    checks = judge(parsed(**values), None)
    assert [check.metric for check in checks if not check.held] == [missed]
    (refused,) = (check for check in checks if not check.held)
    assert f"{refused.difference_low:+.4g} to {refused.difference_high:+.4g}" in refused.condition


def test_a_loss_within_the_interval_is_no_loss():
    assert held(parsed(outside_psnr=39.995, false_edit_rate=0.105)) == ALL


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
