"""`langdesign specialise`, and `python -m langdesign_specialise run` for launchers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from .errors import RecipeError, RunStopped, SpecialiseError
from .places import CONTEXTS, DATA, MODELS, Places
from .recipes import PRESETS, SpecialiseRecipe, recipe
from .reporting import ConsoleReport, JsonReport
from .running import default_folder, run
from .summary import summary
from .workspace import Workspace

_PATIENCE = 120.0  # seconds: a launcher starts a run again while what it ended may still be ending


class KindName(StrEnum):
    """How far a run goes."""

    specialise = "specialise"
    dataset = "dataset"
    finetune = "finetune"
    evaluate = "evaluate"


_Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="NAME=VALUE of the recipe, or dataset.NAME, or tune.NAME; again for more."),
]
_Out = Annotated[Path | None, typer.Option(help="Folder of the run; one that was begun is gone on with.")]
_Contexts = Annotated[Path, typer.Option(envvar="SPECIALISE_CONTEXTS", help="Folder of the contexts.")]
_Models = Annotated[
    Path,
    typer.Option(envvar="SPECIALISE_MODELS", help="Folder with edit, generate, segment, clip and dino."),
]
_Registry = Annotated[
    str, typer.Option(envvar="LANGDESIGN_REGISTRY", help="MLflow's address, or sqlite:///FILE.")
]
_Keys = Annotated[
    Path, typer.Option(help="Folder of the keys that sign; a pair is made where there is none.")
]

_Llm = Annotated[
    str,
    typer.Option(
        envvar="SPECIALISE_LLM_BASE_URL", help="OpenAI endpoint, where a language model writes the triples."
    ),
]
_Key = Annotated[
    str, typer.Option(envvar="OPENAI_API_KEY", show_default=False, help="Its key; better in the environment.")
]
_Workers = Annotated[
    int,
    typer.Option(
        min=1, envvar="SPECIALISE_WORKERS", help="Processes of what runs in parallel, on each machine."
    ),
]
_Device = Annotated[str, typer.Option(help="Of the models that make, judge and compare pairs: cpu or cuda.")]
_JudgeKey = Annotated[
    str, typer.Option(envvar="SPECIALISE_JUDGE_KEY", show_default=False, help="Of the judge's endpoint.")
]
_Run = Annotated[str, typer.Option("--run", help="Resource name of the run that a service started.")]
_Ray = Annotated[
    str,
    typer.Option(envvar="RAY_ADDRESS", help="Of a Ray cluster that makes the pairs; none makes them here."),
]
_Machines = Annotated[
    int, typer.Option(min=1, envvar="SPECIALISE_MACHINES", help="Machines of that cluster.")
]

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@command.command()
def specialise(
    context: Annotated[
        str, typer.Option(help="Folder below --contexts that describes the context.")
    ] = "interior",
    preset: Annotated[str, typer.Option(help=f"How much of everything: {', '.join(PRESETS)}.")] = "mini",
    changed: _Set = None,
    out: _Out = None,
    contexts: _Contexts = CONTEXTS,
    models: _Models = MODELS,
    registry: _Registry = Places.registry,
    keys: _Keys = DATA / "keys",
    llm_base_url: _Llm = "",
    llm_api_key: _Key = "none",
    device: _Device = "cpu",
    judge_key: _JudgeKey = "",
) -> None:
    """Make a specialist of a context: triples, pairs, fine-tuning, evaluation, registry.

    Stop it whenever you like; started again with the same folder it goes on.
    """
    chosen = recipe(preset, {"context": context, **_overrides(changed)})
    places = Places(
        contexts,
        models,
        registry,
        keys,
        llm_base_url=llm_base_url,
        llm_api_key=llm_api_key,
        device=device,
        judge_key=judge_key,
    )
    console = Console(stderr=True)
    with ConsoleReport(console) as report:
        folder = out or default_folder(chosen, preset)
        outcome = run("specialise", chosen, places, Workspace(folder), report)
    Console().print(summary(chosen, outcome))


@app.callback()
def launched() -> None:
    """Do runs for launchers."""  # a program of one command would not take the command's name


@app.command("run")
def run_for_launcher(
    kind: Annotated[KindName, typer.Argument(help="How far the run goes.")],
    recipe_name: Annotated[str, typer.Option("--recipe", help="PRESET, or CONTEXT-PRESET.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; one that was begun is gone on with.")],
    changed: _Set = None,
    json: Annotated[bool, typer.Option("--json", help="JSON lines for a launcher.")] = False,
    contexts: _Contexts = CONTEXTS,
    models: _Models = MODELS,
    registry: _Registry = Places.registry,
    keys: _Keys = DATA / "keys",
    llm_base_url: _Llm = "",
    llm_api_key: _Key = "none",
    workers: _Workers = Places.workers,
    ray: _Ray = "",
    machines: _Machines = 1,
    device: _Device = "cpu",
    judge_key: _JudgeKey = "",
    run_name: _Run = "",
) -> None:
    """Do a run, or go on with it, and say how far it is in JSON lines."""
    places = Places(
        contexts,
        models,
        registry,
        keys,
        workers,
        llm_base_url,
        llm_api_key,
        ray=ray,
        machines=machines,
        device=device,
        judge_key=judge_key,
        run=run_name,
    )
    console = Console(stderr=True)
    report = JsonReport(sys.stdout, sys.stderr) if json else ConsoleReport(console)
    try:
        chosen = named(recipe_name, _allowed(_overrides(changed)))
        run(kind.value, chosen, places, Workspace(out), report, patience=_PATIENCE)
    except BaseException as error:
        if isinstance(report, JsonReport):
            _say_end(report, error)
        raise
    if isinstance(report, JsonReport):
        report.ended()


def _allowed(overrides: dict[str, str]) -> dict[str, str]:
    """Refuse what a stranger's run must not change: where the deployment's key and requests go."""
    if "dataset.judging.endpoint" in overrides:
        raise RecipeError("dataset.judging.endpoint is the deployment's; choose it in a recipe")
    return overrides


def named(name: str, overrides: dict[str, str]) -> SpecialiseRecipe:
    """Return the recipe that a launcher names: "mini" (of the default context) or "wardrobe-tiny".

    Raises:
        RecipeError: there is none.

    """
    context, dash, preset = name.rpartition("-")
    given = {"context": context} if dash else {}
    return recipe(preset, {**given, **overrides})


def _say_end(report: JsonReport, error: BaseException) -> None:
    if isinstance(error, RunStopped):
        report.stopped()
    elif isinstance(error, SpecialiseError):
        report.ended(str(error))
    else:  # nobody foresaw it: the log has the traceback
        report.ended(f"{type(error).__name__}: {error}; the log says where. What is done stays")


def _overrides(pairs: list[str] | None) -> dict[str, str]:
    for pair in pairs or []:
        if "=" not in pair or pair.startswith("="):
            raise RecipeError(f"--set {pair} has no name and value; write NAME=VALUE")
    return dict(pair.split("=", 1) for pair in pairs or [])


def specialise_main(argv: Sequence[str]) -> int:
    """Run `langdesign specialise`, and return its exit code."""
    return _told(lambda: command(list(argv), prog_name="langdesign specialise"))


def main() -> None:
    """Run `python -m langdesign_specialise`."""
    sys.exit(_told(app))


def _told(program: Callable[[], object]) -> int:
    """Return a program's exit code; what goes wrong on purpose is told in a line."""
    try:
        program()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except (SpecialiseError, RunStopped) as error:
        Console(stderr=True).print(f"[red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return 1
    return 0
