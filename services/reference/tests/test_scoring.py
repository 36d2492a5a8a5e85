"""How readings are judged against gold plans, and confidence against how often it was right."""

import pytest
from langdesign_reference.plan import Operation, PlannedEdit, Reading, Reference, Role, Scope
from langdesign_reference.scoring import (
    Score,
    brier,
    calibrated,
    english_edits,
    is_exact,
    is_right,
    reliability,
)

ROW = {
    "instruction": "Paint the harp blue and remove the drum",
    "language": "en",
    "kind": "several",
    "edits": [
        {
            "operation": "recolour",
            "scope": "region",
            "references": [{"expression": "the harp", "role": "target"}],
            "says": ["harp", "blue"],
            "silent": ["drum"],
        },
        {
            "operation": "remove",
            "scope": "region",
            "references": [{"expression": "the drum", "role": "target"}],
            "says": ["drum"],
            "silent": ["harp", "blue"],
        },
    ],
}


def edit(operation, expression, english):
    start = ROW["instruction"].index(expression)
    target = Reference(start, start + len(expression), expression, Role.TARGET)
    return PlannedEdit(operation, Scope.REGION, (target,), english)


HARP = edit(Operation.RECOLOUR, "the harp", "Paint the harp blue.")
DRUM = edit(Operation.REMOVE, "the drum", "Remove the drum.")


def test_a_plan_is_exact_with_the_same_edits_in_the_same_order():
    assert is_exact(Reading((HARP, DRUM), 0.9), ROW)
    assert not is_exact(Reading((DRUM, HARP), 0.9), ROW)
    assert not is_exact(Reading((HARP,), 0.9), ROW)


def test_another_plan_that_the_rules_allow_is_exact_too_and_says_its_own_words():
    whole = {"operation": "replace", "scope": "region", "references": [], "says": ["drum"], "silent": []}
    row = {**ROW, "or": [[whole]]}
    other = Reading((PlannedEdit(Operation.REPLACE, Scope.REGION, (), "Put a drum there."),), 0.9)
    assert not is_exact(other, ROW)
    assert is_exact(other, row)
    assert is_exact(Reading((HARP, DRUM), 0.9), row)
    assert english_edits(other, row) == (1, 1)
    assert english_edits(Reading((HARP, DRUM), 0.9), row) == (2, 2)


def test_a_models_wish_is_right_where_one_was_made_whatever_it_became():
    made, wish = Reading((DRUM,), 0.9, wish=True), {**ROW, "kind": "wish"}
    assert is_right(made, wish, by_model=True)
    assert not is_right(made, wish, by_model=False)
    assert not is_right(made, ROW, by_model=True)


@pytest.mark.parametrize(
    ("harp", "drum", "right"),
    [
        ("Paint the harp blue.", "Remove the drum.", 2),
        ("Paint the HARP a deep blue!", "Take the drum away", 2),
        ("Paint the harp blue and remove the drum", "Remove the drum", 1),
        ("Paint the harp", "Remove the drums", 0),
    ],
)
def test_english_holds_all_that_it_must_and_nothing_of_the_other_edits(harp, drum, right):
    reading = Reading(
        (edit(Operation.RECOLOUR, "the harp", harp), edit(Operation.REMOVE, "the drum", drum)), 0.9
    )
    assert english_edits(reading, ROW) == (right, 2)


def test_english_of_too_few_edits_or_of_none_is_wrong():
    assert english_edits(Reading((HARP,), 0.9), ROW) == english_edits(None, ROW) == (0, 2)


def test_the_brier_score_is_the_mean_squared_error_of_confidence():
    assert brier([(1.0, True), (0.0, False)]) == 0
    assert brier([(0.5, True), (0.5, False)]) == 0.25
    assert brier([(0.8, True), (0.6, False)]) == pytest.approx((0.04 + 0.36) / 2)
    assert brier([]) is None


def test_reliability_puts_the_share_that_was_right_beside_the_confidence():
    table = reliability([(0.92, True), (0.94, False), (0.55, True), (1.0, True), (0.0, False)])
    assert [(one["from"], one["n"], one["confidence"], one["right"]) for one in table] == [
        (0.0, 1, 0.0, 0.0),
        (0.5, 1, 0.55, 1.0),
        (0.9, 2, 0.93, 0.5),
        (0.95, 1, 1.0, 1.0),
    ]


def test_calibration_rises_with_confidence_and_pools_what_does_not():
    judged = [(0.2, False)] * 8 + [(0.5, True)] * 8 + [(0.7, False)] * 8 + [(0.9, True)] * 8
    assert calibrated(judged) == [
        {"from": 0.2, "to": 0.2, "n": 8, "worth": 0.1},
        {"from": 0.5, "to": 0.7, "n": 16, "worth": 0.5},
        {"from": 0.9, "to": 0.9, "n": 8, "worth": 0.9},
    ]


def test_a_score_counts_by_kind_and_leaves_what_was_not_read_out_of_the_calibration():
    score = Score()
    score.add(ROW, Reading((HARP, DRUM), 0.8), 0.001, by_model=False)
    score.add(ROW, None, 0.003, by_model=False)
    report = score.report()
    assert report["exact"] == {"all": 0.5, "several": 0.5, "en": 0.5}
    assert (report["english"], report["edits"]) == (0.5, 4)
    assert report["brier"] == pytest.approx(0.04)
    assert report["p50_ms"] == pytest.approx(2.0)


def test_edits_that_nobody_asked_for_are_counted():
    told, either = {**ROW, "edits": []}, {**ROW, "or": [[]]}
    score = Score()
    for row, reading in (
        (told, Reading((DRUM,), 0.9)),
        (told, Reading((), 0.9)),
        (told, None),
        (either, Reading((DRUM,), 0.9)),
    ):
        score.add(row, reading, 0.1, by_model=False)
    report = score.report()
    assert (report["unasked"], report["edited_unasked"]) == (3, round(1 / 3, 4))
    asked = Score()
    asked.add(ROW, Reading((HARP, DRUM), 0.9), 0.1, by_model=False)
    assert asked.report()["edited_unasked"] is None
