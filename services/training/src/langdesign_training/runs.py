"""What a run is: the values that the store keeps, the launchers carry out and the servicer converts."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from langdesign_chassis import errors

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_MAX_VALUE = 1000  # characters of a setting's value


class Kind(StrEnum):
    """What a run does, by the name that the launched program knows it by."""

    SPECIALISE = "specialise"
    DATASET = "dataset"
    FINETUNE = "finetune"
    EVALUATE = "evaluate"


class State(StrEnum):
    """State of a run."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens."""
        return self not in {State.PENDING, State.RUNNING}


@dataclass(frozen=True)
class Progress:
    """How far a run is, and what it made: what its program said last of each."""

    # Stage under way; empty before the first.
    stage: str = ""
    # Share of the stage that is done, 0..1.
    share: float = 0.0
    # Newest finite value of each metric.
    metrics: Mapping[str, float] = field(default_factory=dict)
    # Resource name of the registered version; empty where none is.
    model_version: str = ""

    def joined(self, said: Self) -> Self:
        """Return how far a run is whose program was started again: what the new one did not say stays."""
        return dataclasses.replace(
            self,
            stage=said.stage or self.stage,
            share=said.share if said.stage else self.share,
            metrics={**self.metrics, **said.metrics},
            model_version=said.model_version or self.model_version,
        )


@dataclass(frozen=True)
class Run:
    """A run, as it is stored. Times are microseconds since 1970, None before they are known."""

    # 32 hexadecimal digits; the resource is `runs/{id}`.
    id: str
    # Whose it is.
    tenant: str
    kind: Kind
    recipe: str
    # The recipe's settings that the caller changed.
    overrides: Mapping[str, str]
    state: State
    progress: Progress
    # Why it failed and what to do; empty otherwise.
    failure: str
    # Whether its owner wants its end.
    cancelled: bool
    # Where its program was each time that it ended too soon, as `stage share`.
    interruptions: tuple[str, ...]
    create_time: int
    start_time: int | None
    end_time: int | None

    @property
    def place(self) -> str:
        """Where it is, to the percent: tells whether a program that was started again came further."""
        return f"{self.progress.stage} {self.progress.share:.2f}".strip()


def check_key(key: str) -> None:
    """Check that an idempotency key is one that every database takes.

    Raises:
        errors.InvalidArgument: it holds control characters.

    """
    if not key.isprintable():
        raise errors.InvalidArgument(
            "idempotency_key holds control characters", field="idempotency_key", hint="use a UUID"
        )


def check_overrides(overrides: Mapping[str, str]) -> None:
    """Check the form of a recipe's changed settings; which there are, the launched program knows.

    Raises:
        errors.InvalidArgument: a name or a value has a form that no setting has.

    """
    for name, value in overrides.items():
        if not _NAME.fullmatch(name):
            raise errors.InvalidArgument(
                "the name of a setting is malformed",
                field="overrides",
                hint="begin with a letter; letters, digits, `_`, `.` and `-`, at most 64",
            )
        if len(value) > _MAX_VALUE or not value.isprintable():
            raise errors.InvalidArgument(
                f"the value of {name} is too long or holds control characters",
                field="overrides",
                hint=f"give one line of at most {_MAX_VALUE} characters",
            )
