"""What a deployment decides of the runs that its callers order: prices, models, and what they may spend."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

from .errors import RecipeError
from .parts import dataset_recipe
from .recipes import SpecialiseRecipe

JUDGE_DOLLARS = "dataset.budget.dollars"
CEILINGS = ("llm_tokens", "llm_dollars", JUDGE_DOLLARS)
"""Settings that a ceiling can be put on: tokens, and US dollars, of a run."""


def with_own(ordered: Mapping[str, str], own: Sequence[str]) -> dict[str, str]:
    """Return what was ordered together with what the deployment decides.

    Args:
        ordered: settings as text.
        own: NAME=VALUE, or NAME alone where the preset's value has to stay.

    Raises:
        RecipeError: something was ordered that the deployment decides.

    """
    decided = dict(_split(one) for one in own)
    if taken := sorted(set(ordered) & set(decided)):
        raise RecipeError(f"{', '.join(taken)} is for the deployment to decide; leave it out")
    return {**ordered, **{name: value for name, value in decided.items() if value is not None}}


def lowered(recipe: SpecialiseRecipe, ceilings: Sequence[str]) -> SpecialiseRecipe:
    """Return a recipe that spends no more than its ceilings, which are NAME=VALUE.

    Raises:
        RecipeError: a ceiling is none of `CEILINGS`, or no number above 0.

    """
    for name, ceiling in map(_ceiling, ceilings):
        if name == JUDGE_DOLLARS:
            recipe = _judged_for(recipe, ceiling)
            continue
        asked = getattr(recipe, name)
        bounded = min(asked or math.inf, ceiling)  # 0 is no bound
        recipe = dataclasses.replace(recipe, **{name: type(asked)(bounded)})
    return recipe


def _judged_for(recipe: SpecialiseRecipe, ceiling: float) -> SpecialiseRecipe:
    changed = recipe.parts.get("dataset", {})
    dataset = dataset_recipe(recipe)
    asked = dataset.budget.dollars
    if not dataset.judging.model or (asked is not None and asked <= ceiling):
        return recipe
    parts = {**recipe.parts, "dataset": {**changed, "budget.dollars": f"{ceiling:g}"}}
    return dataclasses.replace(recipe, parts=parts)


def _ceiling(text: str) -> tuple[str, float]:
    name, value = _split(text)
    try:
        ceiling = float(value or "")
    except ValueError:
        ceiling = math.nan
    if name not in CEILINGS or not (math.isfinite(ceiling) and ceiling > 0):
        raise RecipeError(f"--ceiling {text}: give {' or '.join(CEILINGS)}, and a number above 0")
    return name, ceiling


def _split(text: str) -> tuple[str, str | None]:
    name, equals, value = text.partition("=")
    return name, value if equals else None
