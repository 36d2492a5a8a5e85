"""What a checkpoint brings from its validation: how it is best sampled, from where it is sure enough."""

from __future__ import annotations

import json
from pathlib import Path

from langdesign_edits.focus import SIZE_MULTIPLE, WORKING_SIZE

from .errors import ModelError

SAMPLING = "sampling.json"
"""Of an editor: steps, guidance_scale, image_guidance_scale."""

THRESHOLDS = "thresholds.json"
"""Of a segmentation network; see `langdesign_edits.verdicts.Thresholds`."""


_FOCUS = "focus"
_WORKING = {"working_size": WORKING_SIZE, "size_multiple": SIZE_MULTIPLE}  # where a file is silent


def read_working(path: Path) -> tuple[int, int]:
    """Return the side of the square that an editor's network knows, and what its sides divide by, px.

    Raises:
        ModelError: as `read_advice` says.

    """
    advice = _WORKING | read_advice(path)
    return int(advice["working_size"]), int(advice["size_multiple"])


def read_advice(path: Path) -> dict[str, float]:
    """Return the numbers of a file of advice by name; none where there is no such file.

    What it advises by operation (`focus`) is for services alone, and left out.

    Raises:
        ModelError: it cannot be read, or holds something else than numbers.

    """
    if not path.is_file():
        return {}
    hint = "export the family anew, or remove the file"
    try:
        advice = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}; {hint}") from error
    if not isinstance(advice, dict):
        raise ModelError(f"{path} is no JSON object of numbers; {hint}")
    numbers = {name: value for name, value in advice.items() if name != _FOCUS}
    if not all(type(value) in {int, float} for value in numbers.values()):
        raise ModelError(f"{path} is no JSON object of numbers; {hint}")
    return numbers
