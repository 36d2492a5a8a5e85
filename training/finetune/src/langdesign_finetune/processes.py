"""How a training is spread over processes: whose part of a batch is whose, and what is said to all.

Every process makes the whole batch of a step, which is a function of seed and step, and trains its part; the
gradients are averaged, so that all hold equal weights. One process writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Protocol

import torch
from accelerate import PartialState  # type: ignore[import-untyped]  # published without types
from accelerate.utils import InitProcessGroupKwargs  # type: ignore[import-untyped]
from torch import Tensor, distributed, nn

_PATIENCE = timedelta(hours=2)  # the others wait while the one that writes validates


class Processes(Protocol):
    """What the loop asks of the processes that train together."""

    @property
    def rank(self) -> int:
        """Number of this one; 0 writes."""

    @property
    def size(self) -> int:
        """How many there are."""

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace each gradient by its mean over all processes."""

    def mean(self, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the means of scalars over all processes."""

    def highest(self, value: int) -> int:
        """Return the highest value that any process holds."""


class Alone:
    """One process."""

    rank, size = 0, 1

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Leave the gradients as they are."""

    def mean(self, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the values."""
        return dict(values)

    def highest(self, value: int) -> int:
        """Return the value."""
        return value


class Joined:
    """Processes that torch connects: several devices of a machine (accelerate), or many machines (Ray).

    Args:
        state: accelerate's, whose process group is up.

    """

    def __init__(self, state: PartialState) -> None:
        self.rank, self.size, self.device = state.process_index, state.num_processes, state.device

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace each gradient by its mean over all processes, in one exchange for each type."""
        by_type: dict[torch.dtype, list[Tensor]] = {}
        for one in parameters:
            if one.grad is not None:
                by_type.setdefault(one.grad.dtype, []).append(one.grad)
        for gradients in by_type.values():
            whole = torch.cat([one.flatten() for one in gradients])
            distributed.all_reduce(whole)
            for gradient, part in zip(
                gradients, (whole / self.size).split([one.numel() for one in gradients]), strict=True
            ):
                gradient.copy_(part.view_as(gradient))

    def mean(self, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the means of scalars over all processes."""
        whole = torch.stack([value.detach().float() for value in values.values()])
        distributed.all_reduce(whole)
        return dict(zip(values, whole / self.size, strict=True))

    def highest(self, value: int) -> int:
        """Return the highest value that any process holds."""
        whole = torch.tensor(value, device=self.device)
        distributed.all_reduce(whole, distributed.ReduceOp.MAX)
        return int(whole)


def joined(device: str) -> tuple[Processes, str]:
    """Return the processes that this one was launched among, and its own device.

    `accelerate launch`, `torchrun` and Ray Train say in the environment who is who.

    Args:
        device: that a training alone would use; "cuda" becomes each process's own.

    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return Alone(), device
    state = PartialState(
        cpu=torch.device(device).type == "cpu", **InitProcessGroupKwargs(timeout=_PATIENCE).to_kwargs()
    )
    return Joined(state), str(state.device)
