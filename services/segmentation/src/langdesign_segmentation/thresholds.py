"""Thresholds that a checkpoint brings from its validation."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from langdesign_segmentation.errors import ThresholdsError


class Thresholds(BaseModel):
    """From where a pixel is inside, and from where nothing is meant; both 0..1 exclusive.

    The defaults are those of a two-class argmax, which the published network uses.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    mask_threshold: float = Field(default=0.5, gt=0, lt=1)
    no_target_threshold: float = Field(default=0.5, gt=0, lt=1)

    def overridden(self, mask: float | None, no_target: float | None) -> "Thresholds":
        """Return these thresholds with those that are given in their place."""
        given = {"mask_threshold": mask, "no_target_threshold": no_target}
        return self.model_copy(update={name: value for name, value in given.items() if value is not None})


def read_thresholds(path: Path | None) -> Thresholds:
    """Read a checkpoint's `thresholds.json`; without a path, the defaults.

    Raises:
        ThresholdsError: the file is absent, unreadable or holds no such numbers.

    """
    if path is None:
        return Thresholds()
    try:
        return Thresholds.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ThresholdsError(
            f"{path} gives no thresholds: write mask_threshold and no_target_threshold, 0..1, as JSON"
        ) from error
