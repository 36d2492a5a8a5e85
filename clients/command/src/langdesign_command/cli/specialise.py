"""`langdesign specialise`."""

from importlib.metadata import EntryPoint, entry_points

import typer

from langdesign_command.cli.entry import hand_over

COMMANDS = "langdesign.command"
"""Entry point group of commands that other packages bring: each is `main(argv) -> int`."""


def specialise(context: typer.Context) -> None:
    """Make a specialist of a context: triples, pairs, fine-tuning, evaluation, registry, in one command."""
    hand_over(commands(), "command", "specialise", context.args)


def commands() -> dict[str, EntryPoint]:
    """Return the installed commands by name."""
    return {entry.name: entry for entry in entry_points(group=COMMANDS)}
