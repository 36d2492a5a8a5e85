"""The models that make and judge pairs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .errors import SourceError


@dataclass(frozen=True)
class Models:
    """Folders of models."""

    generate: Path  # Stable Diffusion, a diffusers folder
    clip: Path  # CLIP, a transformers folder
    segment: Path  # ReLA, with thresholds.json where its validation chose some

    @classmethod
    def of(cls, family: Path) -> Models:
        """Return the models of a family's folder, such as `deploy/models/mini`."""
        return cls(family / "generate", family / "clip", family / "segment")

    def check(self) -> None:
        """Look whether they are there, before any work.

        Raises:
            SourceError: one is missing.

        """
        for role in ("generate", "clip", "segment"):
            folder: Path = getattr(self, role)
            if not folder.is_dir():
                raise SourceError(
                    f"There is no model in {folder}; name a folder that holds one to {role}, "
                    "as deploy/models/mini does"
                )
