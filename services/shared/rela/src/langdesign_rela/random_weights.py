"""Checkpoints with random weights, for tests, benchmarks and the start of a training.

`python -m langdesign_rela.random_weights --size tiny OUT` writes a folder that `Predictor.from_folder` reads.
"""

from __future__ import annotations

import argparse
import dataclasses
import zlib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

import torch
from torch import Tensor

from .checkpoint import VOCABULARY, save_checkpoint
from .config import PRESETS
from .model import Rela, build
from .official import is_constant, load_official_state_dict, official_shapes


def interior_vocabulary() -> list[str]:
    """Return a small vocabulary of word pieces: letters, endings and the words of rooms and furniture."""
    text = resources.files(__package__).joinpath("data/interior_vocab.txt").read_text(encoding="utf-8")
    return text.split("\n")[:-1]


def random_official_state(shapes: Mapping[str, Sequence[int]], scale: float = 0.05) -> dict[str, Tensor]:
    """Return weights that are a function of their published names alone, so that nothing need be stored.

    Each is normal with deviation `scale`, seeded by the CRC-32 of its name; the weights of norms are around
    1, and variances are at least 0.5. Names of constants, which hold no learned value, are left out.
    """
    learned = ((name, shape) for name, shape in shapes.items() if not is_constant(name))
    return {name: _random_tensor(name, shape, scale) for name, shape in learned}


def _random_tensor(name: str, shape: Sequence[int], scale: float) -> Tensor:
    seed = zlib.crc32(name.encode())
    value = torch.randn(tuple(shape), generator=torch.Generator().manual_seed(seed)) * scale
    if len(shape) == 1 and name.endswith("weight"):
        value += 1.0
    return value.abs() + 0.5 if name.endswith("running_var") else value


def random_model(size: str) -> Rela:
    """Return a network of a preset's size in evaluation mode; the small ones have the interior vocabulary."""
    config = PRESETS[size]
    if size in ("tiny", "mini"):
        text = dataclasses.replace(config.text, vocab_size=len(interior_vocabulary()))
        config = dataclasses.replace(config, text=text)
    model = build(config).eval()
    load_official_state_dict(model, random_official_state(official_shapes(model)))
    return model


def write_random_checkpoint(size: str, out: str | Path) -> None:
    """Write a checkpoint folder of a preset's size with random weights into `out`.

    At a published size the vocabulary is the interior one, filled up with `[unusedN]` to the size of BERT's.
    """
    model, out = random_model(size), Path(out)
    save_checkpoint(model, out)
    write_vocabulary(model.config.text.vocab_size, out / VOCABULARY)


def write_vocabulary(size: int, path: Path) -> None:
    """Write the interior vocabulary, filled up with `[unusedN]` to `size` word pieces."""
    pieces = interior_vocabulary()
    pieces += [f"[unused{index}]" for index in range(size - len(pieces))]
    path.write_text("\n".join(pieces) + "\n", encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> None:
    """Write a checkpoint folder with random weights."""
    parser = argparse.ArgumentParser(prog="langdesign_rela.random_weights", description=main.__doc__)
    parser.add_argument("--size", choices=sorted(PRESETS), default="tiny")
    parser.add_argument("out", type=Path, help="folder to write")
    options = parser.parse_args(argv)
    write_random_checkpoint(options.size, options.out)


if __name__ == "__main__":
    main()
