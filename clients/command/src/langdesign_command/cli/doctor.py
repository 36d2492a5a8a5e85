"""`langdesign doctor`."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from langdesign_command.cli.session import JsonOption, print_json, session
from langdesign_command.cli.up import DataOption, OffsetOption

if TYPE_CHECKING:
    from langdesign_command.local.doctor import Finding

_MARKS = {
    "ok": ("✓", typer.colors.GREEN),
    "optional": ("-", typer.colors.YELLOW),
    "missing": ("✗", typer.colors.RED),
}


def doctor(
    context: typer.Context,
    port_offset: OffsetOption = 0,
    data: DataOption = Path(".langdesign"),
    as_json: JsonOption = False,
) -> None:
    """Say what is missing on this machine and how to get it; exit code 1 when something needed is."""
    session(context, as_json=as_json)
    from langdesign_command.local.doctor import examine  # noqa: PLC0415 - looks at much, and loads for it

    findings = list(examine(port_offset, data))
    if as_json:
        print_json({"findings": findings, "ok": all(item.state != "missing" for item in findings)})
    else:
        for item in findings:
            _print(item)
    raise typer.Exit(int(any(item.state == "missing" for item in findings)))


def _print(item: "Finding") -> None:
    mark, colour = _MARKS[item.state]
    typer.secho(f"{mark} ", fg=colour, nl=False)
    typer.echo(f"{item.what}: {item.found}" + (f"\n    {item.hint}" if item.hint else ""))
