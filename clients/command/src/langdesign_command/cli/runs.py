"""`langdesign runs`."""

from typing import TYPE_CHECKING, Annotated

import langdesign_client
import typer
from langdesign_client.errors import InvalidInputError, LangDesignError

from langdesign_command.cli.session import JsonOption, print_json, print_rows, session

if TYPE_CHECKING:
    from langdesign_client.runs import Run

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Runs that make datasets, fine-tune and evaluate."
)

_Name = Annotated[str, typer.Argument(metavar="RUN", help="The run, runs/ID or its ID.")]
_KINDS = ("specialise", "dataset", "finetune", "evaluate")
_STATES = ("pending", "running", "succeeded", "failed", "cancelled")


@app.command("list")
def list_runs(
    context: typer.Context,
    state: Annotated[str, typer.Option(help=f"Only in this state: {', '.join(_STATES)}.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List runs, newest first."""
    here = session(context, as_json=as_json)
    if state and state not in _STATES:
        raise InvalidInputError(f"--state {state} is unknown", hint=f"choose from {', '.join(_STATES)}")
    wanted = langdesign_client.runs.RunState(state) if state else None
    with here.client() as client:
        found = list(client.list(langdesign_client.runs.list_runs(wanted)))
    if as_json:
        print_json(found)
        return
    rows = [
        [run.name, run.kind, run.recipe, run.state, run.stage, f"{run.progress:.0%}", run.model_version]
        for run in found
    ]
    print_rows(["run", "kind", "recipe", "state", "stage", "progress", "model"], rows, empty="no runs")


@app.command()
def create(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help=f"What it does: {', '.join(_KINDS)}.")],
    recipe: Annotated[str, typer.Argument(help="Name of the recipe.")],
    override: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE of the recipe; again for more.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Follow it to its end.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Create a run."""
    here = session(context, as_json=as_json)
    if kind not in _KINDS:
        raise InvalidInputError(f"{kind} is no kind of run", hint=f"choose from {', '.join(_KINDS)}")
    call = langdesign_client.runs.create(
        langdesign_client.runs.RunKind(kind), recipe, _overrides(override or [])
    )
    with here.client() as client:
        run = client.call(call)
    _print(run, as_json=as_json)
    if watch:
        _watch(context, run.name, as_json=as_json)


@app.command()
def show(context: typer.Context, name: _Name, as_json: JsonOption = False) -> None:
    """Show a run."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        _print(client.call(langdesign_client.runs.get(_resource(name))), as_json=as_json)


@app.command()
def cancel(context: typer.Context, name: _Name, as_json: JsonOption = False) -> None:
    """Cancel a run."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        _print(client.call(langdesign_client.runs.cancel(_resource(name))), as_json=as_json)


@app.command()
def watch(context: typer.Context, name: _Name, as_json: JsonOption = False) -> None:
    """Follow a run to its end; fails when the run fails."""
    _watch(context, _resource(name), as_json=as_json)


def _watch(context: typer.Context, name: str, *, as_json: bool) -> None:
    here = session(context, as_json=as_json)
    run = None
    with here.client() as client, here.console().status(name) as status:
        for run in client.watch_run(name):
            status.update(f"{name} {run.state} {run.stage} {run.progress:.0%}")
            if as_json:
                print_json(run)
    if run and not as_json:
        _print(run, as_json=False)
    if run and run.state == "failed":
        raise LangDesignError(f"{name} failed: {run.failure}")


def _print(run: "Run", *, as_json: bool) -> None:
    if as_json:
        print_json(run)
        return
    typer.echo(f"{run.name} {run.kind} {run.recipe}: {run.state} {run.stage} {run.progress:.0%}".rstrip())
    for name, value in sorted(run.metrics.items()):
        typer.echo(f"  {name} = {value:.5g}")
    if run.model_version:
        typer.echo(f"  registered as {run.model_version}")
    if run.failure:
        typer.echo(f"  {run.failure}")


def _resource(name: str) -> str:
    return name if name.startswith("runs/") else f"runs/{name}"


def _overrides(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair or pair.startswith("="):
            raise InvalidInputError(f"--set {pair} has no name and value", hint="write NAME=VALUE")
    return dict(pair.split("=", 1) for pair in pairs)
