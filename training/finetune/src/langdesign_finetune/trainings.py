"""The models of a family: for each its recipes and what makes its task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import denoising_recipes, recipes, segment_recipes
from .recipes import Recipe


@dataclass(frozen=True)
class Training:
    """One model."""

    build: str  # "module:callable", imported when it is trained
    recipes: Mapping[str, Recipe]  # by preset


TRAININGS: Mapping[str, Training] = {
    "vae": Training("vae:VaeTask", recipes.VAE),
    "clip": Training("clip:ClipTask", recipes.CLIP),
    "dino": Training("dino:DinoTask", recipes.DINO),
    "backbone": Training("backbone:BackboneTask", segment_recipes.BACKBONE),
    "segment": Training("segment:SegmentTask", segment_recipes.SEGMENT),
    "generate": Training("generate:GenerateTask", denoising_recipes.GENERATE),
    "edit": Training("edit:rendered_edits", denoising_recipes.EDIT),
}
