"""Turn a published ReLA checkpoint into this library's folder: safetensors and a configuration.

`langdesign models convert rela CHECKPOINT OUT [--vocabulary VOCAB.TXT]`
"""

from __future__ import annotations

import argparse
import pickle
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from langdesign_edits.weight_files import in_its_place, may_hold_code
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from .checkpoint import VOCABULARY, save_checkpoint
from .config import PRESETS
from .errors import CheckpointError, RelaError, UnsafeCheckpoint
from .model import Rela
from .official import compare_shapes, is_constant, load_official_state_dict, official_shapes

PUBLISHED = ("swin_base", "swin_tiny", "r50")
_SAFE_HINT = "Ask for a file of tensors alone, or save its state dict as safetensors where you trust it"


def read_official(path: Path) -> dict[str, Tensor]:
    """Read the state dict of a published file (`.pth`, or safetensors), without running code in it.

    Raises:
        UnsafeCheckpoint: the file holds more than tensors and plain data.
        CheckpointError: the file is missing, broken, or holds no state dict.

    """
    if not path.is_file():
        raise CheckpointError(f"There is no file {path.name}; give the published checkpoint's path")
    if (wrong := in_its_place(path)) is not None:
        raise CheckpointError(f"{path.name} {wrong}")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if not may_hold_code(path):
            raise CheckpointError(f"{path.name} is no checkpoint; fetch it again") from error
        raise UnsafeCheckpoint(f"{path.name} carries code and was refused. {_SAFE_HINT}") from error
    except (SafetensorError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise CheckpointError(f"{path.name} is not a whole checkpoint file; fetch it again") from error
    return _state_dict(content)


def _state_dict(content: Any) -> dict[str, Tensor]:
    if isinstance(content, Mapping) and isinstance(content.get("model"), Mapping):
        content = content["model"]  # detectron2 keeps optimizer and iteration beside it
    if not isinstance(content, Mapping) or not content:
        raise CheckpointError("The file holds no state dict; give a published ReLA checkpoint")
    strange = [str(name) for name, value in content.items() if not isinstance(value, Tensor)]
    if strange:
        raise CheckpointError(f"{strange[0]} is not a tensor; give a published ReLA checkpoint")
    return dict(content)


def closest_preset(state: Mapping[str, Tensor]) -> str:
    """Return the published configuration whose names and shapes differ least from those of `state`."""
    found = {name: tuple(value.shape) for name, value in state.items() if not is_constant(name)}

    def differences(preset: str) -> int:
        with torch.device("meta"):
            return len(compare_shapes(official_shapes(Rela(PRESETS[preset])), found))

    return min(PUBLISHED, key=differences)


def convert(checkpoint: Path, out: Path, vocabulary: Path | None = None, preset: str | None = None) -> str:
    """Convert `checkpoint` into the folder `out`, and return the name of its configuration.

    Args:
        checkpoint: the published file.
        out: folder to write, new or empty.
        vocabulary: `vocab.txt` of bert-base-uncased; without it, one beside the checkpoint is taken if there.
        preset: one of `PUBLISHED`; None to tell from the names and shapes.

    Raises:
        CheckpointError: the file cannot be read, a tensor is missing, unexpected or of another shape, or the
            folder is there already.

    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CheckpointError(f"{out} is there already; name a new folder")
    state = read_official(checkpoint)
    preset = preset or closest_preset(state)
    model = Rela(PRESETS[preset])
    load_official_state_dict(model, {name: _full_precision(value) for name, value in state.items()})
    source = vocabulary or checkpoint.with_name(VOCABULARY)
    out.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place first, so that no folder is ever half there.
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.", suffix=".part") as part:
        made = Path(part) / out.name
        save_checkpoint(model, made)
        if vocabulary or source.is_file():
            shutil.copyfile(source, made / VOCABULARY)
        made.replace(out)
    return preset


def _full_precision(value: Tensor) -> Tensor:
    return value.float() if value.is_floating_point() else value


def main(argv: list[str]) -> int:
    """Run `langdesign models convert rela ARGV`, and return the exit status."""
    parser = argparse.ArgumentParser(prog="langdesign models convert rela", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="the published file (.pth or .safetensors)")
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--vocabulary", type=Path, help="vocab.txt of bert-base-uncased")
    parser.add_argument(
        "--preset", choices=PUBLISHED, help="its configuration (told from the file if left out)"
    )
    options = parser.parse_args(argv)
    try:
        preset = convert(options.checkpoint, options.out, options.vocabulary, options.preset)
    except (RelaError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Wrote {preset} to {options.out}\n")
    if not (options.out / VOCABULARY).is_file():
        sys.stdout.write(f"Put {VOCABULARY} of bert-base-uncased beside it before it is served\n")
    return 0
