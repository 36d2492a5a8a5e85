"""Files of weights: large tables are bytes with a step for each row, the rest are half floats."""

import json
from collections.abc import Mapping, Sequence
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


def save(path: Path, tables: Mapping[str, Array], names: Sequence[str]) -> None:
    """Write tables and the names of the rows of one of them."""
    held: dict[str, NDArray[np.generic]] = {}
    for name, table in tables.items():
        if table.size < _LARGE:
            held[name] = table.astype(np.float16)
        else:
            steps = np.maximum(np.abs(table).max(1) / 127, 1e-6).astype(np.float16)
            held[name + _STEPS] = steps
            held[name] = np.round(table / steps.astype(np.float32)[:, None]).clip(-127, 127).astype(np.int8)
    save_file(held, path, {_NAMES: json.dumps(list(names), ensure_ascii=False)})


def load(path: Path) -> tuple[dict[str, Array], list[str]]:
    """Return what `save` wrote."""
    with safe_open(path, framework="numpy") as file:
        held = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
        names = json.loads(file.metadata()[_NAMES])
    for name in [one for one in held if one.endswith(_STEPS)]:
        held[name.removesuffix(_STEPS)] *= held.pop(name)[:, None]
    return held, names
