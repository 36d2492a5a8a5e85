"""The likeliest tags and chances of sets of tags, against all sequences of tags one by one."""

from itertools import pairwise, product

import numpy as np
import pytest
from langdesign_reference.tagging.chain import FORBIDDEN, Lattice
from langdesign_reference.tagging.tagset import TAGS, may_follow, may_start

WORDS = 3
ALLOWED = [
    path
    for path in product(range(len(TAGS)), repeat=WORDS)
    if may_start(TAGS[path[0]])
    and all(may_follow(TAGS[after], TAGS[before]) for before, after in pairwise(path))
]


@pytest.fixture
def lattice() -> Lattice:
    random = np.random.default_rng(0)
    follows = np.array([[may_follow(after, before) for after in TAGS] for before in TAGS])
    transitions = np.where(follows, random.normal(size=follows.shape), FORBIDDEN)
    return Lattice(random.normal(size=(WORDS, len(TAGS))).astype(np.float32), transitions.astype(np.float32))


def scores(lattice: Lattice) -> np.ndarray:
    """Return the score of each allowed sequence."""
    paths = np.array(ALLOWED)
    own = lattice.emissions[range(WORDS), paths].sum(1)
    return own + lattice.transitions[paths[:, :-1], paths[:, 1:]].sum(1)


def test_the_likeliest_tags_are_those_of_the_highest_score(lattice):
    every = scores(lattice)
    path, chance = lattice.best()
    assert tuple(path) == ALLOWED[every.argmax()]
    assert chance == pytest.approx(every.max() - np.logaddexp.reduce(every), abs=1e-4)


def test_a_mask_leaves_the_chance_of_the_sequences_within_it(lattice):
    outside = np.full(lattice.emissions.shape, FORBIDDEN, np.float32)
    outside[:, TAGS.index("O")] = 0
    outside[1] = 0
    every, plain = scores(lattice), TAGS.index("O")
    within = [one for one, path in zip(every, ALLOWED, strict=True) if path[0] == path[2] == plain]
    found, certain = lattice.chances([outside, np.zeros_like(outside)])
    assert found == pytest.approx(np.logaddexp.reduce(within) - np.logaddexp.reduce(every), abs=1e-4)
    assert certain == pytest.approx(0, abs=1e-6)
