"""What a checkpoint brings from its validation: how it is best sampled, from where it is sure enough."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from langdesign_edits.focus import ENLARGEMENT, SIZE_MULTIPLE, WORKING_SIZE

from .errors import ModelError

SAMPLING = "sampling.json"
"""Of an editor: steps, guidance_scale, image_guidance_scale, and what `Working` names."""

THRESHOLDS = "thresholds.json"
"""Of a segmentation network; see `langdesign_edits.verdicts.Thresholds`."""


_FOCUS = "focus"


class Working(NamedTuple):
    """What of a picture an editor's network sees well, as `langdesign_edits.focus.choose` takes it."""

    size: int = WORKING_SIZE  # side of the square that it knows, px
    multiple: int = SIZE_MULTIPLE  # what its sides divide by, px
    enlargement: float = ENLARGEMENT  # how many times a region's crop may be enlarged


def read_working(path: Path) -> Working:
    """Return what an editor's network sees well; where the file is silent, as Stable Diffusion 1.

    Raises:
        ModelError: as `read_advice` says.

    """
    advice, usual = read_advice(path), Working()
    return Working(
        int(advice.get("working_size", usual.size)),
        int(advice.get("size_multiple", usual.multiple)),
        float(advice.get("enlargement", usual.enlargement)),
    )


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
