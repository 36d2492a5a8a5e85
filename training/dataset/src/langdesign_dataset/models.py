"""The models that make and judge pairs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from langdesign_diffusion.checkpoint import read_json
from langdesign_diffusion.errors import DiffusionError

from .errors import RecipeError, SourceError


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

    def check_side(self, side: int) -> None:
        """Look whether the generator can draw pictures of a recipe's side, by its configurations alone.

        A folder whose configurations cannot be read is left to whoever loads it, who says more.

        Args:
            side: of the pictures, in pixels.

        Raises:
            RecipeError: the side is no multiple of what the generator needs.

        """
        try:
            unet, vae = (read_json(self.generate / part / "config.json") for part in ("unet", "vae"))
            halvings = sum(len(one["block_out_channels"]) - 1 for one in (unet, vae))
        except (DiffusionError, KeyError, TypeError):
            return
        if side % 2**halvings:
            raise RecipeError(
                f"sampling.side is {side} pixels, no multiple of the {2**halvings} of {self.generate}; "
                "correct it"
            )
