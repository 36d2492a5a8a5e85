"""What is said beside a request, before it is put right, or before it is taken back, is no part of it."""

from random import Random

import pytest
from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.retractions import takes_all_back
from langdesign_reference.tagging.hints import hints_of
from langdesign_reference.tagging.passages import passages_of
from langdesign_tagger.augmentation import augmented
from langdesign_tagger.examples import Sample
from langdesign_tagger.turning import corrected, remarked, withdrawn


@pytest.fixture
def requests(examples) -> list[Sample]:
    return [one.sample for one in examples if one.sample.labels != ["none"]] * 40


@pytest.fixture
def remark() -> Sample:
    words = load_lexicon("en").split("My aunt knitted it.")
    return Sample(words, "en", ["O"] * len(words), ["none"], hints_of(words, None), remark=True)


def keys(sample):
    return [word.key for word in sample.words]


def test_a_remark_stands_before_or_after_a_request_and_asks_for_nothing(requests, remark):
    made = list(remarked([*requests, *[remark] * 20], lambda one: one, Random(0)))
    assert len(made) >= 10
    assert {keys(one).index("aunt") > 1 for one in made} == {True, False}
    for one in made:
        (passage,) = passages_of(one.tags)[: len(one.labels)][:1]
        at = keys(one).index("aunt")
        assert (passage.start, "none" in one.labels, len(one.tags)) == (0, False, len(one.words))
        assert set(one.tags[at - 1 : at + 3]) == {"O"}


def test_what_is_said_first_and_put_right_is_outside(requests):
    wrong = load_lexicon("en").split("my aunt's harp")
    pool = {(one.language, kind, one.labels[0]): [wrong] for one in requests for kind in ("T", "V")}
    made = list(corrected(requests, pool, Random(0)))
    assert made
    plain = {tuple(keys(one)): one for one in requests}
    for one in made:
        at = keys(one).index("harp")
        after = next(index for index in range(at, len(one.tags)) if one.tags[index] != "O")
        left = [*keys(one)[: at - len(wrong) + 1], *keys(one)[after:]]
        before = plain[tuple(left)]
        assert [tag for tag in one.tags if tag != "O"] == [tag for tag in before.tags if tag != "O"]
        assert one.labels == before.labels


def test_what_is_taken_back_asks_for_nothing_whatever_the_reason(requests, remark):
    lexicon = load_lexicon("en")
    bare = list(withdrawn(requests, Random(0)))
    assert bare
    assert all(takes_all_back(one.words, lexicon) for one in bare)
    reasoned = list(withdrawn([*requests, remark], Random(0)))
    assert any("aunt" in keys(one) for one in reasoned)
    for one in (*bare, *reasoned):
        assert (set(one.tags), one.labels, len(one.tags)) == ({"O"}, ["none"], len(one.words))


def test_turns_are_among_what_is_made_of_samples_with_hints(requests, remark):
    made = augmented([*requests, remark, remark], Random(0))
    assert any("aunt" in keys(one) and one.labels != ["none"] for one in made)
    assert any(one.labels == ["none"] for one in made)
    assert all(one.hints for one in made)
