"""Recipes of a run's parts, with what the run changes in them, read before what does the work is imported."""

from __future__ import annotations

from langdesign_dataset import recipes as dataset_recipes
from langdesign_dataset.errors import DatasetError

from .errors import RecipeError
from .recipes import SpecialiseRecipe, override


def dataset_recipe(recipe: SpecialiseRecipe) -> dataset_recipes.DatasetRecipe:
    """Return the recipe of the data set.

    Raises:
        RecipeError: there is no such preset or setting, or a value does not fit.

    """
    try:
        preset = dataset_recipes.preset(recipe.dataset)
        changed: dataset_recipes.DatasetRecipe = override(preset, recipe.parts.get("dataset", {}), "dataset")
    except DatasetError as error:
        raise RecipeError(str(error)) from error
    return changed


def check_parts(recipe: SpecialiseRecipe) -> None:
    """Look whether the parts have the settings that a run changes in them.

    Raises:
        RecipeError: one has no such preset or setting, or a value does not fit.

    """
    dataset_recipe(recipe)
    if changed := recipe.parts.get("tune"):
        from langdesign_finetune.errors import FinetuneError  # noqa: PLC0415 - imports torch
        from langdesign_finetune.tune_recipes import tune_preset  # noqa: PLC0415 - imports torch

        try:
            override(tune_preset(recipe.tune), changed, "tune")
        except FinetuneError as error:
            raise RecipeError(str(error)) from error
