"""What every pixel of a rendered picture shows: a teacher for features, thrown away after the training.

A referring expression says one bit about a pixel; the index map says its class, colour, material and pattern.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from langdesign_scenes.dataset import Instance
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from .pictures import Pictures, Pixels

NAMES = "scenery.json"
"""File of the names that a training tells apart, by field."""
FIELDS = ("kind", "colour", "material", "pattern")
_STRIDE = 4  # of the mask features
_NOTHING = 255  # label of a pixel that shows nothing nameable


class Scenery:
    """Labels of a set's pictures.

    Args:
        pictures: the set.
        vocabulary: the names of each of `FIELDS`; what has another name has no label.

    """

    def __init__(self, pictures: Pictures, vocabulary: Mapping[str, list[str]]) -> None:
        self.vocabulary = vocabulary
        self._tables = {
            pictures.row(place, state): self._table(one.instances)
            for place, family in enumerate(pictures.families)
            for state, one in enumerate(family.states)
        }

    def labels(self, row: int, index_map: Pixels, side: int) -> NDArray[np.uint8]:
        """Return each field's label in the middle of each cell, uint8 [4, side, side].

        Args:
            row: of the picture, which may be cropped or mirrored.
            index_map: of what is left of it [H, W].
            side: cells along a side.

        """
        cell = index_map.shape[0] // side
        return self._tables[row][:, index_map[cell // 2 :: cell, cell // 2 :: cell]]

    def of_batch(self, rows: Sequence[int], index_maps: Iterable[Pixels]) -> Tensor:
        """Return the labels of M pictures where their mask features lie, uint8 [M, 4, S/4, S/4].

        Args:
            rows: of the pictures [M].
            index_maps: of what is left of them, each [S, S].

        """
        shown = zip(rows, index_maps, strict=True)
        return torch.from_numpy(
            np.stack([self.labels(row, one, one.shape[0] // _STRIDE) for row, one in shown])
        )

    def _table(self, instances: tuple[Instance, ...]) -> NDArray[np.uint8]:
        """Return the label of each value of an index map, [4, 256]."""
        table = np.full((len(FIELDS), 256), _NOTHING, np.uint8)
        for number, name in enumerate(FIELDS):
            known = {word: place for place, word in enumerate(self.vocabulary[name])}
            for value, one in enumerate(instances, start=1):
                table[number, value] = known.get(getattr(one, name), _NOTHING)
        return table


class SceneryHead(nn.Module):
    """A linear reading of features.

    Args:
        channels: of the features.
        vocabulary: see `Scenery`.

    """

    def __init__(self, channels: int, vocabulary: Mapping[str, list[str]]) -> None:
        super().__init__()
        self._sizes = [len(vocabulary[name]) for name in FIELDS]
        self.read = nn.Conv2d(channels, sum(self._sizes), 1)

    def accuracy(self, features: Tensor, labels: Tensor) -> dict[str, float]:
        """Return the share of positions whose label is read right, by field; arguments as for `loss`."""
        read = torch.split(self.read(features), self._sizes, dim=1)
        found: dict[str, float] = {}
        for number, (name, logits) in enumerate(zip(FIELDS, read, strict=True)):
            labelled = labels[:, number] != _NOTHING
            right = logits.argmax(dim=1) == labels[:, number]
            found[name] = float(right[labelled].float().mean())
        return found

    def loss(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the cross-entropy, mean over fields, of features [M, C, h, w] and labels [M, 4, h, w]."""
        logits = torch.split(self.read(features).float(), self._sizes, dim=1)
        terms = [_error(one, labels[:, number].long()) for number, one in enumerate(logits)]
        return torch.stack(terms).mean()


def _error(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy over what has a label; 0 where nothing has."""
    total = functional.cross_entropy(logits, labels, ignore_index=_NOTHING, reduction="sum")
    return total / (labels != _NOTHING).sum().clamp(min=1)


def kept_names(path: Path, pictures: Pictures) -> dict[str, list[str]]:
    """Return the names that a training began with; at its start, those of the set, and keep them."""
    if not path.is_file():
        states = [state for family in pictures.families for state in family.states]
        instances = [one for state in states for one in state.instances]
        write_names(path, {name: sorted({getattr(one, name) for one in instances}) for name in FIELDS})
    return read_names(path)


def write_names(path: Path, names: Mapping[str, list[str]]) -> None:
    """Write the names of each of `FIELDS`."""
    path.write_text(json.dumps(names, indent=2) + "\n", "utf-8")


def read_names(path: Path) -> dict[str, list[str]]:
    """Read what `write_names` wrote."""
    found: dict[str, list[str]] = json.loads(path.read_text("utf-8"))
    return found
