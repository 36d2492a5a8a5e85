"""A linear-chain conditional random field over emissions (Lafferty, McCallum, Pereira, 2001)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from langdesign_reference.tagging.tagset import TAGS, may_start
from numpy.typing import NDArray

Array = NDArray[np.float32]
FORBIDDEN = -1e4
"""The score of what may not be: it leaves no chance that a float can tell."""
_TINY = 1e-30


@dataclass(frozen=True)
class Lattice:
    """The scores of all sequences of tags of an instruction.

    Attributes:
        emissions: How well each tag fits each word, (words, tags).
        transitions: How well a tag follows another, (tags before, tags).

    """

    emissions: Array
    transitions: Array

    def best(self) -> tuple[list[int], float]:
        """Return the likeliest tags and the logarithm of their chance, by Viterbi's algorithm (1967)."""
        scores, came = self.emissions[0] + _START, list[NDArray[np.intp]]()
        for emissions in self.emissions[1:]:
            through = scores[:, None] + self.transitions
            came.append(through.argmax(0))
            scores = through.max(0) + emissions
        path = [int(scores.argmax())]
        for before in reversed(came):
            path.append(int(before[path[-1]]))
        return path[::-1], min(0.0, float(scores.max()) - self._partition)

    def chances(self, masks: Sequence[Array]) -> list[float]:
        """Return the logarithm of the chance that the tags are among those that a mask leaves, of each mask.

        Args:
            masks: Zero where a word may have a tag and `FORBIDDEN` where not, (words, tags).

        """
        left = self._partitions(np.stack([self.emissions + mask for mask in masks]))
        return [min(0.0, float(one) - self._partition) for one in left]

    @cached_property
    def _partition(self) -> float:
        return float(self._partitions(self.emissions[None])[0])

    def _partitions(self, emissions: Array) -> NDArray[np.float64]:
        """Return the logarithm of the summed scores of all sequences, by the scaled forward algorithm.

        Rabiner (1989): chances are summed as they are and brought to a sum of 1 at each word, for which no
        logarithm has to be taken on the way.
        """
        most = emissions.max(2, keepdims=True)
        fits, follows = np.exp(emissions - most, dtype=np.float64), np.exp(self.transitions)
        total, sums = fits[:, 0] * _MAY_START, list[NDArray[np.float64]]()
        for at in range(emissions.shape[1]):
            if at:
                total = (total @ follows) * fits[:, at]
            sums.append(total.sum(1) + _TINY)
            total /= sums[-1][:, None]
        summed: NDArray[np.float64] = np.log(sums).sum(0) + most.sum((1, 2))
        return summed


_MAY_START = np.array([may_start(tag) for tag in TAGS])
_START = np.where(_MAY_START, 0.0, FORBIDDEN).astype(np.float32)
