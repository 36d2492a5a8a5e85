"""The cases of the bench: a balanced choice of a rendered set's edits, the same for the same arguments."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from langdesign_scenes.dataset import MANIFEST, Edit, Family, SceneSet

from .errors import BenchSetError
from .metrics import Mask, Pixels

SINGLE, ROOM, AMBIGUOUS, NO_OP = "single object", "room", "ambiguous reference", "no-op"
SPLITS = (SINGLE, ROOM, AMBIGUOUS, NO_OP)
OPERATIONS = ("recolour", "material", "pattern", "remove", "add", "replace", "restyle")
STRATA = (len(SPLITS) - 1) * len(OPERATIONS)
"""Of real edits, whose number in a choice is `Choice.per_operation` in each."""

Stratum = tuple[str, str]  # split and operation
Some = TypeVar("Some")


class Case(Protocol):
    """One edit to be judged; pictures and masks are read when they are asked for."""

    @property
    def id(self) -> int:
        """Its place in the choice, from 0."""

    @property
    def split(self) -> str:
        """One of SPLITS, or what a public benchmark is called."""

    @property
    def edit(self) -> Edit:
        """Instruction, expression and captions; texts that nobody knows are empty."""

    @property
    def operation(self) -> str:
        """One of OPERATIONS, "none" for a no-op, or what a public benchmark calls it."""

    @property
    def absent(self) -> bool:
        """Whether the instruction names something that the picture does not show."""

    @property
    def general(self) -> bool | None:
        """Whether it holds nothing that the general split leaves out; None for a set without that split."""

    @property
    def origin(self) -> Mapping[str, object]:
        """Where in its set it comes from."""

    def line(self) -> str:
        """Return what tells it from every other case of its set."""

    def before(self) -> Pixels:
        """Return the picture to edit, RGB uint8 [H, W, 3]."""

    def truth(self) -> Pixels | None:
        """Return what a perfect edit gives, RGB uint8 [H, W, 3]; None where that is unknown."""

    def region(self) -> Mask | None:
        """Return where an edit may act, bool [H, W], none of it for a no-op; None where that is unknown."""

    def located(self) -> Mask:
        """Return what the expression means in the picture before, bool [H, W]."""


class TrueCase(Case, Protocol):
    """A case whose truth and region are known."""

    def truth(self) -> Pixels:
        """Return what a perfect edit gives, RGB uint8 [H, W, 3]."""

    def region(self) -> Mask:
        """Return where an edit may act, bool [H, W]; none of it for a no-op."""


@dataclass(frozen=True, eq=False)
class SceneCase:
    """One edit of a rendered set, with the truth."""

    id: int  # its place in the choice, from 0
    split: str  # one of SPLITS
    edit: Edit
    family: Family

    @property
    def operation(self) -> str:
        """One of OPERATIONS, or "none" for a no-op."""
        return self.edit.operation

    @property
    def absent(self) -> bool:
        """Whether the instruction names something that the picture does not show."""
        return self.split == NO_OP and not self.edit.located

    @property
    def general(self) -> bool:
        """Whether its family holds nothing that the general split leaves out."""
        return self.family.general

    @property
    def origin(self) -> Mapping[str, object]:
        """Its family."""
        return {"family": self.family.index, "general": self.family.general}

    def line(self) -> str:
        """Return what tells it from every other case of its set."""
        return _line(self.family, self.edit)

    def before(self) -> Pixels:
        """Return the picture to edit, RGB uint8 [H, W, 3]."""
        return self.family.image(self.edit.before).copy()  # torch wants what may be written

    def truth(self) -> Pixels:
        """Return what a perfect edit gives, RGB uint8 [H, W, 3]; for a no-op the picture before."""
        return self.family.image(self.edit.after)

    def region(self) -> Mask:
        """Return the exact region, bool [H, W]: the targets' footprints in both; none for a no-op."""
        region = self.family.region(self.edit)
        return np.zeros_like(region) if self.split == NO_OP else region

    def located(self) -> Mask:
        """Return what the expression means in the picture before, bool [H, W]; for an addition its anchor."""
        return self.family.mask(self.edit.before, self.edit.located)


@dataclass(frozen=True)
class Choice:
    """How the cases are chosen.

    A case whose region shows fewer pixels than `pixels` cannot be judged and is left out.
    """

    seed: int = 0
    per_operation: int = 30  # cases of each operation in each split of real edits
    no_ops: int = 100  # cases that must change nothing
    pixels: int = 48  # at least, of the exact region
    limit: int | None = None  # of all cases; a limited choice stays balanced

    @property
    def edits(self) -> int:
        """About how many real edits it asks for."""
        return self.per_operation * STRATA

    def of(self, scenes: SceneSet) -> tuple[SceneCase, ...]:
        """Return the chosen cases of a set; strata with fewer give all they have.

        Families take turns within a stratum, and strata in the whole, in an order that depends on the seed
        and on each edit alone.

        Raises:
            BenchSetError: the set holds no case.

        """
        strata: dict[Stratum, list[tuple[Family, Edit]]] = defaultdict(list)
        for family in scenes:
            for edit in family.edits:
                if self._judgeable(family, edit):
                    strata[_split(family, edit), edit.operation].append((family, edit))
        kept = [self._kept(stratum, strata[stratum]) for stratum in sorted(strata, key=_place)]
        turns = chain.from_iterable(zip_longest(*kept))
        chosen = [pair for pair in turns if pair is not None][: self.limit]
        if not chosen:
            raise BenchSetError(
                f"{scenes.folder} holds no edit to judge; render it anew with `make bench-set`"
            )
        return tuple(
            SceneCase(place, _split(family, edit), edit, family)
            for place, (family, edit) in enumerate(chosen)
        )

    def _judgeable(self, family: Family, edit: Edit) -> bool:
        if edit.operation == "none":
            return True
        shown = (
            instance.pixels
            for state in (edit.before, edit.after)
            for instance in family.states[state].instances
            if instance.id in edit.targets
        )
        return sum(shown) >= self.pixels

    def _kept(self, stratum: Stratum, pairs: Iterable[tuple[Family, Edit]]) -> list[tuple[Family, Edit]]:
        turn: dict[int, int] = defaultdict(int)
        ranked = []
        for family, edit in sorted(pairs, key=lambda pair: self._rank(*pair)):
            ranked.append((turn[family.index], self._rank(family, edit), (family, edit)))
            turn[family.index] += 1
        count = self.no_ops if stratum[0] == NO_OP else self.per_operation
        return [pair for *_, pair in sorted(ranked, key=lambda row: row[:2])][:count]

    def _rank(self, family: Family, edit: Edit) -> str:
        return _hash(f"{self.seed}\n{_line(family, edit)}")


def _split(family: Family, edit: Edit) -> str:
    if edit.operation == "none" or edit.before == edit.after:
        return NO_OP
    if edit.ambiguous:
        return AMBIGUOUS
    return ROOM if family.room else SINGLE


def _place(stratum: Stratum) -> tuple[int, str]:
    return SPLITS.index(stratum[0]), stratum[1]


def _line(family: Family, edit: Edit) -> str:
    return f"{family.index} {edit.before} {edit.after} {edit.operation} {edit.instruction}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def choice_digest(cases: Sequence[Case]) -> str:
    """Return `sha256:...` over a line per case, in order: equal digests were judged on equal cases."""
    lines = "\n".join(f"{case.id} {case.split} {case.line()}" for case in cases)
    return f"sha256:{_hash(lines)}"


def open_set(folder: Path) -> SceneSet:
    """Open a rendered set.

    Raises:
        BenchSetError: there is none in the folder.
        DatasetError: it is of another format.

    """
    if not (folder / MANIFEST).is_file():
        raise BenchSetError(
            f"{folder} holds no rendered set; render the bench set with `make bench-set`, or give --data SET"
        )
    return SceneSet(folder)


def chunks(cases: Sequence[Some], size: int) -> Iterator[Sequence[Some]]:
    """Yield cases in runs of `size`, the last one shorter."""
    return (cases[start : start + size] for start in range(0, len(cases), size))
