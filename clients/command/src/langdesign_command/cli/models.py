"""`langdesign models`."""

from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import langdesign_client
import typer
from langdesign_client.errors import ConflictError, InvalidInputError

from langdesign_command.cli.bench import PASS_ARGUMENTS_ON
from langdesign_command.cli.entry import hand_over
from langdesign_command.cli.session import JsonOption, print_json, print_rows, session

if TYPE_CHECKING:
    from langdesign_client.models import ModelVersion, Promotion

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The registry of models, and converters of checkpoints."
)

_HEADLINE = ("clip_dir", "outside_psnr", "false_edit_rate")  # what the gate looks at; the rest is in --json

CONVERTERS = "langdesign.convert"
"""Entry point group of the converters: each is `main(argv) -> int`."""


@app.command("list")
def list_models(context: typer.Context, as_json: JsonOption = False) -> None:
    """List models by name."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        found = list(client.list(langdesign_client.models.list_models()))
    if as_json:
        print_json(found)
        return
    rows = [[item.name, str(item.latest_version), item.description] for item in found]
    print_rows(["model", "latest", "what"], rows, empty="no models")


@app.command()
def versions(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="The model, models/NAME or NAME.")],
    as_json: JsonOption = False,
) -> None:
    """List the versions of a model, newest first."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        found = list(client.list(langdesign_client.models.list_versions(_resource(model))))
    _print(found, as_json=as_json)


@app.command()
def show(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="NAME@VERSION or NAME@ALIAS.")],
    as_json: JsonOption = False,
) -> None:
    """Show a version by number or alias."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        found = client.call(langdesign_client.models.get_version(_versioned(version)))
    _print([found], as_json=as_json)


@app.command()
def alias(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="NAME@VERSION.")],
    name: Annotated[str, typer.Argument(metavar="ALIAS", help="The alias, such as production.")],
    as_json: JsonOption = False,
) -> None:
    """Point an alias at a version."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        found = client.call(langdesign_client.models.set_alias(_versioned(version), name))
    _print([found], as_json=as_json)


@app.command()
def unalias(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME@ALIAS", help="The alias; its version stays.")],
    as_json: JsonOption = False,
) -> None:
    """Delete an alias."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        client.call(langdesign_client.models.delete_alias(_aliased(name)))
    if as_json:
        print_json({"deleted": _resource(name)})


@app.command()
def promote(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="NAME@VERSION.")],
    name: Annotated[str, typer.Argument(metavar="ALIAS", help="The alias.")] = "champion",
    as_json: JsonOption = False,
) -> None:
    """Point an alias at a version whose evaluation is good enough, or say why it is not."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        promotion = client.call(langdesign_client.models.promote(_versioned(version), name))
    if as_json:
        print_json(promotion)
    else:
        _print_promotion(promotion, name)
    if not promotion.promoted:
        raise typer.Exit(ConflictError.exit_code)


@app.command()
def rollback(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME@ALIAS", help="The alias.")],
    as_json: JsonOption = False,
) -> None:
    """Point an alias back at the version before its last move; again for the one before that."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        found = client.call(langdesign_client.models.roll_back(_aliased(name)))
    _print([found], as_json=as_json)


@app.command(context_settings=PASS_ARGUMENTS_ON)
def convert(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="The converter, such as rela; without it, the installed ones are listed.")
    ] = "",
) -> None:
    """Convert an original checkpoint to safetensors, here and without a service.

    Code-carrying pickles are refused. What follows the name is handed over to the converter
    (`langdesign models convert compvis --help`).
    """
    if name:
        found = converters()
        if name in found:
            _require_checkpoint(context.args)
        hand_over(found, "converter", name, context.args)
    rows = [[entry.name, entry.value] for entry in sorted(converters().values())]
    print_rows(["converter", "from"], rows, empty="no converters are installed")
    typer.echo(
        "`make setup` installs the others that this version has; add --help after a name for its options"
    )


def _require_checkpoint(arguments: list[str]) -> None:
    """Refuse a checkpoint that is not there before its converter loads, which takes seconds.

    Where options come first, the converter finds out by itself.
    """
    if arguments and not arguments[0].startswith("-") and not Path(arguments[0]).exists():
        raise InvalidInputError(
            f"{arguments[0] or repr('')}: no such file", hint="give the path of the checkpoint first"
        )


def converters() -> dict[str, EntryPoint]:
    """Return the installed converters by name."""
    return {entry.name: entry for entry in entry_points(group=CONVERTERS)}


def _print(found: list["ModelVersion"], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    rows = [
        [
            item.name,
            ", ".join(item.aliases),
            item.digest[:19],
            ", ".join(f"{name} {value:.4g}" for name, value in _headline(item)),
            item.run,
        ]
        for item in found
    ]
    print_rows(["version", "aliases", "digest", "metrics", "run"], rows, empty="no versions")


def _headline(item: "ModelVersion") -> list[tuple[str, float]]:
    return [(name, item.metrics[name]) for name in _HEADLINE if name in item.metrics]


def _print_promotion(promotion: "Promotion", alias: str) -> None:
    rows = [
        [one.metric, "yes" if one.held else "no", _figure(one.before), _figure(one.after), one.condition]
        for one in promotion.checks
    ]
    print_rows(["metric", "holds", "before", "after", "condition"], rows, empty="no conditions")
    became = f"{alias} is {promotion.version.name}"
    typer.echo(became if promotion.promoted else f"{promotion.version.name} is not promoted")


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _resource(name: str) -> str:
    return name if name.startswith("models/") else f"models/{name}"


def _versioned(name: str) -> str:
    if "@" not in name:
        raise typer.BadParameter(
            f"{name} names no version; write NAME@VERSION or NAME@ALIAS, such as {name}@1"
        )
    return _resource(name)


def _aliased(name: str) -> str:
    if "@" not in name:
        raise typer.BadParameter(f"{name} names no alias; write NAME@ALIAS, such as {name}@champion")
    return _resource(name)
