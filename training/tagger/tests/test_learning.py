"""A network learns what it is shown, the same each time, and reads alike with and without torch."""

import numpy as np
import pytest
import torch
from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.parser import spelt, understand
from langdesign_reference.tagging.chain import FORBIDDEN, Lattice
from langdesign_reference.tagging.network import EMBEDDING, Network
from langdesign_reference.tagging.tagger import load_vectors
from langdesign_reference.tagging.tagset import TAGS
from langdesign_reference.tagging.weights import Bytes
from langdesign_tagger.batches import Batch, batch, encoded, seen, vocabulary_of
from langdesign_tagger.judging import as_served
from langdesign_tagger.learning import learn, part_of, together
from langdesign_tagger.network import TaggerNetwork, tables


def test_a_tagger_learns_what_it_is_shown_and_the_same_each_time(examples):
    samples, vectors = [one.sample for one in examples] * 4, load_vectors()
    parts = [part_of(samples, seed=0)]
    vocabulary = vocabulary_of(parts[0].given)
    first, again = (learn(parts, vocabulary, vectors, seed=0, epochs=25) for _ in range(2))
    lexicon = load_lexicon("en")
    words, corrections = spelt("Remove the table", lexicon)
    parsed = understand(words, corrections, lexicon)
    (passage,) = as_served(first, vectors).tag(words, lexicon, parsed).passages
    assert passage.operation == "remove"
    assert [(one.first, one.end, one.kind) for one in passage.spans] == [(1, 3, "T")]
    assert first.names == again.names
    assert all(np.array_equal(table, again.tables[name]) for name, table in first.tables.items())


def test_a_feature_that_hardly_occurs_in_what_is_learned_says_nothing(examples):
    painted, removed = (part_of([one.sample for one in some] * 3, 0) for some in (examples[:3], examples[3:]))
    vocabulary = vocabulary_of([*painted.given, *removed.given])
    learned = learn([painted], vocabulary, load_vectors(), seed=0, epochs=1)
    embedding = learned.tables[EMBEDDING]
    assert not embedding[vocabulary.rows_of(["k=lamp", "k=remove"])].any()
    assert embedding[vocabulary.rows_of(["k=wall", "k=paint"])].any(-1).all()


def test_networks_serve_together(examples):
    parts = [part_of([one.sample for one in examples] * 3, 0)]
    vocabulary = vocabulary_of(parts[0].given)
    some = [learn(parts, vocabulary, load_vectors(), seed=seed, epochs=1) for seed in (0, 1)]
    both = together(some)
    assert both.names == vocabulary.names
    for name, table in both.tables.items():
        axis = 1 if name == EMBEDDING else 0
        assert np.array_equal(table, np.concatenate([one.tables[name] for one in some], axis))
        assert table.shape[axis] == len(some)


@torch.no_grad()
def test_numpy_makes_of_words_what_torch_makes(examples):
    torch.manual_seed(1)
    vocabulary, given = _encoded(examples)
    network = _in_steps(TaggerNetwork(vocabulary.size).eval())
    torch.nn.init.normal_(network.transitions)
    together, served = batch(given), _served([network])
    states, emissions, scores = _made(network, together)
    loss = network.tag_loss(states, together.there, together.tags)
    told = 0.0
    for at, one in enumerate(given):
        mine = served.states(one.rows, one.vectors)
        lattice = Lattice(served.emissions(mine), served.transitions)
        np.testing.assert_allclose(lattice.emissions, emissions[at, : len(one.tags)], atol=1e-5)
        told -= lattice.chances([_only(one.tags)])[0]
        labels = served.labels(mine, one.tags, [0, len(one.tags)])
        np.testing.assert_allclose(labels[0], scores[at].log_softmax(-1), atol=1e-5)
    assert told == pytest.approx(float(loss), rel=1e-5)


@torch.no_grad()
def test_of_several_networks_the_mean_of_scores_counts(examples):
    torch.manual_seed(1)
    vocabulary, given = _encoded(examples)
    networks = [_in_steps(TaggerNetwork(vocabulary.size).eval()) for _ in range(2)]
    served, each = _served(networks), [_made(network, batch(given)) for network in networks]
    emissions, scores = ((each[0][at] + each[1][at]) / 2 for at in (1, 2))
    for at, one in enumerate(given):
        mine = served.states(one.rows, one.vectors)
        np.testing.assert_allclose(served.emissions(mine), emissions[at, : len(one.tags)], atol=1e-5)
        labels = served.labels(mine, one.tags, [0, len(one.tags)])
        np.testing.assert_allclose(labels[0], scores[at].log_softmax(-1), atol=1e-5)


def _encoded(examples):
    """Return the vocabulary of examples, and what the network sees of each."""
    own = seen([one.sample for one in examples])
    vocabulary = vocabulary_of(own)
    return vocabulary, encoded(own, vocabulary, load_vectors())


@torch.no_grad()
def _made(network: TaggerNetwork, together: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return states, emissions and scores of labels."""
    states = network.states(together.rows, together.vectors, together.there)
    scores = network.label_scores(states, together.tags, together.passages, together.before)
    return states, network.emissions(states), scores


def _in_steps(network: TaggerNetwork) -> TaggerNetwork:
    """Return a network whose embedding is in steps, as that of a file is."""
    embedding = network.embedding.weight
    embedding.data = torch.from_numpy(Bytes.of(embedding.numpy(force=True)).at(slice(None)))
    return network


def _served(networks: list[TaggerNetwork]) -> Network:
    found = tables(networks)
    return Network(Bytes.of(found.pop(EMBEDDING)), found)


def _only(tags: list[int]) -> np.ndarray:
    """Return a mask that leaves one tag to each word."""
    mask = np.full((len(tags), len(TAGS)), FORBIDDEN, np.float32)
    mask[range(len(tags)), tags] = 0
    return mask
