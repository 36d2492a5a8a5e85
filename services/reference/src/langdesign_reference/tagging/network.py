"""The tagger's networks without torch: dilated gated convolutions over the words of an instruction.

As Strubell et al. (2017) tag words, with the gates of Dauphin et al. (2017); a second head tells of each
passage what its edit does, from the maximum and the mean of its words. Several networks that were trained
alike but for chance read together, and the means of their scores count (Hansen and Salamon, 1990).
"""

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
from langdesign_reference.tagging.chain import Array
from langdesign_reference.tagging.weights import Bytes

EMBEDDING = "embedding.weight"
"""The table of features, (rows, networks, states)."""
DILATIONS = (1, 2, 4, 1)
"""How many words apart the three are that a convolution sees, by layer."""
SENTENCE_AFTER = 1
"""The layer after which each word is told of the whole instruction."""
_EPSILON = 1e-5


class Network:
    """The weights of some trainings, and what they make of words.

    Args:
        embedding: Of features, (rows, networks, states).
        weights: By the names that `langdesign_tagger.network` gives them, (networks, ...).

    """

    def __init__(self, embedding: Bytes, weights: Mapping[str, Array]) -> None:
        self._embedding = embedding
        self._biases = {
            name.removesuffix(".bias"): some[:, None]
            for name, some in weights.items()
            if name.endswith(".bias")
        }
        self._norms = {
            name.removesuffix(".weight"): some[:, None]
            for name, some in weights.items()
            if name.startswith("norm")
        }
        self._weights = {
            name.removesuffix(".weight"): np.ascontiguousarray(some.swapaxes(1, 2))
            for name, some in weights.items()
            if name.endswith(".weight") and some.ndim == _MATRICES
        }
        self._tags = weights["tags.weight"]
        self.transitions: Array = weights["transitions"].mean(0)

    def states(self, rows: Sequence[Sequence[int]], vectors: Array) -> Array:
        """Return what the networks make of words, (networks, words, states).

        Args:
            rows: Of the embedding, for each word.
            vectors: Of each word, (words, WIDTH).

        """
        starts = np.cumsum([0, *(len(some) for some in rows[:-1])])
        embedded = np.add.reduceat(self._embedding.at(list(chain.from_iterable(rows))), starts)
        states = self._normal("norm", embedded.swapaxes(0, 1) + self._linear("meaning", vectors))
        for layer, dilation in enumerate(DILATIONS):
            convolved = self._convolved(f"convolutions.{layer}", states, dilation)
            width = states.shape[2]
            gated = np.maximum(convolved[..., :width], 0) / (1 + np.exp(-convolved[..., width:]))
            states = self._normal(f"norms.{layer}", states + gated)
            if layer == SENTENCE_AFTER:
                mean = np.add.reduce(states, 1, keepdims=True) / states.shape[1]
                states = states + self._linear("sentence", mean)
        return states

    def emissions(self, states: Array) -> Array:
        """Return how well each tag fits each word, (words, tags)."""
        emissions: Array = self._linear("emissions", states).mean(0)
        return emissions

    def labels(self, states: Array, tags: Sequence[int], cuts: Sequence[int]) -> Array:
        """Return the logarithms of the chances of the labels of passages, (passages, labels).

        Args:
            states: Of the words.
            tags: Theirs.
            cuts: Where passages start, and the number of words.

        """
        tagged = np.concatenate((states, self._tags[:, list(tags)]), 2)
        words = np.maximum(self._linear("words", tagged), 0)
        most = np.maximum.reduceat(words, cuts[:-1], 1)
        mean = np.add.reduceat(words, cuts[:-1], 1) / np.diff(cuts)[:, None].astype(np.float32)
        before = np.concatenate((np.zeros_like(most[:, :1]), most[:, :-1]), 1)
        scores = self._linear("labels", np.concatenate((most, mean, before), 2)).mean(0)
        told: Array = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        return told

    def _linear(self, name: str, inputs: Array) -> Array:
        outputs: Array = inputs @ self._weights[name] + self._biases[name]
        return outputs

    def _convolved(self, name: str, states: Array, dilation: int) -> Array:
        """Return a convolution over each word and those so many words before and after it.

        It is three products and not one of all three words: such small ones BLAS leaves to one thread, and to
        wait for another costs it more processor time than it saves.
        """
        width, weights = states.shape[2], self._weights[name]
        convolved: Array = states @ weights[:, width : 2 * width] + self._biases[name]
        if dilation < states.shape[1]:
            convolved[:, dilation:] += states[:, :-dilation] @ weights[:, :width]
            convolved[:, :-dilation] += states[:, dilation:] @ weights[:, 2 * width :]
        return convolved

    def _normal(self, name: str, states: Array) -> Array:
        """Return states with the mean and variance of a layer normalisation (Ba et al., 2016)."""
        width = states.shape[2]
        centred = states - np.add.reduce(states, 2, keepdims=True) / width
        variance = np.einsum("...s,...s->...", centred, centred)[..., None] / width
        normal: Array = centred / np.sqrt(variance + _EPSILON) * self._norms[name] + self._biases[name]
        return normal


_MATRICES = 3
"""Axes of a linear layer's weights: networks, outputs and inputs."""
