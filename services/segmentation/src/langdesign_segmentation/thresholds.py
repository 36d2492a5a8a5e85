"""Thresholds that a checkpoint brings from its validation."""

import json
from pathlib import Path

from langdesign_edits.verdicts import Thresholds

from langdesign_segmentation.errors import ThresholdsError


def read_thresholds(path: Path | None) -> Thresholds:
    """Read a checkpoint's `thresholds.json`; without a path the defaults, which serve where it is silent too.

    Raises:
        ThresholdsError: the file is absent, unreadable or holds no such numbers.

    """
    if path is None:
        return Thresholds()
    try:
        return Thresholds.of(json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise ThresholdsError(
            f"{path} gives no thresholds: {error}; write mask_threshold, no_target_threshold, "
            "uncertain_threshold and least_area, 0..1, as JSON"
        ) from error
