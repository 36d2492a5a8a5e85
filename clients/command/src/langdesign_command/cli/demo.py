"""`langdesign demo`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from langdesign_command.cli.session import JsonOption, print_json, session
from langdesign_command.cli.up import DataOption, ModelsOption

if TYPE_CHECKING:
    from langdesign_command.demo.story import Story


def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder for the contact sheet and the log.")] = Path("out/demo"),
    models: ModelsOption = None,
    data: DataOption = Path(".langdesign"),
    stay: Annotated[
        bool, typer.Option("--stay", help="Then keep the services up, with the design in the web page.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Start every service on free ports, edit a room to a tree of designs, draw a contact sheet, stop all."""
    here = session(context, as_json=as_json)
    from langdesign_command.demo import session as demo_session  # noqa: PLC0415 - starts with gRPC: slow

    with here.console().status("starting the services") as status:

        def staying(story: "Story") -> None:
            status.stop()
            _tell(story, as_json=as_json)
            if not as_json:
                typer.secho(f"the design is open at {story.page}; Ctrl-C stops everything", fg="green")

        told = demo_session.run_session(out, models, data, status.update, staying if stay else None)
    if stay:
        return
    _tell(told, as_json=as_json)
    if not as_json:
        typer.echo(
            f"the design stays in {data}: `langdesign up` and `langdesign demo --stay` show it in the page"
        )


def _tell(story: "Story", *, as_json: bool) -> None:
    if as_json:
        print_json(story)
        return
    for line in story.lines():
        typer.echo(line)
