"""A rendered set in memory: all pictures as one array, and which family and state each row shows.

Decoding thousands of PNG files at every start is slow, so they are decoded once into flat files that are
memory-mapped. The cache follows a set that is still being rendered: what is new is appended. Which families
are there when a training starts is part of its data, so runs are equal only on equal sets.
"""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from langdesign_scenes.dataset import Family, SceneSet
from numpy.typing import NDArray
from PIL import Image

from .disk import writing
from .errors import DataError

Pixels = NDArray[np.uint8]
Split = Literal["train", "validation"]

_VALIDATION = 20  # one family in so many
_DECODERS = 2


def split_of(index: int) -> Split:
    """Return the split of a family, by its index alone, so that a growing set moves none."""
    return "validation" if index % _VALIDATION == _VALIDATION - 1 else "train"


@dataclass(frozen=True, eq=False)
class Pictures:
    """All states of all families."""

    pixels: Pixels  # [N, H, W, 3], RGB, memory-mapped
    index_maps: Pixels  # [N, H, W], as `Family.index_map`, memory-mapped
    families: tuple[Family, ...]  # by index; their states' `scene` is left out
    starts: tuple[int, ...]  # row of each family's state 0; its states follow one another
    cache: Path  # where the arrays lie; what is computed from them may lie there too

    def __len__(self) -> int:
        return sum(len(family.states) for family in self.families)

    @property
    def side(self) -> int:
        """Height and width of the pictures."""
        return int(self.pixels.shape[1])

    def row(self, family: int, state: int) -> int:
        """Return the row of a state; `family` is a place in `families`."""
        return self.starts[family] + state

    def places(self, split: Split | None = None) -> tuple[int, ...]:
        """Return the places in `families` of a split, or of all."""
        named = enumerate(self.families)
        return tuple(place for place, one in named if split is None or split_of(one.index) == split)

    def rows(self, split: Split | None = None) -> NDArray[np.int64]:
        """Return the rows of all states of a split, or of all."""
        spans = (
            np.arange(self.starts[place], self.starts[place] + len(self.families[place].states))
            for place in self.places(split)
        )
        return np.concatenate([np.empty(0, np.int64), *spans]).astype(np.int64)

    def mask(self, family: int, state: int, ids: Sequence[str]) -> NDArray[np.bool_]:
        """Return where a state shows any of the instances, bool [H, W]."""
        wanted = self.families[family].states[state].values(ids)
        return np.isin(self.index_maps[self.row(family, state)], wanted)


def load_pictures(
    scenes: SceneSet, *, general: bool | None = None, limit: int | None = None, cache: Path | None = None
) -> Pictures:
    """Load what is rendered of a set.

    Args:
        scenes: the set; families that come later are not seen.
        general: whether to keep only families of the general split (True), only the others (False), or all.
        limit: keep the first so many families.
        cache: where the decoded pictures lie; None means `cache` in the set's folder.

    Raises:
        DataError: no family fits, or the pictures are not of one size.

    """
    kept = [_without_scenes(family) for family in scenes if general in (None, family.general)][:limit]
    if not kept:
        wanted = "" if general is None else f" with general = {general}"
        raise DataError(f"{scenes.folder} holds no family{wanted}; render some with `make scenes`")
    place = cache or scenes.folder / "cache"
    decoded = _Decoded(place)
    with locked(place / "lock"), writing(str(place)):
        starts = decoded.include(kept)
    return Pictures(decoded.pixels(), decoded.index_maps(), tuple(kept), starts, place)


def mirrored(text: str) -> str:
    """Exchange left and right in a text, as a mirrored picture asks for; case stays."""
    return _SIDES.sub(_other_side, text)


_SIDES = re.compile(r"\b(left|right)(?=(?:most|hand)?\b)", re.IGNORECASE)


def _other_side(match: re.Match[str]) -> str:
    word = match.group()
    other = "right" if word.lower() == "left" else "left"
    if word.isupper():
        return other.upper()
    return other.capitalize() if word[0].isupper() else other


def _without_scenes(family: Family) -> Family:
    # The descriptions are most of a family's memory, and no recipe reads them.
    states = tuple(dataclasses.replace(state, scene="") for state in family.states)
    return dataclasses.replace(family, states=states)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other trainings, which may start on the same set at the same time, from writing too."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class _Decoded:
    """Flat files of decoded pictures, and which family lies where in them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._side = 0
        self._starts: dict[str, tuple[int, int]] = {}  # family's folder name to its first row and states
        self._rows = 0

    def include(self, families: Sequence[Family]) -> tuple[int, ...]:
        """Decode what is missing and return each family's first row."""
        self._read()
        missing = [one for one in families if self._starts.get(one.folder.name, (0, 0))[1] != len(one.states)]
        if missing:
            self._append(missing)
        return tuple(self._starts[family.folder.name][0] for family in families)

    def pixels(self) -> Pixels:
        return self._mapped("pixels.u8", (self._rows, self._side, self._side, 3))

    def index_maps(self) -> Pixels:
        return self._mapped("index.u8", (self._rows, self._side, self._side))

    def _mapped(self, name: str, shape: tuple[int, ...]) -> Pixels:
        return np.memmap(self._folder / name, np.uint8, "r", shape=shape)

    def _read(self) -> None:
        path = self._folder / "rows.json"
        if path.is_file():
            data: dict[str, Any] = json.loads(path.read_text("utf-8"))
            self._side, self._rows = data["side"], data["rows"]
            self._starts = {name: (start, states) for name, (start, states) in data["starts"].items()}

    def _append(self, families: Sequence[Family]) -> None:
        with (
            ThreadPoolExecutor(_DECODERS) as pool,
            (self._folder / "pixels.u8").open("ab") as pixels,
            (self._folder / "index.u8").open("ab") as index_maps,
        ):
            self._cut(pixels.fileno(), index_maps.fileno())
            for family, decoded in zip(families, pool.map(_decode, families), strict=True):
                for picture, index_map in decoded:
                    self._check(picture, family)
                    pixels.write(picture.tobytes())
                    index_maps.write(index_map.tobytes())
                self._starts[family.folder.name] = (self._rows, len(decoded))
                self._rows += len(decoded)
        self._write()

    def _cut(self, pixels: int, index_maps: int) -> None:
        """Drop what a run that was killed while it appended left behind the rows that are known."""
        os.ftruncate(pixels, self._rows * self._side**2 * 3)
        os.ftruncate(index_maps, self._rows * self._side**2)

    def _check(self, picture: Pixels, family: Family) -> None:
        self._side = self._side or picture.shape[0]
        if picture.shape != (self._side, self._side, 3):
            raise DataError(
                f"{family.folder} shows {picture.shape[1]}x{picture.shape[0]} pixels where others show "
                f"{self._side}x{self._side}; render one set at one size"
            )

    def _write(self) -> None:
        draft = self._folder / "rows.json.draft"
        draft.write_text(
            json.dumps({"side": self._side, "rows": self._rows, "starts": self._starts}), "utf-8"
        )
        draft.replace(self._folder / "rows.json")


def _decode(family: Family) -> list[tuple[Pixels, Pixels]]:
    return [(family.image(state), family.index_map(state)) for state in range(len(family.states))]


def contact_sheet(rows: Sequence[Pixels], path: Path, gap: int = 2) -> None:
    """Write a picture of rows of pictures, each row uint8 [N, H, W, 3]."""
    joined = [
        np.concatenate([np.pad(one, ((0, 0), (0, gap), (0, 0))) for one in row], axis=1) for row in rows
    ]
    sheet = np.concatenate([np.pad(row, ((0, gap), (0, 0), (0, 0))) for row in joined], axis=0)
    Image.fromarray(sheet).save(path)
