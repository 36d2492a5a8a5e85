"""Options that say where a run finds what it needs, for every command that does runs."""

from __future__ import annotations

import inspect
from argparse import ArgumentTypeError
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from .errors import RecipeError
from .places import CONTEXTS, DATA, MODELS, Places


def _places(
    contexts: Annotated[
        Path, typer.Option(envvar="SPECIALISE_CONTEXTS", help="Folder of the contexts.")
    ] = CONTEXTS,
    models: Annotated[
        Path,
        typer.Option(envvar="SPECIALISE_MODELS", help="Folder with edit, generate, segment, clip and dino."),
    ] = MODELS,
    registry: Annotated[
        str,
        typer.Option(
            envvar="LANGDESIGN_REGISTRY",
            help="MLflow's address, or sqlite:///FILE; it also hears how the tuning goes.",
        ),
    ] = Places.registry,
    keys: Annotated[
        Path, typer.Option(help="Folder of the keys that sign; a pair is made where there is none.")
    ] = DATA / "keys",
    reviewed: Annotated[
        Path | None,
        typer.Option(help="Labels of a review page: pairs that people dropped are not trained on."),
    ] = None,
    bench: Annotated[
        str,
        typer.Option(
            envvar="SPECIALISE_BENCH",
            help="Public set to judge on, NAME:PATH; only magicbrush:PATH holds all that it takes. It has no "
            "no-ops, so that versions judged on it pass no gate.",
        ),
    ] = "",
    llm_base_url: Annotated[
        str,
        typer.Option(
            envvar="SPECIALISE_LLM_BASE_URL",
            help="OpenAI endpoint, where a language model writes the triples.",
        ),
    ] = "",
    llm_api_key: Annotated[
        str,
        typer.Option(envvar="OPENAI_API_KEY", show_default=False, help="Its key; better in the environment."),
    ] = "none",
    judge_key: Annotated[
        str,
        typer.Option(envvar="SPECIALISE_JUDGE_KEY", show_default=False, help="Of the judge's endpoint."),
    ] = "",
    workers: Annotated[
        int,
        typer.Option(
            min=1, envvar="SPECIALISE_WORKERS", help="Processes of what runs in parallel, on each machine."
        ),
    ] = Places.workers,
    ray: Annotated[
        str,
        typer.Option(
            envvar="RAY_ADDRESS",
            help="Of a Ray cluster that makes the pairs and tunes; without it, here.",
        ),
    ] = "",
    machines: Annotated[
        int,
        typer.Option(
            min=1,
            envvar="SPECIALISE_MACHINES",
            help="Of that cluster; each tunes on a part of every batch.",
        ),
    ] = 1,
    device: Annotated[
        str,
        typer.Option(
            envvar="SPECIALISE_DEVICE",
            help="Of every model: cpu, cuda, cuda:N or auto; without it the CPU, and what the recipe of the "
            "tuning says.",
        ),
    ] = "",
) -> Places:
    return Places(
        contexts,
        models,
        registry,
        keys,
        workers,
        llm_base_url,
        llm_api_key,
        ray=ray,
        machines=machines,
        device=_device(device) if device else "",
        judge_key=judge_key,
        reviewed=reviewed,
        bench=_bench(bench) if bench else None,
    )


def _device(text: str) -> str:
    from .checking import check_device  # noqa: PLC0415 - takes seconds

    return check_device(text)


def _bench(text: str) -> tuple[str, Path]:
    from langdesign_evaluation import arguments  # noqa: PLC0415 - takes seconds
    from langdesign_evaluation.benchmarks import READERS  # noqa: PLC0415 - takes seconds

    try:
        return arguments.public(READERS)(text)
    except ArgumentTypeError as error:
        raise RecipeError(f"--bench {error}") from error


def with_places(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of places in place of its parameter `places`, which makes them.

    They are read when they are asked for, so that the command tells what is wrong with them as it tells the
    rest. The decorated function is one for typer.
    """
    shared = inspect.signature(_places, eval_str=True).parameters
    own = inspect.signature(command, eval_str=True).parameters

    @wraps(command)
    def taking(**given: Any) -> None:
        options = {name: given.pop(name) for name in shared}
        command(places=partial(_places, **options), **given)

    parameters = [one for one in own.values() if one.name != "places"] + list(shared.values())
    taking.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
    taking.__annotations__ = {one.name: one.annotation for one in parameters}
    return taking
