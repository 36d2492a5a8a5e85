"""What is made of samples fits their tags."""

from random import Random

import pytest
from langdesign_reference.tagging.passages import passages_of
from langdesign_tagger.augmentation import augmented
from langdesign_tagger.examples import Sample


@pytest.fixture
def made(examples) -> list[Sample]:
    return augmented([one.sample for one in examples] * 5, Random(0))


def test_spans_are_exchanged_for_spans_of_their_operation(made):
    removed = {"the lamp", "the rug", "the stool"}
    found = [one for one in made if one.labels == ["remove"]]
    assert found
    for one in found:
        (target,) = passages_of(one.tags)[0].spans
        assert " ".join(word.text for word in one.words[target.first : target.end]).lower() in removed


def test_joined_instructions_are_two_passages_with_their_labels(made):
    joined = [one for one in made if len(one.labels) == 2]
    assert joined
    for one in joined:
        assert len(one.tags) == len(one.words)
        assert [len(passage.of("T")) for passage in passages_of(one.tags)] == [1, 1]


def test_the_same_seed_makes_the_same(examples, made):
    assert augmented([one.sample for one in examples] * 5, Random(0)) == made
