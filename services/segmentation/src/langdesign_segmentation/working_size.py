"""The side of the square that a network sees, from its checkpoint."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from langdesign_segmentation.errors import WorkingSizeError

SMALLEST, LARGEST = 32, 4096
"""The sides that a network may have, pixels."""


class _Config(msgspec.Struct):
    image_size: Annotated[int, Meta(ge=SMALLEST, le=LARGEST)]


def read_working_size(path: Path) -> int:
    """Return the `image_size` of a checkpoint's `config.json`, pixels.

    Raises:
        WorkingSizeError: the file is absent, unreadable or holds no such number.

    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Config).image_size
    except (OSError, ValueError, RecursionError) as error:
        raise WorkingSizeError(
            f"{path} gives no size: write image_size, {SMALLEST}..{LARGEST} pixels, as JSON"
        ) from error
