"""Edits of a data set of samples, drawn by what changes and by where they come from."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from langdesign_dataset.samples import SampleSet
from numpy.typing import NDArray

from .batches import noise
from .edit_check import Example
from .edit_pairs import Numbers, Pairs, PairSource
from .errors import DataError
from .pictures import mirrored
from .sample_latents import SampleLatents, squared, squared_mask
from .variety import STILL, check_variety


class SamplePairs:
    """Some of the samples of a set.

    Args:
        samples: the set.
        latents: of all its pictures.
        places: of the samples in the set.
        shares: of a batch, by what changes; changes that the samples lack leave theirs to the others.
        sources: weights among the sources of one change; a source that is not named is left out.

    Raises:
        DataError: no sample is left.

    """

    def __init__(
        self,
        samples: SampleSet,
        latents: SampleLatents,
        places: Sequence[int],
        shares: Mapping[str, float],
        sources: Mapping[str, float],
    ) -> None:
        self._samples, self._latents = samples, latents
        kinds = _kinds(samples)
        kept = _drawn(kinds, places, shares, sources)
        if not kept:
            raise DataError(
                f"{samples.folder} holds no sample of these changes ({', '.join(shares)}) and sources "
                f"({', '.join(sources)}); change the recipe's shares, or make more samples"
            )
        self.places = np.array(kept)
        self._kinds = [kinds[place] for place in kept]
        weights = _weights(self._kinds, shares, sources)
        self._bounds = np.cumsum(weights) / sum(weights)

    def __len__(self) -> int:
        return len(self.places)

    def choose(self, draw: np.random.Generator, count: int) -> Numbers:
        """Draw samples by the shares of changes and sources, int64 [count]."""
        return np.searchsorted(self._bounds, draw.random(count), side="right").clip(max=len(self) - 1)

    def take(self, chosen: Numbers, flipped: NDArray[np.bool_], draw: np.random.Generator) -> Pairs:
        """Return samples, some of them mirrored, with left and right exchanged in the instruction."""
        rows = self.places[chosen]
        moments = self._latents.moments[rows, :, flipped.astype(np.int64)].astype(np.float32)
        before, after = torch.from_numpy(moments[:, 0, 0]), torch.from_numpy(moments[:, 1])
        sample = after[:, 0] + (0.5 * after[:, 1]).exp() * noise(draw, before.shape)
        inside = self._latents.inside[rows]
        inside[flipped] = inside[flipped][..., ::-1]
        told = [self._samples.row(int(place)) for place in rows]
        return Pairs(
            before,
            sample * self._latents.scaling_factor,
            tuple(
                mirrored(row["edit"]) if flip else row["edit"]
                for row, flip in zip(told, flipped, strict=True)
            ),
            torch.from_numpy(inside).float()[:, None] / 255,
            tuple(row["key"] for row in told),
        )

    def examples(self, of_each: int, side: int) -> list[Example]:
        """Return up to so many samples of every change, as far apart in the set as can be.

        Args:
            of_each: samples of a change.
            side: of the pictures, in pixels.

        """
        found: list[int] = []
        for change in sorted({change for change, _ in self._kinds}):
            own = [number for number, (one, _) in enumerate(self._kinds) if one == change]
            found += dict.fromkeys(
                own[(2 * place + 1) * len(own) // (2 * of_each)] for place in range(of_each)
            )
        return [self._example(int(self.places[number]), side) for number in found]

    def _example(self, place: int, side: int) -> Example:
        sample = self._samples[place]
        before, truth = (squared(one, side) for one in sample.pictures())
        region = sample.region()
        anywhere = np.full((side, side), sample.triple.change != STILL)
        known = anywhere if region is None else squared_mask(region, side) & anywhere
        return Example(before, truth, known, sample.triple.edit, str(sample.triple.change))


def trained_on(
    samples: SampleSet, held_out: float, shares: Mapping[str, float], sources: Mapping[str, float]
) -> tuple[list[int], list[int]]:
    """Return the places of what is trained on and of what is held out, as `split` does, having looked at it.

    Where all edits that are drawn are of one kind, a warning is logged.

    Raises:
        DataError: nothing that changes is left to train on, or is drawn.

    """
    train, apart = split(samples, held_out)
    kinds = _kinds(samples)
    check_variety((kinds[place][0] for place in _drawn(kinds, train, shares, sources)), samples.folder)
    return train, apart


def _kinds(samples: SampleSet) -> list[tuple[str, str]]:
    """Return the change and the source of each sample."""
    return list(zip(*(samples.table[name].to_pylist() for name in ("change", "source")), strict=True))


def _drawn(
    kinds: Sequence[tuple[str, str]],
    places: Sequence[int],
    shares: Mapping[str, float],
    sources: Mapping[str, float],
) -> list[int]:
    """Return the places whose change and source have a share."""
    return [
        place
        for place in places
        if shares.get(kinds[place][0], 0.0) > 0 and sources.get(kinds[place][1], 0.0) > 0
    ]


class MixedPairs:
    """Edits of several sources, each a share of a batch.

    Args:
        sources: with their shares, which add up to 1.

    """

    def __init__(self, sources: Sequence[tuple[PairSource, float]]) -> None:
        self._sources = [source for source, _ in sources]
        self._shares = np.cumsum([share for _, share in sources])
        self._starts = np.cumsum([0, *(len(source) for source in self._sources)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def choose(self, draw: np.random.Generator, count: int) -> Numbers:
        """Draw edits by the sources' shares, int64 [count]."""
        which = np.searchsorted(self._shares, draw.random(count), side="right").clip(
            max=len(self._sources) - 1
        )
        chosen = np.empty(count, np.int64)
        for number, source in enumerate(self._sources):
            own = which == number
            chosen[own] = self._starts[number] + source.choose(draw, int(own.sum()))
        return chosen

    def take(self, chosen: Numbers, flipped: NDArray[np.bool_], draw: np.random.Generator) -> Pairs:
        """Return edits, some of them mirrored, in the order of `chosen`."""
        which = np.searchsorted(self._starts, chosen, side="right") - 1
        order = np.argsort(which, kind="stable")
        parts = [
            source.take(chosen[own] - self._starts[number], flipped[own], draw)
            for number, source in enumerate(self._sources)
            if (own := order[which[order] == number]).size
        ]
        back = np.argsort(order)
        before, after, inside = (
            torch.cat([getattr(part, name) for part in parts])[back] for name in ("before", "after", "inside")
        )
        texts, names = (
            [one for part in parts for one in getattr(part, name)] for name in ("instructions", "names")
        )
        return Pairs(
            before,
            after,
            tuple(texts[place] for place in back),
            inside,
            tuple(names[place] for place in back),
        )


SPLIT = 2
"""Version of the rule of `split`, for digests of what hangs on it."""


def split(samples: SampleSet, held_out: float) -> tuple[list[int], list[int]]:
    """Return the places of what is trained on, and of what is held out.

    Samples that share a picture, as an edit and its way back do, or a caption before the edit lie on one
    side, and so do those that are linked by others; so no picture is both learned and asked for.

    Raises:
        DataError: nothing that changes is left to train on.

    """
    changes = samples.table["change"].to_pylist()
    apart = [_place(group) < held_out for group in _groups(samples)]
    train = [place for place, out in enumerate(apart) if not out]
    if not any(changes[place] != STILL for place in train):
        raise DataError(
            f"{samples.folder} holds no sample in which something changes ({len(samples)} in all); an editor "
            "that is trained on it would learn to copy: make pairs, or lower held_out"
        )
    return train, [place for place, out in enumerate(apart) if out]


def _groups(samples: SampleSet) -> list[str]:
    """Return for each sample the first of the captions that are linked with its own, in lower case."""
    captions = [caption.lower() for caption in samples.table["input"].to_pylist()]
    parents = {caption: caption for caption in captions}

    def root(caption: str) -> str:
        while parents[caption] != caption:
            caption = parents[caption]
        return caption

    shown: dict[str, str] = {}  # pictures, with a caption of theirs
    for caption, pictures in zip(captions, samples.picture_digests(), strict=True):
        for picture in pictures:
            other = shown.setdefault(picture, caption)
            first, second = sorted((root(caption), root(other)))
            parents[second] = first
    return [root(caption) for caption in captions]


def _place(caption: str) -> float:
    """Return where a caption lies between 0 and 1."""
    return int.from_bytes(hashlib.sha256(caption.encode()).digest()[:6], "big") / 2**48


def _weights(
    kinds: Sequence[tuple[str, str]], shares: Mapping[str, float], sources: Mapping[str, float]
) -> list[float]:
    """Return how likely each sample is drawn: a change by its share, in it a source by its weight."""
    counts = Counter(kinds)
    totals: dict[str, float] = {}
    for change, source in counts:
        totals[change] = totals.get(change, 0.0) + sources[source]
    return [
        shares[change] * sources[source] / totals[change] / counts[change, source] for change, source in kinds
    ]
