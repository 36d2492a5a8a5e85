"""Files of weights: large tables are bytes with a step for each row, the rest are half floats."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from langdesign_reference.tagging.chain import Array
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

_STEPS = ".steps"
_LARGE = 10_000
"""Numbers from which a table is kept in bytes."""
_NAMES = "names"


@dataclass(frozen=True)
class Bytes:
    """A table whose last axis is a row of bytes with a step.

    Attributes:
        numbers: Steps that each number is from zero, -127..127, (..., width).
        steps: Of each row, (...).

    """

    numbers: NDArray[np.int8]
    steps: NDArray[np.float16]

    @classmethod
    def of(cls, table: Array) -> "Bytes":
        """Return a table as bytes, each number within half a step of what it was."""
        steps = np.maximum(np.abs(table).max(-1) / 127, 1e-6).astype(np.float16)
        numbers = np.round(table / steps.astype(np.float32)[..., None]).clip(-127, 127).astype(np.int8)
        return cls(numbers, steps)

    def at(self, rows: Sequence[int] | NDArray[np.integer] | slice) -> Array:
        """Return entries of the first axis as floats."""
        found: Array = self.numbers[rows] * self.steps[rows].astype(np.float32)[..., None]
        return found


def save(path: Path, tables: Mapping[str, Array], names: Sequence[str]) -> None:
    """Write tables and the names of the rows of one of them."""
    held: dict[str, NDArray[np.generic]] = {}
    for name, table in tables.items():
        if table.size < _LARGE:
            held[name] = table.astype(np.float16)
        else:
            found = Bytes.of(table)
            held[name], held[name + _STEPS] = found.numbers, found.steps
    save_file(held, path, {_NAMES: json.dumps(list(names), ensure_ascii=False)})


def load(path: Path, looked_up: Collection[str]) -> tuple[dict[str, Array], dict[str, Bytes], list[str]]:
    """Return what `save` wrote: tables as floats, those in bytes, and names.

    Args:
        path: Of the file.
        looked_up: Large tables of which few rows are looked at, so that they stay bytes.

    """
    with safe_open(path, framework="numpy") as file:
        held = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        names = json.loads(file.metadata()[_NAMES])
    steps = {name.removesuffix(_STEPS): held.pop(name) for name in list(held) if name.endswith(_STEPS)}
    in_bytes = {name: Bytes(held.pop(name), some) for name, some in steps.items()}
    kept = {name: in_bytes.pop(name) for name in looked_up}
    tables = {name: table.astype(np.float32) for name, table in held.items()}
    return tables | {name: some.at(slice(None)) for name, some in in_bytes.items()}, kept, names
