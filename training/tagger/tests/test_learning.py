"""A network learns what it is shown, the same each time, and reads alike with and without torch."""

import numpy as np
import pytest
import torch
from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.parser import spelt
from langdesign_reference.tagging.chain import FORBIDDEN, Lattice
from langdesign_reference.tagging.network import Network
from langdesign_reference.tagging.tagger import load_vectors
from langdesign_reference.tagging.tagset import TAGS
from langdesign_tagger.batches import batch, encoded, seen, vocabulary_of
from langdesign_tagger.judging import tagger_of
from langdesign_tagger.learning import learn
from langdesign_tagger.network import TaggerNetwork


def test_a_tagger_learns_what_it_is_shown_and_the_same_each_time(examples):
    samples, vectors = [one.sample for one in examples] * 4, load_vectors()
    first, again = (learn(samples, vectors, seed=0, epochs=25) for _ in range(2))
    lexicon = load_lexicon("en")
    words, _ = spelt("Remove the table", lexicon)
    (passage,) = tagger_of(first, vectors).tag(words, lexicon).passages
    assert passage.operation == "remove"
    assert [(one.first, one.end, one.kind) for one in passage.spans] == [(1, 3, "T")]
    assert first.names == again.names
    assert all(np.array_equal(table, again.tables[name]) for name, table in first.tables.items())


def test_numpy_makes_of_words_what_torch_makes(examples):
    torch.manual_seed(1)
    own, vectors = seen([one.sample for one in examples]), load_vectors()
    vocabulary = vocabulary_of(own)
    given = encoded(own, vocabulary, vectors)
    network = TaggerNetwork(vocabulary.size).eval()
    torch.nn.init.normal_(network.transitions)
    together, served = batch(given), Network(network.tables())
    with torch.no_grad():
        states = network.states(together.rows, together.vectors, together.there)
        emissions = network.emissions(states)
        loss = network.tag_loss(states, together.there, together.tags)
        scores = network.label_scores(states, together.tags, together.passages, together.before)
    told = 0.0
    for at, one in enumerate(given):
        mine = served.states(one.rows, one.vectors)
        lattice = Lattice(served.emissions(mine), served.transitions)
        np.testing.assert_allclose(lattice.emissions, emissions[at, : len(one.tags)], atol=1e-5)
        told -= lattice.chances([_only(one.tags)])[0]
        labels = served.labels(mine, one.tags, [0, len(one.tags)])
        np.testing.assert_allclose(labels[0], scores[at].log_softmax(-1), atol=1e-5)
    assert told == pytest.approx(float(loss), rel=1e-5)


def _only(tags: list[int]) -> np.ndarray:
    """Return a mask that leaves one tag to each word."""
    mask = np.full((len(tags), len(TAGS)), FORBIDDEN, np.float32)
    mask[range(len(tags)), tags] = 0
    return mask
