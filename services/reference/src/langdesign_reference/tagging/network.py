"""The tagger's network without torch: dilated gated convolutions over the words of an instruction.

As Strubell et al. (2017) tag words, with the gates of Dauphin et al. (2017); a second head tells of each
segment what its edit does, from the maximum and the mean of its words.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from langdesign_reference.tagging.chain import Array

DILATIONS = (1, 2, 4, 1)
"""How many words apart the three are that a convolution sees, by layer."""
SENTENCE_AFTER = 1
"""The layer after which each word is told of the whole instruction."""
_EPSILON = 1e-5


class Network:
    """The weights of one training, and what they make of words.

    Args:
        weights: By the names that `langdesign_tagger.network` gives them.

    """

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights
        self.transitions = weights["transitions"]

    def states(self, rows: Sequence[Sequence[int]], vectors: Array) -> Array:
        """Return what the network makes of words, (words, states).

        Args:
            rows: Of the embedding, for each word.
            vectors: Of each word, (words, WIDTH).

        """
        table = self._weights["embedding.weight"]
        embedded = np.stack([table[some].sum(0) for some in rows])
        states = self._normal("norm", embedded + self._linear("meaning", vectors))
        for layer, dilation in enumerate(DILATIONS):
            convolved = self._linear(f"convolutions.{layer}", _window(states, dilation))
            value, gate = np.split(convolved, 2, axis=1)
            gated = np.maximum(value, 0) / (1 + np.exp(-gate))
            states = self._normal(f"norms.{layer}", states + gated)
            if layer == SENTENCE_AFTER:
                states = states + self._linear("sentence", states.mean(0))
        return states

    def emissions(self, states: Array) -> Array:
        """Return how well each tag fits each word, (words, tags)."""
        return self._linear("emissions", states)

    def labels(self, states: Array, tags: Sequence[int], cuts: Sequence[int]) -> Array:
        """Return the logarithms of the chances of the labels of segments, (segments, labels).

        Args:
            states: Of the words.
            tags: Theirs.
            cuts: Where segments start, and the number of words.

        """
        tagged = np.concatenate((states, self._weights["tags.weight"][list(tags)]), 1)
        words = np.maximum(self._linear("words", tagged), 0)
        most = np.stack([words[start:end].max(0) for start, end in pairwise(cuts)])
        mean = np.stack([words[start:end].mean(0) for start, end in pairwise(cuts)])
        before = np.concatenate((np.zeros_like(most[:1]), most[:-1]))
        scores = self._linear("labels", np.concatenate((most, mean, before), 1))
        told: Array = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        return told

    def _linear(self, name: str, inputs: Array) -> Array:
        outputs: Array = inputs @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return outputs

    def _normal(self, name: str, states: Array) -> Array:
        """Return states with the mean and variance of a layer normalisation (Ba et al., 2016)."""
        centred = states - states.mean(1, keepdims=True)
        scaled = centred / np.sqrt((centred * centred).mean(1, keepdims=True) + _EPSILON)
        normal: Array = scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return normal


def _window(states: Array, dilation: int) -> Array:
    """Return each word's state between those so many words before and after it; zero beyond the ends."""
    count, width = states.shape
    padded = np.zeros((count + 2 * dilation, width), np.float32)
    padded[dilation : dilation + count] = states
    return np.concatenate((padded[:count], states, padded[2 * dilation :]), 1)
