"""A linear-chain conditional random field over emissions (Lafferty, McCallum, Pereira, 2001)."""

from collections.abc import Sequence
from dataclasses import dataclass

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
        return path[::-1], min(0.0, float(scores.max() - self._partitions(self.emissions[None])[0]))

    def chances(self, masks: Sequence[Array]) -> list[float]:
        """Return the logarithm of the chance that the tags are among those that a mask leaves, of each mask.

        Args:
            masks: Zero where a word may have a tag and `FORBIDDEN` where not, (words, tags).

        """
        all_of_them, *left = self._partitions(
            np.stack([self.emissions, *(self.emissions + m for m in masks)])
        )
        return [min(0.0, float(one - all_of_them)) for one in left]

    def _partitions(self, emissions: Array) -> NDArray[np.float64]:
        """Return the logarithm of the summed scores of all sequences, by the forward algorithm."""
        follows = np.exp(self.transitions)
        total = (emissions[:, 0] + _START).astype(np.float64)
        for at in range(1, emissions.shape[1]):
            most = total.max(1, keepdims=True)
            total = np.log(np.exp(total - most) @ follows + _TINY) + most + emissions[:, at]
        most = total.max(1)
        summed: NDArray[np.float64] = np.log(np.exp(total - most[:, None]).sum(1)) + most
        return summed


_START = np.array([0.0 if may_start(tag) else FORBIDDEN for tag in TAGS], np.float32)
