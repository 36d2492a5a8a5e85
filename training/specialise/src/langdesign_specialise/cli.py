"""`langdesign specialise`, and `python -m langdesign_specialise run` for launchers."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from .deployment import CEILINGS, lowered, with_own
from .errors import RecipeError, RunStopped, SpecialiseError
from .options import with_places
from .parts import check_parts
from .places import Places
from .recipes import PRESETS, SpecialiseRecipe, recipe
from .reporting import ConsoleReport, JsonReport
from .workspace import Workspace

# What does the work is imported once it is known what to do: it takes seconds, and a slip is told at once.

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

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@command.command()
@with_places
def specialise(
    places: Callable[[], Places],
    context: Annotated[
        str, typer.Option(help="Name of a folder below --contexts that describes the context, or its path.")
    ] = "interior",
    preset: Annotated[str, typer.Option(help=f"How much of everything: {', '.join(PRESETS)}.")] = "mini",
    changed: _Set = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run; one that was begun is gone on with.")
    ] = None,
) -> None:
    """Make a specialist of a context: triples, pairs, fine-tuning, evaluation, registry.

    Stop it whenever you like; started again with the same folder it goes on.
    """
    name, contexts = _named_context(context)
    chosen = recipe(preset, {"context": name, **_overrides(changed)})
    check_parts(chosen)
    given = places()
    given = dataclasses.replace(given, contexts=contexts or given.contexts)
    given.check(chosen.context)

    from .running import default_folder, run  # noqa: PLC0415 - takes seconds
    from .summary import summary  # noqa: PLC0415 - takes seconds

    with ConsoleReport(Console(stderr=True)) as report:
        folder = out or default_folder(chosen, preset)
        outcome = run("specialise", chosen, given, Workspace(folder), report)
    Console().print(summary(chosen, outcome))


def _named_context(given: str) -> tuple[str, Path | None]:
    """Return a context's name, and the folder above it where a path was given."""
    if "/" not in given:
        return given, None
    folder = Path(given).resolve()
    return folder.name, folder.parent


@app.callback()
def launched() -> None:
    """Do runs for launchers."""  # a program of one command would not take the command's name


@app.command("run")
@with_places
def run_for_launcher(
    places: Callable[[], Places],
    kind: Annotated[KindName, typer.Argument(help="How far the run goes.")],
    recipe_name: Annotated[str, typer.Option("--recipe", help="PRESET, or CONTEXT-PRESET.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; one that was begun is gone on with.")],
    changed: _Set = None,
    json: Annotated[bool, typer.Option("--json", help="JSON lines for a launcher.")] = False,
    run_name: Annotated[
        str, typer.Option("--run", help="Resource name of the run that a service started.")
    ] = "",
    stages: Annotated[
        Path | None,
        typer.Option(help="Folder of what is done, which runs of one owner share; by default the run's own."),
    ] = None,
    own: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=VALUE that no --set may change, or NAME to leave it as it is; again for more."
        ),
    ] = None,
    ceilings: Annotated[
        list[str] | None,
        typer.Option("--ceiling", help=f"Most of {', '.join(CEILINGS)}: NAME=VALUE; again for more."),
    ] = None,
) -> None:
    """Do a run, or go on with it, and say how far it is in JSON lines."""
    report = JsonReport(sys.stdout, sys.stderr) if json else ConsoleReport(Console(stderr=True))
    try:
        chosen = lowered(named(recipe_name, with_own(_overrides(changed), own or [])), ceilings or [])
        check_parts(chosen)
        given = dataclasses.replace(places(), run=run_name)
        _check_own(given.reviewed, out)

        from .running import run  # noqa: PLC0415 - takes seconds

        run(kind.value, chosen, given, Workspace(out, stages), report, patience=_PATIENCE)
    except BaseException as error:
        if isinstance(report, JsonReport):
            _say_end(report, error)
        raise
    if isinstance(report, JsonReport):
        report.ended()


def _check_own(labels: Path | None, out: Path) -> None:
    """Refuse labels of which a stranger's run must not even learn that they are there."""
    if labels is not None and not labels.resolve().is_relative_to(out.resolve()):
        raise RecipeError(f"{labels} is not in {out}; put the labels into the run's own folder")


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
    return told(lambda: command(list(argv), prog_name="langdesign specialise"))


def main() -> None:
    """Run `python -m langdesign_specialise`."""
    sys.exit(told(app))


def told(program: Callable[[], object]) -> int:
    """Return a program's exit code; what goes wrong on purpose is told in a line."""
    try:
        program()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except (SpecialiseError, RunStopped) as error:
        Console(stderr=True).print(f"[red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return 1
    return 0
