"""The optimizer that every recipe's training shares: AdamW, without decay of vectors."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .errors import TrainingError
from .task import Grouped, Task


def new_optimizer(
    task: Task, learning_rate: float, betas: tuple[float, float], weight_decay: float
) -> torch.optim.Optimizer:
    """Return AdamW over what a task trains; each group keeps its rate at the peak in `peak`.

    Args:
        task: says its own groups, where it is `Grouped`.
        learning_rate: at the peak, of groups that say none.
        betas: of AdamW.
        weight_decay: of matrices and kernels, where the task says no groups.

    Raises:
        TrainingError: no parameter requires a gradient.

    """
    groups = task.parameter_groups() if isinstance(task, Grouped) else _groups(task.trained, weight_decay)
    if not any(group["params"] for group in groups):
        raise TrainingError("The task's module has no parameter that requires a gradient; set requires_grad_")
    optimizer = torch.optim.AdamW(groups, lr=learning_rate, betas=betas, fused=True)
    for group in optimizer.param_groups:
        group["peak"] = group["lr"]
    return optimizer


def _groups(module: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    trained = [one for one in module.parameters() if one.requires_grad]
    return [
        {"params": [one for one in trained if one.ndim >= 2], "weight_decay": weight_decay},
        {"params": [one for one in trained if one.ndim < 2], "weight_decay": 0.0},
    ]
