"""`langdesign up`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from langdesign_command.cli.session import JsonOption, print_json, session

if TYPE_CHECKING:
    from langdesign_command.local.processes import LocalStack

OffsetOption = Annotated[
    int, typer.Option(min=0, help="Added to every port, so that runs side by side do not meet.")
]
ModelsOption = Annotated[
    str | None,
    typer.Option(
        metavar="DIR|NAME",
        help="Folder with the checkpoints `edit` and `segment`, or a registered version, such as "
        "models:/interior@champion; by default the embedded ones, and random tiny ones where there are none.",
    ),
]


def _folder(name: str) -> Path:
    """Return the path; an empty one, as an unset variable leaves it, would mean the current folder."""
    if not name:
        raise typer.BadParameter("is empty; name a folder, or . for this one")
    return Path(name)


DataOption = Annotated[
    Path, typer.Option(parser=_folder, metavar="DIR", help="Folder for what the services store.")
]


def up(
    context: typer.Context,
    only: Annotated[
        str, typer.Option(help="Start only these, comma-separated: triton,llama,reference ...")
    ] = "",
    port_offset: OffsetOption = 0,
    models: ModelsOption = None,
    data: DataOption = Path(".langdesign"),
    as_json: JsonOption = False,
) -> None:
    """Start every service on this machine until Ctrl-C; with --json, a line says when all are ready."""
    session(context, as_json=as_json)
    from langdesign_command.local import run  # noqa: PLC0415 - starts with gRPC, which is slow to import

    plan = run.plan(only, port_offset, models, data)
    run.until_stopped(plan, sys.stderr, lambda stack: _ready(stack, as_json=as_json))


def _ready(stack: "LocalStack", *, as_json: bool) -> None:
    weights = stack.weights
    if as_json:
        started = {service.name: stack.addresses[service.name] for service in stack.launch.services}
        folders = {name: str(folder) for name, folder in weights.folders.items()} if weights else {}
        random = weights.random if weights else None
        version = weights.version if weights else ""
        page = stack.page() if "gateway" in started else None
        told = {"models": folders, "random_weights": random, "version": version, "page": page}
        print_json({"ready": True, "addresses": started, **told})
        return
    served = any(service.name == "gateway" for service in stack.launch.services)
    ready = f"ready: open {stack.page()}" if served else "ready"
    typer.secho(f"{ready}; Ctrl-C stops everything", fg=typer.colors.GREEN, err=True)
