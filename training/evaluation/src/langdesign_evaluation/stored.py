"""Outcomes on disk, so that a comparison that was cut short goes on where it was.

FOLDER/KEY.png            the picture
FOLDER/KEY.decoded.png    before compositing, where something was composited
"""

from __future__ import annotations

import hashlib
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

    def has(self, case: Case) -> bool:
        """Tell whether a case's outcome is there; the picture is written last."""
        return self._path(case).is_file()

    def write(self, case: Case, outcome: Outcome) -> None:
        """Write a case's outcome."""
        path = self._path(case)
        if outcome.decoded is not None:
            _write(path.with_suffix(".decoded.png"), outcome.decoded)
        _write(path, outcome.picture)

    def read(self, case: Case) -> Outcome:
        """Return a case's outcome."""
        path = self._path(case)
        decoded = path.with_suffix(".decoded.png")
        return Outcome(_read(path), decoded=_read(decoded) if decoded.is_file() else None)

    def _path(self, case: Case) -> Path:
        # The id seeds an edit's noise, so that the same edit at another place is another outcome.
        edit = case.edit
        told = f"{case.id} {case.family.index} {edit.before} {edit.after} {edit.instruction}"
        return self._folder / f"{hashlib.sha256(told.encode()).hexdigest()[:24]}.png"


def _write(path: Path, picture: Pixels) -> None:
    draft = path.with_suffix(".draft")
    Image.fromarray(picture).save(draft, format="PNG", compress_level=1)
    draft.replace(path)


def _read(path: Path) -> Pixels:
    return np.array(Image.open(path).convert("RGB"))
