"""`langdesign bench`."""

from importlib.metadata import EntryPoint, entry_points
from typing import Annotated

import typer

from langdesign_command.cli.entry import hand_over
from langdesign_command.cli.session import print_rows

BENCHES = "langdesign.bench"
"""Entry point group of the benchmarks: each is `main(argv) -> int`."""

PASS_ARGUMENTS_ON = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "allow_interspersed_args": False,
}
"""So that the benchmark reads its own arguments, `--help` after its name included."""


def bench(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="The benchmark; without it, the installed ones are listed.")
    ] = "",
) -> None:
    """Run a benchmark; what follows its name is handed over to it (`langdesign bench engine --help`)."""
    if name:
        hand_over(benches(), "benchmark", name, context.args)
    rows = [[entry.name, entry.value] for entry in sorted(benches().values())]
    print_rows(["benchmark", "from"], rows, empty="no benchmarks are installed")
    typer.echo(
        "`make setup` installs the others that this version has; add --help after a name for its options"
    )


def benches() -> dict[str, EntryPoint]:
    """Return the installed benchmarks by name."""
    return {entry.name: entry for entry in entry_points(group=BENCHES)}
