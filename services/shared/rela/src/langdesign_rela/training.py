"""What a training loop calls: the optimizer's groups, a batch, a step.

The loop itself (schedule, mixed precision, saving) is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .losses import Losses, LossWeights, Targets, rela_losses
from .model import Rela
from .tokenizer import Tokens

_NORMS = (nn.LayerNorm, nn.GroupNorm)
_NO_DECAY = ("position_bias",)


class Batch(NamedTuple):
    """N expressions on M images, with their truth."""

    images: Tensor  # RGB in 0..255 [M, 3, S, S]
    tokens: Tokens  # of N expressions
    image_of: Tensor  # int64 [N], each expression's image
    targets: Targets  # of N expressions, masks [N, S, S]

    def to(self, device: torch.device | str) -> Batch:
        """Return the batch on `device`."""
        tokens = Tokens(self.tokens.ids.to(device), self.tokens.mask.to(device), self.tokens.truncated)
        targets = Targets(*(value.to(device) for value in self.targets))
        return Batch(self.images.to(device), tokens, self.image_of.to(device), targets)


def training_losses(model: nn.Module, batch: Batch, weights: LossWeights | None = None) -> Losses:
    """Run `model` on a batch and return its losses; `losses.total.backward()` is the caller's.

    `model` is a `Rela`, or what wraps one (compiled, data-parallel) and is called alike.
    """
    output = model(batch.images, batch.tokens.ids, batch.tokens.mask, batch.image_of)
    return rela_losses(output, batch.targets, weights)


def parameter_groups(
    model: Rela, learning_rate: float, weight_decay: float = 0.05, backbone_factor: float = 1.0
) -> list[dict[str, Any]]:
    """Return AdamW's parameter groups: norms, embeddings and position biases do not decay.

    Args:
        model: the network; parameters that need no gradient are left out.
        learning_rate: of everything but the backbone (published: 1e-5).
        weight_decay: of what decays (published: 0.05).
        backbone_factor: learning rate of the backbone over the others': 1 from scratch; 0.1 suits one that is
            pretrained, as the published configuration names it.

    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter, decays in _parameters(model):
        rate = learning_rate * (backbone_factor if name.startswith("backbone.") else 1.0)
        groups.setdefault((rate, weight_decay if decays else 0.0), []).append(parameter)
    return [
        {"params": parameters, "lr": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]


def _parameters(model: nn.Module) -> Iterator[tuple[str, nn.Parameter, bool]]:
    """Yield each trained parameter once, with its name and whether it decays."""
    seen: set[nn.Parameter] = set()
    for prefix, module in model.named_modules():
        for name, parameter in module.named_parameters(prefix, recurse=False):
            if parameter.requires_grad and parameter not in seen:
                seen.add(parameter)
                decays = not isinstance(module, (*_NORMS, nn.Embedding)) and not name.endswith(_NO_DECAY)
                yield name, parameter, decays
