"""Cases of public benchmarks.

What a benchmark does not hold (a true picture, a region, captions) is unknown: figures on it are left out.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from langdesign_scenes.dataset import Edit
from PIL import Image

from .cases import Choice
from .errors import BenchSetError
from .metrics import Mask, Pixels
from .parquet import Load
from .services import read_picture


@dataclass(frozen=True, eq=False)
class Entry:
    """One edit of a public benchmark."""

    key: str  # what tells it from every other
    task: str  # what the benchmark calls such edits
    instruction: str
    before: Load
    after: Load | None = None
    region: Callable[[], Mask] | None = None  # bool, of any size that has the picture's shape
    caption_before: str = ""  # "": there is none
    caption_after: str = ""


@dataclass(frozen=True, eq=False)
class PublicCase:
    """One edit of a public benchmark to be judged."""

    id: int
    split: str  # the benchmark's name
    entry: Entry
    general: bool | None = None
    absent: bool = False

    @property
    def edit(self) -> Edit:
        """Instruction and captions; which expression should be read in it is unknown."""
        one = self.entry
        texts = (one.caption_before, one.caption_after)
        return Edit(0, 1, one.task, one.instruction, "", (), (), False, *texts)

    @property
    def operation(self) -> str:
        """What the benchmark calls such edits."""
        return self.entry.task

    @property
    def origin(self) -> Mapping[str, object]:
        """Its key."""
        return {"key": self.entry.key}

    def line(self) -> str:
        """Return key and instruction."""
        return f"{self.entry.key} {self.entry.instruction}"

    def before(self) -> Pixels:
        """Return the picture to edit, RGB uint8 [H, W, 3]."""
        return read_picture(self.entry.before()).copy()  # torch wants what may be written

    def truth(self) -> Pixels | None:
        """Return the picture after, at the size of the one before; None where there is none."""
        if self.entry.after is None:
            return None
        height, width = self.before().shape[:2]
        picture = Image.fromarray(read_picture(self.entry.after()))
        return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))

    def region(self) -> Mask | None:
        """Return where an edit may act, at the size of the picture; None where there is no mask."""
        return None if self.entry.region is None else resized(self.entry.region(), self.before().shape[:2])

    def located(self) -> Mask:
        """Return nothing: no expression is known."""
        return np.zeros(self.before().shape[:2], bool)


def resized(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """Return a mask at another size: each pixel is the old one at floor((i + 1/2) * old / new)."""
    down, across = (
        ((2 * np.arange(new) + 1) * old) // (2 * new) for old, new in zip(mask.shape, shape, strict=True)
    )
    return mask[np.ix_(down, across)]


@dataclass(frozen=True)
class PublicSet:
    """A public benchmark as a source of cases."""

    name: str
    path: Path
    entries: tuple[Entry, ...]

    @property
    def told(self) -> Mapping[str, Any]:
        """Name, digest over keys and texts, and number of edits."""
        digest = hashlib.sha256()
        for one in self.entries:
            texts = (one.key, one.task, one.instruction, one.caption_before, one.caption_after)
            digest.update("\0".join((*texts, "\n")).encode())
        return {
            "name": self.name,
            "digest": f"sha256:{digest.hexdigest()}",
            "families": len(self.entries),
        }

    def cases(self, choice: Choice) -> tuple[PublicCase, ...]:
        """Return all its cases, or as many as the choice is limited to: tasks take turns.

        They stay in the order of the files, which are then read once.

        Raises:
            BenchSetError: it holds no case.

        """
        if not self.entries:
            raise BenchSetError(
                f"{self.path} holds no edit of {self.name}; give the folder of its test split"
            )
        turns: Counter[str] = Counter()
        ranked = []
        for place in sorted(range(len(self.entries)), key=lambda place: self._rank(choice.seed, place)):
            task = self.entries[place].task
            ranked.append((turns[task], task, place))
            turns[task] += 1
        chosen = sorted(place for *_, place in sorted(ranked)[: choice.limit])
        return tuple(PublicCase(number, self.name, self.entries[one]) for number, one in enumerate(chosen))

    def _rank(self, seed: int, place: int) -> str:
        one = self.entries[place]
        return hashlib.sha256(f"{seed}\n{one.key}\n{one.instruction}".encode()).hexdigest()
