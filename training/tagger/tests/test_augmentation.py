"""What is made of samples fits their tags."""

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.parser import understand
from langdesign_reference.tagging.hints import hints_of, no_hints
from langdesign_reference.tagging.passages import passages_of
from langdesign_tagger.augmentation import augmented
from langdesign_tagger.examples import Sample


@pytest.fixture
def made(examples) -> list[Sample]:
    return augmented([one.sample for one in examples] * 8, Random(0))


def test_spans_are_exchanged_for_spans_of_their_operation(made):
    removed = {"the lamp", "the rug", "the stool"}
    found = [one for one in made if one.labels == ["remove"]]
    assert found
    for one in found:
        (target,) = passages_of(one.tags)[0].spans
        assert " ".join(word.text for word in one.words[target.first : target.end]).lower() in removed


def test_joined_instructions_are_two_to_four_passages_with_their_labels(made):
    joined = [one for one in made if len(one.labels) > 1]
    assert {len(one.labels) for one in joined} == {2, 3, 4}
    for one in joined:
        assert len(one.tags) == len(one.words)
        assert [len(passage.of("T")) for passage in passages_of(one.tags)] == [1] * len(one.labels)


def test_words_stand_one_after_the_other_and_the_parser_reads_them_anew(made):
    for one in made:
        assert all(before.end < after.start for before, after in pairwise(one.words))
        assert one.hints == hints_of(one.words, understand(one.words, (), load_lexicon("en")))
    assert any("r=edits-3" in one.hints[0] for one in made)


def test_what_is_made_of_samples_without_hints_has_none(examples):
    plain = [replace(one.sample, hints=no_hints(one.sample.words)) for one in examples]
    assert not any(hint for one in augmented(plain * 5, Random(0)) for hint in one.hints)


def test_the_same_seed_makes_the_same(examples, made):
    assert augmented([one.sample for one in examples] * 8, Random(0)) == made
