"""Words of a language model's tokens, and their principal components."""

import numpy as np
from langdesign_tagger.vectors import commonest, components


def test_the_small_form_of_a_word_counts_and_parts_of_words_do_not():
    tokens = ["lamp", "\u0120Lamp", "\u0120lamp", "\u0120x", "\u0120Oslo", "\u01202nd"]
    assert commonest(tokens) == {"lamp": 2, "oslo": 4}


def test_components_are_of_length_one_and_keep_neighbours():
    random = np.random.default_rng(0)
    rows = random.normal(size=(200, 64)).astype(np.float32)
    rows[1] = rows[0] + 0.01 * random.normal(size=64)
    vectors = components(rows)
    assert vectors.shape == (200, 32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    assert (vectors @ vectors[0]).argsort()[-2] == 1
