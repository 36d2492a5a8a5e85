"""The side of the square that a network sees, from its checkpoint."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from langdesign_segmentation.errors import WorkingSizeError

SMALLEST, LARGEST = 32, 4096
"""The sides that a network may have, pixels."""


class _Config(BaseModel):
    model_config = ConfigDict(extra="ignore")

    image_size: int = Field(ge=SMALLEST, le=LARGEST)


def read_working_size(path: Path) -> int:
    """Return the `image_size` of a checkpoint's `config.json`, pixels.

    Raises:
        WorkingSizeError: the file is absent, unreadable or holds no such number.

    """
    try:
        return _Config.model_validate_json(path.read_bytes()).image_size
    except (OSError, ValidationError) as error:
        raise WorkingSizeError(
            f"{path} gives no size: write image_size, {SMALLEST}..{LARGEST} pixels, as JSON"
        ) from error
