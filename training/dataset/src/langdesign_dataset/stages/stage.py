"""What a stage is, and how its work is addressed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from ..recipes import digest
from ..store import Store


@dataclass(frozen=True)
class Task:
    """One unit of work of a stage."""

    address: str  # of the block that it makes, 32 hexadecimal digits
    payload: Mapping[str, Any]  # JSON values: what it is made of


@dataclass(frozen=True)
class Made:
    """What a worker made of a task."""

    body: bytes
    dollars: float = 0.0


Work = Callable[[Mapping[str, Any], Store], Made]
"""Makes the body of a block of a payload; reads earlier blocks from the store."""


class Stage(Protocol):
    """One step of a build; it travels to workers, where `open` loads its models."""

    name: ClassVar[str]  # of its folder

    @property
    def depends(self) -> Mapping[str, Any]:
        """Return all that its blocks depend on beside their payload, as JSON values."""

    def open(self) -> Work:
        """Load what the work needs, and return it."""


def tasks_of(stage: Stage, payloads: Sequence[Mapping[str, Any]]) -> list[Task]:
    """Return a stage's tasks."""
    depends = {"stage": stage.name, **stage.depends}
    return [Task(digest({**depends, "payload": payload})[7:39], payload) for payload in payloads]
