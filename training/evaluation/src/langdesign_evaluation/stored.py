"""Outcomes on disk, so that a comparison that was cut short goes on where it was.

FOLDER/KEY.png                 the picture
FOLDER/KEY.uncomposited.png    before compositing, where something was composited
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image

from .cases import Case
from .editors import Outcome
from .metrics import Pixels


class Stored:
    """The outcomes of one way to edit.

    Args:
        folder: named after all that the pictures depend on but the case.

    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def write(self, case: Case, outcome: Outcome) -> None:
        """Write a case's outcome; the picture comes last, and says that all is there."""
        path = self._path(case)
        if outcome.uncomposited is not None:
            _write(_uncomposited(path), outcome.uncomposited)
        _write(path, outcome.picture)

    def read(self, case: Case) -> Outcome | None:
        """Return a case's outcome; None where there is none, or one that cannot be read."""
        path = self._path(case)
        beside = _uncomposited(path)
        try:
            return Outcome(_read(path), uncomposited=_read(beside) if beside.exists() else None)
        except (
            OSError,
            SyntaxError,
        ):  # as Pillow calls damaged PNGs; a disk's fault shows when it is written
            return None

    def _path(self, case: Case) -> Path:
        # The id seeds an edit's noise, so that the same edit at another place is another outcome.
        told = hashlib.sha256(f"{case.id}\n{case.edit.instruction}\n".encode())
        for array in (case.before(), case.region()):
            told.update(b"none" if array is None else f"{array.shape}\n".encode() + array.tobytes())
        return self._folder / f"{told.hexdigest()[:32]}.png"


def _uncomposited(path: Path) -> Path:
    return path.with_suffix(".uncomposited.png")


def _write(path: Path, picture: Pixels) -> None:
    draft = path.with_suffix(".draft")
    Image.fromarray(picture).save(draft, format="PNG", compress_level=1)
    draft.replace(path)


def _read(path: Path) -> Pixels:
    return np.array(Image.open(io.BytesIO(path.read_bytes())).convert("RGB"))
