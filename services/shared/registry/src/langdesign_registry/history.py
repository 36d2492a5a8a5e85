"""The versions that an alias pointed at, oldest first: what a roll-back goes back through."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

_LENGTH = 1000  # moves that are kept


@dataclass(frozen=True)
class History:
    """Numbers of versions; the last is where the alias points now."""

    versions: tuple[int, ...] = ()

    @classmethod
    def parse(cls, text: str, current: int | None) -> History:
        """Return the history of an alias that points at `current` (None: at nothing).

        Where alias and history disagree, the alias is right: a move was interrupted after the history was
        written, or somebody moved the alias in MLflow.
        """
        versions = tuple(int(number) for number in json.loads(text)) if text else ()
        if current is None:
            return cls()
        while versions and current in versions and versions[-1] != current:
            versions = versions[:-1]
        return cls(versions).with_current(current)

    @property
    def text(self) -> str:
        """The history as `parse` reads it."""
        return json.dumps(self.versions[-_LENGTH:])

    @property
    def current(self) -> int | None:
        """The version that the alias points at."""
        return self.versions[-1] if self.versions else None

    def with_current(self, version: int) -> History:
        """Return the history after the alias has moved to a version."""
        return self if self.current == version else History((*self.versions, version))

    def back(self, existing: Collection[int]) -> History:
        """Return the history before the alias's last move: to another version that is still there."""
        versions = self.versions[:-1]
        while versions and (versions[-1] not in existing or versions[-1] == self.current):
            versions = versions[:-1]
        return History(versions)
