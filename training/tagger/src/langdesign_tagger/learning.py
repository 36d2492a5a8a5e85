"""Trains a network on samples; the same samples and seed make the same weights on one kind of machine."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np
import torch
from langdesign_reference.tagging.chain import Array
from langdesign_reference.tagging.network import EMBEDDING
from langdesign_reference.tagging.vocabulary import Vectors, Vocabulary
from torch import Tensor, nn
from torch.nn import functional

from langdesign_tagger.augmentation import augmented
from langdesign_tagger.batches import Batch, Seen, batches, encoded, seen, vocabulary_of
from langdesign_tagger.examples import Sample
from langdesign_tagger.network import TaggerNetwork, tables

EPOCHS = 14
_BATCH = 64
_RATE, _LEAST_RATE, _WARM_UP = 4e-3, 0.03, 0.05
"""Of AdamW: the highest rate, the share of it at the end, and the share of steps until the highest."""
_DECAY = 0.02
_NORM = 5.0
"""Length to which gradients are clipped."""
_SMOOTHING = 0.03
_AVERAGING = 0.995
"""Share of the average that stays at each step (Polyak averaging)."""
_FEATURE, _LETTERS, _CLASSES, _HINTS = 0.1, 0.2, 0.06, 0.2
"""Chances that a row is not seen, that a word's letters and meaning are not, that the rest of it is not, and
that what the parser makes of an instruction is not."""
_MADE = 0.8
"""Share of the augmented samples that an epoch sees."""


@dataclass(frozen=True)
class Part:
    """Samples that are learned from together: what was written, and what was made of it alone."""

    given: list[Seen]
    made: list[Seen]


def part_of(samples: Sequence[Sample], seed: int) -> Part:
    """Return samples with more that are made of them by chance."""
    return Part(seen(samples), seen(augmented(samples, Random(seed))))  # noqa: S311 - for training


@dataclass(frozen=True)
class Learned:
    """Weights of networks, and the names of the features whose rows stand in their embeddings."""

    tables: dict[str, Array]
    names: tuple[str, ...]


def learn(
    parts: Sequence[Part], vocabulary: Vocabulary, vectors: Vectors, seed: int, epochs: int = EPOCHS
) -> Learned:
    """Train a network.

    Args:
        parts: To learn from.
        vocabulary: Features that have rows; of those that hardly occur in the parts nothing is learned.
        vectors: What words mean.
        seed: Of all that is random.
        epochs: How often each sample is seen.

    """
    torch.manual_seed(seed)
    random = Random(seed)  # noqa: S311 - for training
    written = [one for part in parts for one in part.given]
    rare = set(vocabulary.names) - set(vocabulary_of(written).names)
    given = encoded(written, vocabulary, vectors, rare)
    made = encoded([one for part in parts for one in part.made], vocabulary, vectors, rare)
    network, few = TaggerNetwork(vocabulary.size), int(_MADE * len(made))
    network.forget(vocabulary.rows_of(rare))
    training = _Training(network, epochs * math.ceil((len(given) + few) / _BATCH), _Kinds.of(vocabulary))
    for _ in range(epochs):
        for one in batches([*given, *random.sample(made, few)], _BATCH, random):
            training.step(one)
    training.finish()
    return Learned(tables([network]), vocabulary.names)


def together(some: Sequence[Learned]) -> Learned:
    """Return networks of one vocabulary as one that reads by all of them."""
    names = some[0].tables
    axes = {name: 1 if name == EMBEDDING else 0 for name in names}
    return Learned(
        {name: np.concatenate([one.tables[name] for one in some], axes[name]) for name in names},
        some[0].names,
    )


@dataclass(frozen=True)
class _Kinds:
    """Which rows of the embedding are of letters, and which of the parser's."""

    letters: Tensor
    hints: Tensor

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> "_Kinds":
        return cls(torch.from_numpy(vocabulary.of_letters()), torch.from_numpy(vocabulary.of_hints()))


class _Training:
    """Steps of AdamW (Loshchilov and Hutter, 2019) with a rate that warms up, then falls as a cosine."""

    def __init__(self, network: TaggerNetwork, steps: int, kinds: _Kinds) -> None:
        self._network, self._steps, self._kinds = network, steps, kinds
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
        loss = self._loss(_dropped(batch, self._kinds)) / len(batch.tags)
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
        done = self._done / self._steps
        falling = 0.5 * (1 + math.cos(math.pi * done)) * (1 - _LEAST_RATE) + _LEAST_RATE
        return min(1.0, done / _WARM_UP) * falling

    def _loss(self, batch: Batch) -> Tensor:
        network = self._network
        states = network.states(batch.rows, batch.vectors, batch.there)
        scores = network.label_scores(states, batch.tags, batch.passages, batch.before)
        labels = functional.cross_entropy(scores, batch.labels, reduction="sum", label_smoothing=_SMOOTHING)
        return network.tag_loss(states, batch.there, batch.tags) + labels


def _dropped(batch: Batch, kinds: _Kinds) -> Batch:
    """Return a batch of which less is seen, so that no word is known by one thing alone."""
    words, rows = batch.tags.shape, batch.rows
    unread = torch.rand(*words, 1) < _LETTERS
    unclassed = torch.rand(*words, 1) < _CLASSES
    unparsed = torch.rand(len(rows), 1, 1) < _HINTS
    letters, hints = kinds.letters[rows], kinds.hints[rows]
    gone = (unread & letters) | (unclassed & ~letters & ~hints) | (unparsed & hints)
    gone |= torch.rand(rows.shape) < _FEATURE
    return replace(batch, rows=rows.masked_fill(gone, 0), vectors=batch.vectors * ~unread)
