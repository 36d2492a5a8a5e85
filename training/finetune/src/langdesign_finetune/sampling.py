"""How a model is sampled best: what travels with an editor as sampling.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .errors import RecipeError

SAMPLING = "sampling.json"

_KNOWN: Mapping[str, type[Any]] = {"working_size": int, "size_multiple": int, "enlargement": float}
"""What a file may leave out."""


@dataclass(frozen=True)
class Sampling:
    """Advised settings of an edit."""

    steps: int = 20  # of denoising
    guidance_scale: float = 7.5  # of the text
    image_guidance_scale: float = 1.5
    working_size: int | None = None  # px: side of the square that it was trained on; None where nobody knows
    size_multiple: int | None = None  # px: what sides divide by within it
    enlargement: float | None = None  # how many times a region's crop may be enlarged; None: never

    @classmethod
    def read(cls, folder: Path) -> Sampling:
        """Return what a model's folder advises, or InstructPix2Pix's published settings.

        Raises:
            RecipeError: its sampling.json is damaged.

        """
        path = folder / SAMPLING
        if not path.is_file():
            return cls()
        try:
            data = json.loads(path.read_text("utf-8"))
            known = {name: kind(data[name]) for name, kind in _KNOWN.items() if name in data}
            scales = float(data["guidance_scale"]), float(data["image_guidance_scale"])
            return cls(int(data["steps"]), *scales, **known)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RecipeError(
                f"{path} is damaged ({error}); it names steps, guidance_scale and image_guidance_scale"
            ) from error

    @classmethod
    def advised(cls, folder: Path) -> Sampling | None:
        """Return what a model's folder advises; None where it advises nothing, or is none."""
        return cls.read(folder) if (folder / SAMPLING).is_file() else None

    def write(self, folder: Path) -> None:
        """Write it into a model's folder; what nobody knows is left out."""
        known = {name: value for name, value in asdict(self).items() if value is not None}
        (folder / SAMPLING).write_text(json.dumps(known, indent=2) + "\n", "utf-8")
