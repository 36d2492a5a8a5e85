"""Where cases come from: our rendered sets, or a public benchmark that the user has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from langdesign_scenes.dataset import SceneSet

from .benchmarks import READERS
from .cases import Case, Choice, SceneCase, TrueCase, open_set
from .public import PublicSet


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
