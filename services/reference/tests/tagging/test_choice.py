"""Which reading is chosen, and how sure that is."""

from dataclasses import replace

import pytest
from langdesign_reference.certainty import Evidence
from langdesign_reference.plan import Operation, PlannedEdit, Reading, Reference, Role, Scope
from langdesign_reference.tagging.choice import BOTH, FEATURES, PARSER, TAGGER, Choice, Readings, load_choice
from langdesign_reference.tagging.tagger import Tagged


def edit(operation: Operation, start: int, english: str) -> PlannedEdit:
    lamp = Reference(start, start + 8, "the lamp", Role.TARGET)
    return PlannedEdit(operation, Scope.REGION, (lamp,), english)


REMOVED, AGAIN = edit(Operation.REMOVE, 7, "remove the lamp"), edit(Operation.REMOVE, 7, "take the lamp")
PAINTED = edit(Operation.RECOLOUR, 20, "make the lamp red")


def readings(parsed: Reading | None, *edits: PlannedEdit) -> Readings:
    told = (parsed, Evidence(words=1)) if parsed else None
    return Readings(told, Reading(edits, 1.0), Tagged([], -0.1, -0.1), [], "en")


def by(**odds: float) -> Choice:
    """Choose by fixed odds: what is not named is even."""
    return Choice(
        {kind: [odds.get(kind, 0.0), *[0.0] * (len(FEATURES) - 1)] for kind in (BOTH, PARSER, TAGGER)}
    )


def test_what_both_read_is_the_parsers_with_the_confidence_of_agreement():
    chosen = by(both=3.0).choose(readings(Reading((REMOVED,), 0.6), AGAIN))
    assert chosen.edits[0].instruction == "remove the lamp"
    assert chosen.confidence == pytest.approx(0.9526, abs=1e-4)


@pytest.mark.parametrize(("odds", "operation"), [({"parser": 1.0}, "remove"), ({"tagger": 1.0}, "recolour")])
def test_the_likelier_of_two_readings_is_chosen(odds, operation):
    chosen = by(**odds).choose(readings(Reading((REMOVED,), 0.6), PAINTED))
    assert [one.operation for one in chosen.edits] == [operation]
    assert chosen.confidence == pytest.approx(0.7311, abs=1e-4)


def test_the_tagger_reads_alone_what_no_rule_fits():
    assert by().choose(readings(None, PAINTED)).edits == (PAINTED,)


def test_an_addition_of_nothing_is_not_read():
    nothing = PlannedEdit(Operation.ADD, Scope.REGION, (), "add")
    assert by(tagger=9.0).choose(readings(None, nothing)) is None


def test_what_the_tagger_guesses_is_not_read():
    guess = replace(readings(None, PAINTED), tags=Tagged([], -0.1, -0.1, guessed=True))
    assert by(tagger=9.0).choose(guess) is None
    assert by().choose(replace(guess, parsed=(Reading((REMOVED,), 0.6), Evidence(words=1)))).edits == (
        REMOVED,
    )


def test_more_edits_than_a_plan_holds_are_left_to_the_parser_to_tell():
    over = Reading((REMOVED,), 0.9, left_out=1)
    assert by(tagger=9.0).choose(readings(over, PAINTED)) == over


def test_the_weights_that_come_along_fit_the_features():
    chosen = load_choice().choose(readings(Reading((REMOVED,), 0.9), AGAIN))
    assert 0.5 < chosen.confidence < 1
