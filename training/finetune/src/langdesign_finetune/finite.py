"""Where numbers stopped being finite, for errors that say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

_TOLD = 4  # names in a message


def not_finite(module: nn.Module, tensor: Callable[[nn.Parameter], Tensor | None]) -> list[str]:
    """Return the names of the parameters of which a tensor holds a number that is not finite."""
    named = ((name, tensor(one)) for name, one in module.named_parameters())
    return [name for name, value in named if value is not None and not torch.isfinite(value).all()]


def some(names: Sequence[str]) -> str:
    """Return the first few names."""
    rest = len(names) - _TOLD
    return ", ".join(names[:_TOLD]) + (f" and {rest} more" if rest > 0 else "")
