"""What the loop trains, and what a task may offer beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from torch import Tensor, nn


class Task(Protocol):
    """What is trained, on what, and against which losses."""

    @property
    def trained(self) -> nn.Module:
        """The module whose parameters that require a gradient are trained; all its state is checkpointed."""

    @property
    def batch_size(self) -> int:
        """Samples in a batch, for the counts and the speed."""

    def batch(self, step: int) -> Any:
        """Make the batch of a step, which depends on nothing but the step and the task's seed and data."""

    def losses(self, batch: Any) -> Mapping[str, Tensor]:
        """Return scalar losses; "total" is minimised, all are logged."""

    def validate(self) -> Mapping[str, float]:
        """Measure the model, which holds its averaged weights and is in evaluation mode."""

    def save(self, folder: Path, ema: bool) -> None:
        """Write the model as its weights stand into an existing folder; `ema`: whether they are averages."""


@runtime_checkable
class Grouped(Protocol):
    """A task that chooses its optimizer's groups itself."""

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return AdamW's groups; a group's `lr` is its peak, and without one it is the settings'."""


@runtime_checkable
class Divisible(Protocol):
    """A task whose batches can be trained in parts."""

    def part(self, batch: Any, index: int, count: int) -> Any:
        """Return one of `count` equal parts of a batch, whose mean losses are the batch's."""


@runtime_checkable
class Named(Protocol):
    """A task whose batches say what they hold."""

    def suspects(self, batch: Any) -> Sequence[str]:
        """Return the names of a batch's samples: of those with a number that is not finite, else of all."""
