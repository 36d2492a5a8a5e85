"""What can be looked at before any work: settings, models, names."""

from __future__ import annotations

from argparse import ArgumentTypeError
from contextlib import suppress

from langdesign_dataset.errors import DatasetError
from langdesign_evaluation.arguments import device as read_device
from langdesign_evaluation.errors import EvaluationError
from langdesign_finetune.base import check_base
from langdesign_finetune.errors import FinetuneError
from langdesign_finetune.ray_tuning import check_workers
from langdesign_registry import ArtifactError, NotFound, Registry, RegistryError, create_keys
from langdesign_registry.names import check_alias, check_model
from langdesign_triples import TriplesError

from .errors import RecipeError
from .judging import check_bench
from .learning import tune_recipe
from .preparing import asks_language_model, check_money, dataset_recipe, labels_of, models_of
from .work import Work


def check(work: Work, *, judges: bool, registers: bool = False) -> None:
    """Look whether a run can go through, as far as that can be told without any work.

    Args:
        work: the run.
        judges: whether it comes to judge editors, for which it needs a bench.
        registers: whether it comes to register one, for which it needs a registry and keys.

    Raises:
        RecipeError: a model, the context, a name or a setting is missing or wrong, or a device or the
            registry is not there.

    """
    work.places.check(work.recipe.context)
    try:
        _ = work.context
        models_of(work).check_side(dataset_recipe(work).sampling.side)
        tuning = tune_recipe(work)
        check_workers(tuning, work.places.tuning_workers)
        check_base(work.places.model("edit"), tuning.objective.prediction, tuning.side)
        check_model(work.recipe.model_name)
        check_alias(work.recipe.alias)
        labels_of(work)
        if judges:
            check_bench(work)
    except (DatasetError, EvaluationError, FinetuneError, RegistryError, TriplesError) as error:
        raise RecipeError(str(error)) from error
    for device in {work.device, *([tuning.loop.device] if work.places.tuning_workers == 1 else [])}:
        check_device(device)
    if asks_language_model(work):
        _check_language_model(work)
    if registers:
        _check_registry(work)


def _check_registry(work: Work) -> None:
    """Ask the registry for the model, as the last stage does."""
    try:
        registry = Registry(work.places.registry, create_keys(work.places.keys).public)
        with suppress(NotFound):  # the first version is yet to come
            registry.list_versions(work.recipe.model_name)
    except (ArtifactError, RegistryError, OSError) as error:
        raise RecipeError(
            f"Nothing can be registered at {work.places.registry} with the keys in {work.places.keys}: "
            f"{str(error).rstrip('.')}. Start it, or give another --registry or --keys"
        ) from error


def _check_language_model(work: Work) -> None:
    if not work.places.llm_base_url:
        raise RecipeError(
            "A language model shall write the triples: give its endpoint with --llm-base-url or "
            "SPECIALISE_LLM_BASE_URL, and its key in OPENAI_API_KEY, or choose the grammar with "
            "--set writer=grammar"
        )
    check_money(work)


def check_device(name: str) -> str:
    """Return a device as torch names it; "auto" is CUDA where there is any.

    Raises:
        RecipeError: it is none, or is not there.

    """
    try:
        return str(read_device(name))
    except ArgumentTypeError as error:
        raise RecipeError(f"device {error}") from error
