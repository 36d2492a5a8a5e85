"""The checkpoint folder: `config.json`, `model.safetensors` and `vocab.txt`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from langdesign_edits.weight_files import in_its_place
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from .config import RelaConfig
from .errors import CheckpointError
from .model import Rela
from .official import compare_shapes, summary

CONFIG, WEIGHTS, VOCABULARY = "config.json", "model.safetensors", "vocab.txt"
_FORMAT = {"format": "langdesign-rela", "version": 1}


def save_checkpoint(model: Rela, folder: str | Path) -> None:
    """Write configuration and weights of `model` into `folder`; the vocabulary is the caller's to add."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    text = json.dumps({**_FORMAT, **model.config.to_dict()}, indent=2)
    (folder / CONFIG).write_text(text + "\n", encoding="utf-8")


def load_checkpoint(folder: str | Path) -> Rela:
    """Read the network from a checkpoint folder: on the CPU, in the stored type, in evaluation mode.

    Only safetensors are read; a pickle beside them is ignored.

    Raises:
        CheckpointError: a file is missing, unreadable, does not fit the configuration, or holds a weight that
            is no number.

    """
    folder = Path(folder)
    model = Rela(read_config(folder))
    if not (folder / WEIGHTS).is_file():
        raise CheckpointError(
            f"{WEIGHTS} is missing in the checkpoint folder; `langdesign models convert` writes it"
        )
    if (wrong := in_its_place(folder / WEIGHTS)) is not None:
        raise CheckpointError(f"{WEIGHTS} {wrong}")
    try:
        state = load_file(folder / WEIGHTS)
    except SafetensorError as error:
        raise CheckpointError(
            f"{WEIGHTS} is not a whole safetensors file ({error}); fetch it again"
        ) from error
    problems = compare_shapes(_shapes(model.state_dict()), _shapes(state))
    if problems:
        raise CheckpointError(summary(problems))
    for name, value in state.items():
        if value.is_floating_point() and not torch.isfinite(value).all():
            raise CheckpointError(f"{name} of {WEIGHTS} is not finite; fetch it again")
    model.load_state_dict(state, assign=True)
    return model.eval()


def read_config(folder: Path) -> RelaConfig:
    """Read `config.json` of a checkpoint folder.

    Raises:
        CheckpointError: the file is missing or no configuration of this library.

    """
    try:
        data = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{CONFIG} is missing in the checkpoint folder, or no JSON") from error
    kind = {name: data.pop(name, None) for name in _FORMAT} if isinstance(data, dict) else None
    if kind != _FORMAT:
        raise CheckpointError(f"{CONFIG} is of {kind}; this library reads {_FORMAT}")
    return RelaConfig.from_dict(data)


def _shapes(state: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in state.items() if isinstance(value, torch.Tensor)}
