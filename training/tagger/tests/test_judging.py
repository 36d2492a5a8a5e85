"""Weights of the choice, and the table of how rightly all read."""

from dataclasses import replace

import pytest
from langdesign_reference.tagging.choice import BOTH, FEATURES, PARSER, TAGGER
from langdesign_reference.tagging.tagger import load_tagger
from langdesign_tagger.fitting import fit
from langdesign_tagger.judging import by_writer, choice_of, fitted, folds_of, judge, table


def test_fitted_weights_tell_the_shares_of_what_they_saw():
    rows = [([1.0, 0.0], right) for right in (True, False) * 200]
    rows += [([1.0, 1.0], right) for right in (True, True, True, False) * 100]
    start, slope = fit(rows, 2)
    assert start == pytest.approx(0.0, abs=0.05)
    assert slope == pytest.approx(1.0986, abs=0.1)


def test_what_nothing_was_seen_of_is_even():
    assert fit([], size=3) == [0.0, 0.0, 0.0]


def test_a_choice_is_fitted_on_what_both_read_and_judged_by_writer(examples):
    judged = judge(examples, load_tagger())
    weights = fitted(judged)
    assert {kind: tuple(some) for kind, some in weights.items()} == dict.fromkeys(
        (BOTH, PARSER, TAGGER), FEATURES
    )
    chosen = choice_of(weights).choose(judged[0][1])
    assert chosen.confidence > 0.5
    lines = table({"ninth": judged, "tenth": judged}).splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [
        ["ninth", "6"],
        ["tenth", "6"],
        ["all", "12"],
        ["plain", "12"],
    ]
    assert all("100.0%" in line for line in lines[1:])


def test_writers_are_dealt_out_to_folds(examples):
    of_two = [replace(one, row={**one.row, "writer": name}) for one in examples for name in ("b", "a")]
    assert {writer: len(some) for writer, some in by_writer(of_two).items()} == {"a": 6, "b": 6}
    assert folds_of(["a", "b", "c", "d"], 3) == [["a", "d"], ["b"], ["c"]]
    for count in (1, 3):
        with pytest.raises(ValueError, match=f"{count} folds of 2 writers: give 2 to 2"):
            folds_of(["a", "b"], count)
