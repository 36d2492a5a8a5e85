"""`langdesign demo`."""

from pathlib import Path
from typing import Annotated

import typer

from langdesign_command.cli.session import JsonOption, print_json, session
from langdesign_command.cli.up import DataOption, ModelsOption


def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder for the page and the contact sheet.")] = Path("out/demo"),
    models: ModelsOption = None,
    data: DataOption = Path(".langdesign"),
    as_json: JsonOption = False,
) -> None:
    """Start every service on free ports, run a design session, write a page, stop everything."""
    here = session(context, as_json=as_json)
    from langdesign_command.demo import session as demo_session  # noqa: PLC0415 - starts with gRPC, which is slow to import

    with here.console().status("starting the services") as status:
        told = demo_session.run_session(out, models, data, tell=status.update)
    if as_json:
        print_json(told)
        return
    for line in told.lines():
        typer.echo(line)
