"""Pairs of pictures with an instruction between them, as latents, and those of a rendered set."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from diffusers import AutoencoderKL
from einops import reduce
from langdesign_edits.focus import crop_mask
from langdesign_scenes.dataset import Edit
from numpy.typing import NDArray
from torch import Tensor

from .batches import noise
from .cropping import Cropping
from .crops import CropKey, focus_of, load_crops
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
        self.edits = edits_of(pictures, places, shares)
        self._bounds = _bounds(self.edits, shares)

    def __len__(self) -> int:
        return len(self.edits)

    def choose(self, draw: np.random.Generator, count: int) -> Numbers:
        """Draw edits by their operations' shares, int64 [count]."""
        return np.searchsorted(self._bounds, draw.random(count), side="right").clip(max=len(self) - 1)

    def take(self, chosen: Numbers, flipped: NDArray[np.bool_], draw: np.random.Generator) -> Pairs:
        """Return edits, some of them mirrored, with left and right exchanged in the instruction."""
        edits = [self.edits[number] for number in chosen]
        before, after = self._rows(chosen)
        shape = (len(edits), *self._latents.moments.shape[3:])
        texts = [
            mirrored(edit.instruction) if flip else edit.instruction
            for (_, edit), flip in zip(edits, flipped, strict=True)
        ]
        return Pairs(
            self._latents.mode(before, flipped),
            self._latents.sampled(after, flipped, noise(draw, shape)),
            tuple(texts),
            self._inside(chosen, flipped, shape[-1]),
            tuple(f"{self._pictures.families[place].index:06d}: {edit.instruction}" for place, edit in edits),
        )

    def _rows(self, chosen: Numbers) -> tuple[Numbers, Numbers]:
        """Return the rows of the latents before and after edits, each int64 [B]."""
        edits = [self.edits[number] for number in chosen]
        before, after = (
            np.array([self._pictures.row(place, getattr(edit, side)) for place, edit in edits])
            for side in ("before", "after")
        )
        return before, after

    def _inside(self, chosen: Numbers, flipped: NDArray[np.bool_], side: int) -> Tensor:
        """Return how much of each position of `side` x `side` is to change, 0..1 [B, 1, h, w]."""
        regions = np.stack([region_of(self._pictures, *self.edits[number]) for number in chosen])
        regions[flipped] = regions[flipped][..., ::-1]
        return shares_of(regions, side)

    def some_of_each(self, count: int) -> list[tuple[int, Edit]]:
        """Return up to `count` edits of every operation, of families as far apart as can be."""
        ordered = sorted(self.edits, key=lambda one: one[1].operation)
        found = []
        for _, group in itertools.groupby(ordered, key=lambda one: one[1].operation):
            of_one = list(group)
            found += [of_one[(2 * place + 1) * len(of_one) // (2 * count)] for place in range(count)]
        return list(dict.fromkeys(found))


class CroppedPairs(RenderedPairs):
    """The edits of small regions, cropped around them; edits of whole rooms are none of them.

    Args:
        pictures: the set.
        places: of the families.
        vae: the autoencoder, which encodes the crops that are not yet.
        folder: of the autoencoder.
        shares: of a batch, by operation; operations that are not cropped leave theirs to the others.
        cropping: how crops are cut.

    Raises:
        DataError: the families hold no edit of a small region.
        StorageError: the crops' latents cannot be written.

    """

    def __init__(
        self,
        pictures: Pictures,
        places: Sequence[int],
        vae: AutoencoderKL,
        folder: Path,
        shares: Mapping[str, float],
        cropping: Cropping,
    ) -> None:
        self._pictures = pictures
        found = [
            (place, edit, region, focus)
            for place, edit in edits_of(pictures, places, shares)
            for region in [region_of(pictures, place, edit)]
            if (focus := focus_of(pictures, place, edit, region, cropping)) is not None
        ]
        if not found:
            raise DataError(
                f"{len(places)} families hold no edit of a small region; render more, or crop none"
            )
        self.edits = [(place, edit) for place, edit, _, _ in found]
        self.focus = [focus for *_, focus in found]
        self._bounds = _bounds(self.edits, shares)
        wanted = [
            (pictures.row(place, state), CropKey(pictures.families[place].folder.name, state, focus.box))
            for place, edit, _, focus in found
            for state in (edit.before, edit.after)
        ]
        self._latents, rows = load_crops(vae, folder, pictures, wanted)
        self._places = rows.reshape(-1, 2)
        side = self._latents.moments.shape[-1]
        inside = [shares_of(crop_mask(region, focus)[None], side)[0] for _, _, region, focus in found]
        self._covered = torch.stack(inside).half()

    def _rows(self, chosen: Numbers) -> tuple[Numbers, Numbers]:
        return self._places[chosen, 0], self._places[chosen, 1]

    def _inside(self, chosen: Numbers, flipped: NDArray[np.bool_], side: int) -> Tensor:
        covered = self._covered[torch.from_numpy(chosen)].float()
        return torch.where(torch.from_numpy(flipped)[:, None, None, None], covered.flip(-1), covered)


def edits_of(
    pictures: Pictures, places: Sequence[int], shares: Mapping[str, float]
) -> list[tuple[int, Edit]]:
    """Return the edits of some families whose operation has a share, each with its family's place.

    Raises:
        DataError: there is none.

    """
    edits = [
        (place, edit)
        for place in places
        for edit in pictures.families[place].edits
        if shares.get(edit.operation, 0.0) > 0
    ]
    if not edits:
        raise DataError(f"{len(places)} families hold no edit of {', '.join(shares)}; render some")
    return edits


def _bounds(edits: Sequence[tuple[int, Edit]], shares: Mapping[str, float]) -> NDArray[np.float64]:
    """Return up to where in 0..1 each edit is drawn, so that operations have their shares."""
    counts = Counter(edit.operation for _, edit in edits)
    weights = [shares[edit.operation] / counts[edit.operation] for _, edit in edits]
    bounds: NDArray[np.float64] = np.cumsum(weights) / sum(weights)
    return bounds


def shares_of(regions: NDArray[np.bool_], side: int) -> Tensor:
    """Return how much of each of `side` x `side` cells regions [B, H, H] cover, 0..1 [B, 1, side, side]."""
    cell = regions.shape[-1] // side
    return reduce(torch.from_numpy(regions).float(), "b (h p) (w q) -> b 1 h w", "mean", p=cell, q=cell)


def region_of(pictures: Pictures, place: int, edit: Edit) -> NDArray[np.bool_]:
    """Return the exact region of an edit of the family at a place, bool [H, W]; empty for none."""
    return pictures.mask(place, edit.before, edit.targets) | pictures.mask(place, edit.after, edit.targets)


def pictures_of(pictures: Pictures, place: int, edit: Edit) -> tuple[Pixels, Pixels]:
    """Return the pictures before and after an edit, RGB uint8 [H, W, 3]."""
    rows = (pictures.row(place, state) for state in (edit.before, edit.after))
    before, after = (np.array(pictures.pixels[row]) for row in rows)  # a copy: the set is read-only
    return before, after
