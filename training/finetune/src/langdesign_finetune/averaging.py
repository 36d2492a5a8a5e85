"""The exponential moving average of a model's weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_RAMP = 10  # updates over which a young average mostly forgets


class Average:
    """A running average of the trained parameters; untrained ones and buffers are not averaged.

    Args:
        module: whose parameters that require a gradient are averaged, from their present values on.
        decay: of the average once it is old; 0 follows the weights themselves.

    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self._decay = decay
        self._live = {name: value for name, value in module.named_parameters() if value.requires_grad}
        self._mean = {name: value.detach().clone() for name, value in self._live.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after `step` (from 0); a young average decays faster: (1 + n) / (10 + n)."""
        decay = min(self._decay, (1 + step) / (_RAMP + step))
        live = [value.detach() for value in self._live.values()]
        torch._foreach_lerp_(list(self._mean.values()), live, 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the module hold the average for the time of the context."""
        kept = {name: value.detach().clone() for name, value in self._live.items()}
        self._fill(self._mean)
        try:
            yield
        finally:
            self._fill(kept)

    def state(self) -> dict[str, Tensor]:
        """Return the averages by parameter name."""
        return self._mean

    @torch.no_grad()
    def load(self, state: Mapping[str, Tensor]) -> None:
        """Take over what `state` returned."""
        for name, value in self._mean.items():
            value.copy_(state[name])

    @torch.no_grad()
    def _fill(self, values: Mapping[str, Tensor]) -> None:
        for name, parameter in self._live.items():
            parameter.copy_(values[name])
