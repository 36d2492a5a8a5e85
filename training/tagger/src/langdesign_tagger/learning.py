"""Trains a network on samples; the same samples and seed make the same weights on one kind of machine."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import torch
from langdesign_reference.tagging.chain import Array
from langdesign_reference.tagging.vocabulary import Vectors
from torch import Tensor, nn
from torch.nn import functional

from langdesign_tagger.augmentation import augmented
from langdesign_tagger.batches import Batch, batches, encoded, seen, vocabulary_of
from langdesign_tagger.examples import Sample
from langdesign_tagger.network import TaggerNetwork

EPOCHS = 9
_BATCH = 40
_RATE, _LEAST_RATE, _WARM_UP = 4e-3, 0.03, 0.05
"""Of AdamW: the highest rate, the share of it at the end, and the share of steps until the highest."""
_DECAY = 0.02
_NORM = 5.0
"""Length to which gradients are clipped."""
_SMOOTHING = 0.03
_AVERAGING = 0.995
"""Share of the average that stays at each step (Polyak averaging)."""
_FEATURE, _LETTERS, _CLASSES = 0.1, 0.2, 0.06
"""Chances that a row is not seen, that a word's letters and meaning are not, that all else of it is not."""
_MADE = 0.5
"""Share of the augmented samples that an epoch sees."""


@dataclass(frozen=True)
class Learned:
    """Weights, and the names of the features whose rows stand in the embedding."""

    tables: dict[str, Array]
    names: tuple[str, ...]


def learn(samples: Sequence[Sample], vectors: Vectors, seed: int, epochs: int = EPOCHS) -> Learned:
    """Train a network.

    Args:
        samples: To learn from, and to make more of.
        vectors: What words mean.
        seed: Of all that is random.
        epochs: How often each sample is seen.

    """
    torch.manual_seed(seed)
    random = Random(seed)  # noqa: S311 - for training
    own = seen(samples)
    vocabulary = vocabulary_of(own)
    given = encoded(own, vocabulary, vectors)
    made = encoded(seen(augmented(samples, random)), vocabulary, vectors)
    network = TaggerNetwork(vocabulary.size)
    training = _Training(network, torch.from_numpy(vocabulary.of_letters()))
    few = int(_MADE * len(made))
    training.steps = epochs * math.ceil((len(given) + few) / _BATCH)
    for _ in range(epochs):
        for one in batches([*given, *random.sample(made, few)], _BATCH, random):
            training.step(one)
    training.finish()
    return Learned(network.tables(), vocabulary.names)


class _Training:
    """Steps of AdamW (Loshchilov and Hutter, 2019) with a rate that warms up, then falls as a cosine."""

    def __init__(self, network: TaggerNetwork, of_letters: Tensor) -> None:
        self.steps = 0
        self._network, self._of_letters = network, of_letters
        self._weights = list(network.parameters())
        self._average = [weight.detach().clone() for weight in self._weights]
        self._optimizer = torch.optim.AdamW(
            self._weights, lr=_RATE, weight_decay=_DECAY, betas=(0.9, 0.98), foreach=True
        )
        self._done = 0

    def step(self, batch: Batch) -> None:
        """Learn from a batch."""
        for group in self._optimizer.param_groups:
            group["lr"] = _RATE * self._rate()
        self._optimizer.zero_grad()
        loss = self._loss(_dropped(batch, self._of_letters)) / len(batch.tags)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._weights, _NORM, foreach=True)
        self._optimizer.step()
        self._done += 1
        kept = min(_AVERAGING, self._done / (self._done + 20))
        torch._foreach_lerp_(self._average, [one.detach() for one in self._weights], 1 - kept)

    def finish(self) -> None:
        """Give the network the average of its weights."""
        with torch.no_grad():
            for weight, average in zip(self._weights, self._average, strict=True):
                weight.copy_(average)

    def _rate(self) -> float:
        done = self._done / self.steps
        falling = 0.5 * (1 + math.cos(math.pi * done)) * (1 - _LEAST_RATE) + _LEAST_RATE
        return min(1.0, done / _WARM_UP) * falling

    def _loss(self, batch: Batch) -> Tensor:
        network = self._network
        states = network.states(batch.rows, batch.vectors, batch.there)
        scores = network.label_scores(states, batch.tags, batch.passages, batch.before)
        labels = functional.cross_entropy(scores, batch.labels, reduction="sum", label_smoothing=_SMOOTHING)
        return network.tag_loss(states, batch.there, batch.tags) + labels


def _dropped(batch: Batch, of_letters: Tensor) -> Batch:
    """Return a batch of which less is seen, so that no word is known by one thing alone."""
    words, rows = batch.tags.shape, batch.rows
    unread = torch.rand(*words, 1) < _LETTERS
    unclassed = torch.rand(*words, 1) < _CLASSES
    letters = of_letters[rows]
    gone = (torch.rand(rows.shape) < _FEATURE) | (unread & letters) | (unclassed & ~letters)
    return replace(batch, rows=rows.masked_fill(gone, 0), vectors=batch.vectors * ~unread)
