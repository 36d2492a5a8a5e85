"""Pairs of pictures with an instruction between them, as latents, and those of a rendered set."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch
from einops import reduce
from langdesign_scenes.dataset import Edit
from numpy.typing import NDArray
from torch import Tensor

from .batches import noise
from .errors import DataError
from .latents import Latents
from .pictures import Pictures, Pixels, mirrored

Numbers = NDArray[np.int64]


class Pairs(NamedTuple):
    """B edits."""

    before: Tensor  # mode of the picture before, unscaled [B, 4, h, w]
    after: Tensor  # sample of the picture after, scaled [B, 4, h, w]
    instructions: tuple[str, ...]  # of B
    inside: Tensor  # how much of each position is to change, 0..1 [B, 1, h, w]; 0 where that is unknown
    names: tuple[str, ...]  # by which people find them


class PairSource(Protocol):
    """Where edits come from."""

    def __len__(self) -> int:
        """Return the number of edits."""

    def choose(self, draw: np.random.Generator, count: int) -> Numbers:
        """Draw edits of a batch, int64 [count]."""

    def take(self, chosen: Numbers, flipped: NDArray[np.bool_], draw: np.random.Generator) -> Pairs:
        """Return edits, some of them mirrored; what is random in them comes from `draw`."""


class RenderedPairs:
    """The edits of some families.

    Args:
        pictures: the set.
        places: of the families.
        latents: of the set's pictures.
        shares: of a batch, by operation; operations that the families lack leave theirs to the others.

    Raises:
        DataError: the families hold no edit of these operations.

    """

    def __init__(
        self, pictures: Pictures, places: Sequence[int], latents: Latents, shares: Mapping[str, float]
    ) -> None:
        self._pictures, self._latents = pictures, latents
        self.edits: list[tuple[int, Edit]] = [
            (place, edit)
            for place in places
            for edit in pictures.families[place].edits
            if shares.get(edit.operation, 0.0) > 0
        ]
        if not self.edits:
            raise DataError(f"{len(places)} families hold no edit of {', '.join(shares)}; render some")
        counts = Counter(edit.operation for _, edit in self.edits)
        weights = [shares[edit.operation] / counts[edit.operation] for _, edit in self.edits]
        self._bounds = np.cumsum(weights) / sum(weights)

    def __len__(self) -> int:
        return len(self.edits)

    def choose(self, draw: np.random.Generator, count: int) -> Numbers:
        """Draw edits by their operations' shares, int64 [count]."""
        return np.searchsorted(self._bounds, draw.random(count), side="right").clip(max=len(self) - 1)

    def take(self, chosen: Numbers, flipped: NDArray[np.bool_], draw: np.random.Generator) -> Pairs:
        """Return edits, some of them mirrored, with left and right exchanged in the instruction."""
        edits = [self.edits[number] for number in chosen]
        before, after = (
            np.array([self._pictures.row(place, getattr(edit, side)) for place, edit in edits])
            for side in ("before", "after")
        )
        shape = (len(edits), *self._latents.moments.shape[3:])
        texts = [
            mirrored(edit.instruction) if flip else edit.instruction
            for (_, edit), flip in zip(edits, flipped, strict=True)
        ]
        return Pairs(
            self._latents.mode(before, flipped),
            self._latents.sampled(after, flipped, noise(draw, shape)),
            tuple(texts),
            self._inside(edits, flipped, shape[-1]),
            tuple(f"{self._pictures.families[place].index:06d}: {edit.instruction}" for place, edit in edits),
        )

    def _inside(self, edits: Sequence[tuple[int, Edit]], flipped: NDArray[np.bool_], side: int) -> Tensor:
        regions = np.stack([region_of(self._pictures, place, edit) for place, edit in edits])
        regions[flipped] = regions[flipped][..., ::-1]
        cell = regions.shape[-1] // side
        return reduce(torch.from_numpy(regions).float(), "b (h p) (w q) -> b 1 h w", "mean", p=cell, q=cell)

    def some_of_each(self, count: int) -> list[tuple[int, Edit]]:
        """Return up to `count` edits of every operation, of families as far apart as can be."""
        ordered = sorted(self.edits, key=lambda one: one[1].operation)
        found = []
        for _, group in itertools.groupby(ordered, key=lambda one: one[1].operation):
            of_one = list(group)
            found += [of_one[(2 * place + 1) * len(of_one) // (2 * count)] for place in range(count)]
        return list(dict.fromkeys(found))


def region_of(pictures: Pictures, place: int, edit: Edit) -> NDArray[np.bool_]:
    """Return the exact region of an edit of the family at a place, bool [H, W]; empty for none."""
    return pictures.mask(place, edit.before, edit.targets) | pictures.mask(place, edit.after, edit.targets)


def pictures_of(pictures: Pictures, place: int, edit: Edit) -> tuple[Pixels, Pixels]:
    """Return the pictures before and after an edit, RGB uint8 [H, W, 3]."""
    rows = (pictures.row(place, state) for state in (edit.before, edit.after))
    before, after = (np.array(pictures.pixels[row]) for row in rows)  # a copy: the set is read-only
    return before, after
