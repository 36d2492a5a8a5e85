"""A family of models in the making: a folder with one training per model, which find one another there.

OUT/vae/   OUT/clip/   OUT/dino/   OUT/generate/   OUT/edit/   OUT/segment/
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from langdesign_scenes.dataset import SceneSet

from .errors import RecipeError
from .loop import LoopReport, train
from .pictures import Pictures, load_pictures
from .recipes import Recipe


@dataclass(frozen=True)
class Context:
    """What a task is made from beside its recipe."""

    pictures: Pictures  # of the split that the recipe asks for
    family: Path  # folder whose subfolders are the trainings
    folder: Path  # of this training
    device: str = "cpu"  # where the model goes

    def model(self, name: str) -> Path:
        """Return the folder of another model of the family, as its training last saved it.

        Raises:
            RecipeError: it has not been trained.

        """
        folder = self.family / name / "model"
        if not folder.is_dir():
            raise RecipeError(f"{folder} is missing; run `python -m langdesign_finetune train {name}` first")
        return folder


def train_model(name: str, build: str, recipe: Recipe, scenes: SceneSet, family: Path) -> LoopReport:
    """Train one model of a family, or go on with it.

    Args:
        name: of the model, and of its folder in the family's.
        build: "module:callable" of this package; called with the recipe and a `Context`, it returns a task.
        recipe: what to train, and how.
        scenes: the rendered set.
        family: where the family's trainings are.

    """
    folder = family / name
    folder.mkdir(parents=True, exist_ok=True)
    pictures = load_pictures(scenes, general=recipe.general)
    context = Context(pictures, family, folder, recipe.loop.device)
    _describe(recipe, scenes, pictures, folder)
    return train(_builder(build)(recipe, context), recipe.loop, folder, recipe=recipe.digest)


def _builder(build: str) -> Any:
    module, callable_ = build.split(":")
    return getattr(import_module(f"{__package__}.{module}"), callable_)


def _describe(recipe: Recipe, scenes: SceneSet, pictures: Pictures, folder: Path) -> None:
    """Write what the training's card tells of its recipe and data."""
    data = {
        "set": scenes.folder.resolve().name,
        "digest": scenes.manifest.get("digest", ""),
        "families": len(pictures.families),
        "pictures": len(pictures),
        "side": pictures.side,
        "validation families": len(pictures.places("validation")),
    }
    described = {"digest": recipe.digest, "recipe": dataclasses.asdict(recipe), "data": data}
    (folder / "recipe.json").write_text(json.dumps(described, indent=2) + "\n", "utf-8")
