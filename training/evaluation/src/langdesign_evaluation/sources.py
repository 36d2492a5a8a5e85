"""Where cases come from: our rendered sets, or a public benchmark that the user has."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from langdesign_scenes.dataset import SceneSet

from .benchmarks import READERS
from .cases import Case, Choice, SceneCase, TrueCase, open_set
from .errors import BenchSetError
from .metrics import Mask, Pixels
from .public import Entry, PublicCase, PublicSet


class CaseSource(Protocol):
    """Anything whose edits the bench can judge."""

    @property
    def told(self) -> Mapping[str, Any]:
        """Its "name", its "digest" and how many "families" (pictures with their edits) it has."""

    def cases(self, choice: Choice) -> tuple[Case, ...]:
        """Return its chosen cases, ids in order from 0.

        Raises:
            BenchSetError: it holds no case.

        """


class TrueSource(CaseSource, Protocol):
    """A source of cases whose truth is known."""

    def cases(self, choice: Choice) -> tuple[TrueCase, ...]:
        """Return its chosen cases, ids in order from 0."""


@dataclass(frozen=True)
class Scenes:
    """A rendered set: the truth is known exactly."""

    scenes: SceneSet

    @property
    def told(self) -> Mapping[str, Any]:
        """Name, digest and number of families."""
        return {
            "name": self.scenes.folder.resolve().name,
            "digest": self.scenes.manifest.get("digest", ""),
            "families": len(self.scenes),
        }

    def cases(self, choice: Choice) -> tuple[SceneCase, ...]:
        """Return a balanced choice."""
        return choice.of(self.scenes)


def open_source(data: Path, public: tuple[str, Path] | None) -> CaseSource:
    """Open what is to be judged.

    Args:
        data: folder of a rendered set.
        public: name and place of a public benchmark, which then takes its place.

    Raises:
        BenchSetError: there is none.

    """
    if public is None:
        return Scenes(open_set(data))
    name, path = public
    return PublicSet(name, path, tuple(READERS[name](path)))


@dataclass(frozen=True, eq=False)
class TruePublicCase(PublicCase):
    """An edit of a public benchmark that holds what a perfect edit gives, and where it acts."""

    def truth(self) -> Pixels:
        """Return the picture after, RGB uint8 [H, W, 3], at the size of the one before."""
        picture = super().truth()
        if picture is None:
            raise _untrue(self.split, "true pictures")
        return picture

    def region(self) -> Mask:
        """Return where an edit may act, bool [H, W]."""
        region = super().region()
        if region is None:
            raise _untrue(self.split, "masks")
        return region


@dataclass(frozen=True)
class TruePublicSet:
    """A public benchmark on which editors can be compared; it has no no-ops, and nothing is told of them."""

    public: PublicSet
    most: int  # edits

    @property
    def told(self) -> Mapping[str, Any]:
        """Name, digest and number of edits."""
        return self.public.told

    def cases(self, choice: Choice) -> tuple[TruePublicCase, ...]:
        """Return its cases, as many as are wanted: tasks take turns.

        Raises:
            BenchSetError: it holds no case.

        """
        chosen = self.public.cases(dataclasses.replace(choice, limit=self.most))
        return tuple(TruePublicCase(one.id, one.split, one.entry) for one in chosen)


def open_true_public(name: str, path: Path, most: int) -> TruePublicSet:
    """Open a public benchmark to compare editors on; edits of it that lack what that needs are left out.

    Args:
        name: one of READERS.
        path: where it is.
        most: edits to judge.

    Raises:
        BenchSetError: there is none, or all of it lacks true pictures, masks or captions.

    """
    entries = tuple(READERS[name](path))
    needed: Mapping[str, Callable[[Entry], bool]] = {
        "edits": lambda _: True,
        "true pictures": lambda one: one.after is not None,
        "masks": lambda one: one.region is not None,
        "captions": lambda one: bool(one.caption_before and one.caption_after),
    }
    for what, has in needed.items():
        entries = tuple(one for one in entries if has(one))
        if not entries:
            raise _untrue(name, what)
    return TruePublicSet(PublicSet(name, path, entries), most)


def _untrue(name: str, lacks: str) -> BenchSetError:
    return BenchSetError(
        f"{name} has no {lacks} here, which a comparison of two editors needs; of {', '.join(READERS)} give "
        "magicbrush: the folder of its test split, with edit_turns.json and global_descriptions.json"
    )
