import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langdesign_edits import Verdict
from langdesign_edits.verdicts import Thresholds

RULE = Thresholds(no_target_threshold=0.8, uncertain_threshold=0.4, least_area=0.01)
ORDER = (Verdict.FOUND, Verdict.UNCERTAIN, Verdict.NO_TARGET)
offline = settings(deadline=None, database=None, derandomize=True)
shares = st.floats(0, 1)
inner = st.floats(0.01, 0.99)


@pytest.mark.parametrize(
    ("no_target", "area", "verdict"),
    [
        (0.1, 0.2, Verdict.FOUND),
        (0.39, 0.01, Verdict.FOUND),
        (0.4, 0.2, Verdict.UNCERTAIN),
        (0.1, 0.009, Verdict.UNCERTAIN),
        (0.1, 0.0, Verdict.UNCERTAIN),
        (0.79, 0.0, Verdict.UNCERTAIN),
        (0.8, 0.2, Verdict.NO_TARGET),
        (0.8, 0.0, Verdict.NO_TARGET),
    ],
)
def test_a_verdict_follows_from_probability_and_area(no_target, area, verdict):
    assert RULE.verdict(no_target, area) is verdict


@offline
@given(shares, shares, shares)
def test_the_likelier_that_nothing_is_meant_the_less_is_found(one, other, area):
    low, high = sorted((one, other))
    assert ORDER.index(RULE.verdict(low, area)) <= ORDER.index(RULE.verdict(high, area))


@offline
@given(shares, shares, shares)
def test_a_larger_mask_never_makes_a_thing_less_found(no_target, one, other):
    small, large = sorted((one, other))
    assert ORDER.index(RULE.verdict(no_target, large)) <= ORDER.index(RULE.verdict(no_target, small))


@pytest.mark.parametrize("none", [0.0, 0.49, 0.5, 1.0])
def test_a_file_without_the_new_numbers_certifies_from_the_same_probability_as_before(none):
    old = Thresholds.of({"mask_threshold": 0.3, "no_target_threshold": 0.5})
    assert old.uncertain == 0.5
    assert old.verdict(none, 0.2) is (Verdict.NO_TARGET if none >= 0.5 else Verdict.FOUND)


def test_an_empty_mask_is_never_found():
    assert Thresholds(least_area=0).verdict(0.1, 0.0) is Verdict.UNCERTAIN


@offline
@given(st.none() | inner, st.none() | inner, st.none() | inner)
def test_overriding_gives_what_was_asked_and_keeps_the_order(mask, no_target, uncertain):
    if no_target is not None and uncertain is not None and uncertain > no_target:
        with pytest.raises(ValueError, match="uncertain_threshold"):
            RULE.overridden(mask, no_target, uncertain)
        return
    changed = RULE.overridden(mask, no_target, uncertain)
    asked = (mask, no_target, uncertain)
    got = (changed.mask_threshold, changed.no_target_threshold, changed.uncertain)
    assert all(want is None or want == have for want, have in zip(asked, got, strict=True))
    assert changed.uncertain <= changed.no_target_threshold
    assert changed.least_area == RULE.least_area


@pytest.mark.parametrize(
    "numbers",
    [
        {"mask_threshold": 2},
        {"no_target_threshold": 0},
        {"no_target_threshold": 0.3, "uncertain_threshold": 0.4},
        {"least_area": -0.1},
        {"least_area": 1},
        {"mask_threshold": "0.5"},
        {"mask_threshold": None},
        {"mask_threshold": float("nan")},
        [0.5],
    ],
)
def test_numbers_out_of_their_range_are_refused(numbers):
    with pytest.raises(ValueError, match=r"give|above|no object"):
        Thresholds.of(numbers)


def test_names_that_are_not_thresholds_are_left_aside():
    assert Thresholds.of({"comment": "chosen in May", "mask_threshold": 0.4}) == Thresholds(0.4)
