"""How likely the tagger thinks the references of a plan."""

import math

import numpy as np
import pytest
from langdesign_reference.plan import Operation, PlannedEdit, Reference, Role, Scope
from langdesign_reference.tagging.chain import FORBIDDEN, Lattice
from langdesign_reference.tagging.plausibility import spans_chances
from langdesign_reference.tagging.tagger import Tagged
from langdesign_reference.tagging.tagset import TAGS, may_follow
from langdesign_reference.words import split_words

TEXT = "hide lamp now"


@pytest.fixture
def tagged() -> Tagged:
    """All words are outside, but "lamp", which is a target thrice as likely as it is a value."""
    emissions = np.full((3, len(TAGS)), FORBIDDEN, np.float32)
    emissions[[0, 2], TAGS.index("O")] = 0
    emissions[1, [TAGS.index("B-T"), TAGS.index("B-V")]] = math.log(3), 0
    follows = [[0 if may_follow(after, before) else FORBIDDEN for after in TAGS] for before in TAGS]
    return Tagged([], 0.0, 0.0, Lattice(emissions, np.array(follows, np.float32)))


def plan(role: Role, start: int, end: int) -> list[PlannedEdit]:
    reference = Reference(start, end, TEXT[start:end], role)
    return [PlannedEdit(Operation.REMOVE, Scope.REGION, (reference,), "hide the lamp")]


def test_references_are_as_likely_as_their_spans(tagged):
    lamp, nothing, other = plan(Role.TARGET, 5, 9), [], plan(Role.TARGET, 10, 13)
    found = spans_chances([lamp, nothing, other], split_words(TEXT), tagged)
    assert [math.exp(one) for one in found] == pytest.approx([0.75, 0.25, 0.0], abs=1e-4)


def test_a_target_is_no_anchor(tagged):
    (anchor,) = spans_chances([plan(Role.ANCHOR, 5, 9)], split_words(TEXT), tagged)
    assert math.exp(anchor) == pytest.approx(0, abs=1e-4)


def test_no_words_tell_nothing_of_a_plan():
    assert spans_chances([[]], [], Tagged([], 0.0, 0.0)) == [0.0]
