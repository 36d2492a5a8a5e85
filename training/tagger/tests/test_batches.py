"""Samples side by side: what is padded is of no passage."""

from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.parser import spelt
from langdesign_reference.tagging.hints import no_hints
from langdesign_reference.tagging.tagger import load_vectors
from langdesign_tagger.batches import batch, encoded, seen, vocabulary_of
from langdesign_tagger.examples import Sample


def sample(text: str, tags: str, labels: str) -> Sample:
    words, _ = spelt(text, load_lexicon("en"))
    return Sample(words, "en", tags.split(), labels.split(), no_hints(words))


def test_passages_are_numbered_through_the_batch():
    samples = seen(
        [
            sample("paint it and go", "O O S|O O", "recolour:T none"),
            sample("remove the lamp", "O B-T I-T", "remove"),
        ]
    )
    together = batch(encoded(samples, vocabulary_of(samples), load_vectors()))
    assert together.passages.tolist() == [[0, 0, 1, 1], [2, 2, 2, 3]]
    assert together.before.tolist() == [-1, 0, -1]
    assert together.there.sum(1).tolist() == [4, 3]


def test_a_feature_that_hardly_occurs_is_not_learned():
    samples = seen([sample(f"remove the {noun}", "O B-T I-T", "remove") for noun in ("lamp", "rug", "bed")])
    assert {"k=the", "k=remove"} <= set(vocabulary_of(samples).names)
    assert "k=lamp" not in vocabulary_of(samples).names


def test_samples_of_many_words_are_left_out():
    assert seen([sample(" ".join(["very"] * 61), "O " * 61, "none")]) == []
