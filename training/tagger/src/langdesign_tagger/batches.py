"""Samples as tensors."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from random import Random

import numpy as np
import torch
from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.tagging.chain import Array
from langdesign_reference.tagging.features import features_of
from langdesign_reference.tagging.passages import STARTS
from langdesign_reference.tagging.tagger import meanings
from langdesign_reference.tagging.tagset import LABELS, TAGS
from langdesign_reference.tagging.vocabulary import WIDTH, Vectors, Vocabulary
from torch import Tensor

from langdesign_tagger.examples import Sample

_LEAST = 3
"""Times that a feature occurs at least, to have a row of its own."""
_LONGEST = 60
"""Words of the longest sample."""
_SORTED = 16
"""Batches whose samples are sorted by length together, so that little is padded."""
_TAG = {tag: at for at, tag in enumerate(TAGS)}
_LABEL = {label: at for at, label in enumerate(LABELS)}


@dataclass(frozen=True)
class Seen:
    """A sample with what the network sees of each word."""

    sample: Sample
    features: list[list[str]]


@dataclass(frozen=True)
class Encoded:
    """A sample in numbers: rows of the embedding, vectors, tags and labels."""

    rows: list[list[int]]
    vectors: Array
    tags: list[int]
    labels: list[int]


@dataclass(frozen=True)
class Batch:
    """Samples side by side, padded to the longest; what is what, `TaggerNetwork` says."""

    rows: Tensor
    vectors: Tensor
    there: Tensor
    tags: Tensor
    passages: Tensor
    before: Tensor
    labels: Tensor


def seen(samples: Sequence[Sample]) -> list[Seen]:
    """Return the samples that are not too long with the features of their words."""
    return [Seen(one, _features(one)) for one in samples if len(one.words) <= _LONGEST]


def _features(one: Sample) -> list[list[str]]:
    own = features_of(one.words, load_lexicon(one.language))
    return [[*some, *told] for some, told in zip(own, one.hints, strict=True)]


def vocabulary_of(samples: Sequence[Seen]) -> Vocabulary:
    """Return the features that occur often enough to be learned."""
    counts = Counter(name for one in samples for some in one.features for name in some)
    return Vocabulary(sorted(name for name, count in counts.items() if count >= _LEAST))


def encoded(
    samples: Sequence[Seen], vocabulary: Vocabulary, vectors: Vectors, unknown: Set[str] = frozenset()
) -> list[Encoded]:
    """Return samples in numbers, without features that are to be unknown."""
    return [_encoded(one, vocabulary, vectors, unknown) for one in samples]


def _encoded(one: Seen, vocabulary: Vocabulary, vectors: Vectors, unknown: Set[str]) -> Encoded:
    sample = one.sample
    known = [[name for name in some if name not in unknown] for some in one.features]
    return Encoded(
        [vocabulary.rows(word.key, some) for word, some in zip(sample.words, known, strict=True)],
        vectors.of([meanings(word.key, sample.language) for word in sample.words]),
        [_TAG[tag] for tag in sample.tags],
        [_LABEL[label] for label in sample.labels],
    )


def batches(samples: Sequence[Encoded], size: int, random: Random) -> Iterator[Batch]:
    """Yield all samples once, in batches of like lengths and in random order."""
    mixed = random.sample(samples, len(samples))
    sorted_ones = [
        sorted(mixed[start : start + size * _SORTED], key=lambda one: len(one.tags))
        for start in range(0, len(mixed), size * _SORTED)
    ]
    parts = [some[start : start + size] for some in sorted_ones for start in range(0, len(some), size)]
    random.shuffle(parts)
    yield from map(batch, parts)


def batch(samples: Sequence[Encoded]) -> Batch:
    """Return samples side by side."""
    count = max(len(one.tags) for one in samples)
    most = max(len(some) for one in samples for some in one.rows)
    rows = np.zeros((len(samples), count, most), np.int64)
    vectors = np.zeros((len(samples), count, WIDTH), np.float32)
    there = np.zeros((len(samples), count), bool)
    tags = np.zeros((len(samples), count), np.int64)
    for at, one in enumerate(samples):
        length = len(one.tags)
        vectors[at, :length], there[at, :length], tags[at, :length] = one.vectors, True, one.tags
        for word, some in enumerate(one.rows):
            rows[at, word, : len(some)] = some
    passages, before = _passages(samples, count)
    labels = torch.tensor([label for one in samples for label in one.labels])
    return Batch(
        torch.from_numpy(rows),
        torch.from_numpy(vectors),
        torch.from_numpy(there),
        torch.from_numpy(tags),
        passages,
        before,
        labels,
    )


def _passages(samples: Sequence[Encoded], count: int) -> tuple[Tensor, Tensor]:
    """Return the passage of each word, numbered through the batch, and the passage before each."""
    before = list[int]()
    homes = np.zeros((len(samples), count), np.int64)
    for at, one in enumerate(samples):
        for word, tag in enumerate(one.tags):
            if word == 0 or TAGS[tag].startswith(STARTS):
                before.append(len(before) - 1 if word else -1)
            homes[at, word] = len(before) - 1
    for at, one in enumerate(samples):
        homes[at, len(one.tags) :] = len(before)
    return torch.from_numpy(homes), torch.tensor(before)
