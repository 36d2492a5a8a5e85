"""The tagger's network without torch: dilated gated convolutions over the words of an instruction.

As Strubell et al. (2017) tag words, with the gates of Dauphin et al. (2017); a second head tells of each
passage what its edit does, from the maximum and the mean of its words.
"""

from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

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
        starts = np.cumsum([0, *(len(some) for some in rows[:-1])])
        embedded = np.add.reduceat(self._weights["embedding.weight"][list(chain.from_iterable(rows))], starts)
        states = self._normal("norm", embedded + self._linear("meaning", vectors))
        for layer, dilation in enumerate(DILATIONS):
            value, gate = np.split(self._convolved(f"convolutions.{layer}", states, dilation), 2, axis=1)
            gated = np.maximum(value, 0) / (1 + np.exp(-gate))
            states = self._normal(f"norms.{layer}", states + gated)
            if layer == SENTENCE_AFTER:
                states = states + self._linear("sentence", states.mean(0))
        return states

    def emissions(self, states: Array) -> Array:
        """Return how well each tag fits each word, (words, tags)."""
        return self._linear("emissions", states)

    def labels(self, states: Array, tags: Sequence[int], cuts: Sequence[int]) -> Array:
        """Return the logarithms of the chances of the labels of passages, (passages, labels).

        Args:
            states: Of the words.
            tags: Theirs.
            cuts: Where passages start, and the number of words.

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

    def _convolved(self, name: str, states: Array, dilation: int) -> Array:
        """Return a convolution over each word and those so many words before and after it.

        It is three products and not one of all three words: such small ones BLAS leaves to one thread, and to
        wait for another costs it more processor time than it saves.
        """
        before, own, after = np.split(self._weights[f"{name}.weight"], 3, axis=1)
        convolved: Array = states @ own.T + self._weights[f"{name}.bias"]
        if dilation < len(states):
            convolved[dilation:] += states[:-dilation] @ before.T
            convolved[:-dilation] += states[dilation:] @ after.T
        return convolved

    def _normal(self, name: str, states: Array) -> Array:
        """Return states with the mean and variance of a layer normalisation (Ba et al., 2016)."""
        centred = states - states.mean(1, keepdims=True)
        scaled = centred / np.sqrt((centred * centred).mean(1, keepdims=True) + _EPSILON)
        normal: Array = scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return normal
