"""What can be looked at before any work: settings, models, names."""

from __future__ import annotations

from langdesign_dataset.errors import DatasetError
from langdesign_finetune.base import check_base
from langdesign_finetune.errors import FinetuneError
from langdesign_finetune.tune_recipes import check_recipe
from langdesign_registry import RegistryError
from langdesign_registry.names import check_alias, check_model
from langdesign_triples import TriplesError

from .errors import RecipeError
from .learning import tune_recipe
from .preparing import asks_language_model, dataset_recipe
from .work import Work


def check(work: Work) -> None:
    """Look whether a run can go through, as far as that can be told without any work.

    Raises:
        RecipeError: a model, the context, a name or a setting is missing or wrong.

    """
    work.places.check(work.recipe.context)
    try:
        _ = work.context
        dataset_recipe(work)
        tuning = tune_recipe(work)
        check_recipe(tuning)
        check_base(work.places.model("edit"), tuning.objective.prediction, tuning.side)
        check_model(work.recipe.model_name)
        check_alias(work.recipe.alias)
    except (DatasetError, FinetuneError, RegistryError, TriplesError) as error:
        raise RecipeError(str(error)) from error
    if asks_language_model(work) and not work.places.llm_base_url:
        raise RecipeError(
            "A language model shall write the triples: give its endpoint with --llm-base-url or "
            "SPECIALISE_LLM_BASE_URL, and its key in OPENAI_API_KEY, or choose the grammar with "
            "--set writer=grammar"
        )
