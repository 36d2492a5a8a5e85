"""`python -m langdesign_scenes`: render sets and look at them."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from .cost import cost
from .dataset import SceneSet
from .errors import ScenesError
from .sheets import sheet as draw_sheet
from .writing import Recipe, start_set, write_set

PICTURES = (".png", ".jpg", ".webp")
"""Endings of the contact sheets that can be written."""

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Procedural interiors, path traced.")
app.command()(cost)


class What(StrEnum):
    """What a contact sheet shows."""

    rooms = "rooms"
    singles = "singles"
    edits = "edits"


@app.command()
def render(
    out: Annotated[Path, typer.Argument(help="Folder of the set; one that is there is gone on with.")],
    families: Annotated[int, typer.Option(min=1, help="Families it shall hold.")] = 64,
    seed: Annotated[int, typer.Option(min=0, help="Of everything.")] = Recipe.seed,
    single_share: Annotated[
        float, typer.Option(min=0, max=1, help="Of single objects.")
    ] = Recipe.single_share,
    general_share: Annotated[
        float, typer.Option(min=0, max=1, help="Of families of the general split.")
    ] = Recipe.general_share,
    samples: Annotated[int, typer.Option(min=1, help="Paths of each pixel.")] = Recipe.samples,
    size: Annotated[int, typer.Option(min=16, help="Pixels of a side.")] = Recipe.size,
    workers: Annotated[int, typer.Option(min=1, help="Processes, of one thread each.")] = 2,
    first: Annotated[int, typer.Option(min=0, help="Family to begin with; those before are left out.")] = 0,
) -> None:
    """Render a set, or what it lacks."""
    recipe = Recipe(seed, single_share, general_share, samples, size)
    start_set(out, families, recipe)  # a folder that cannot be gone on with is told before a bar is drawn
    columns = (
        TextColumn("families"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with _terminable(), Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("families", total=families)
        write_set(
            out,
            families,
            recipe,
            first=first,
            workers=workers,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    typer.echo(f"{len(SceneSet(out))} families in {out}")


@app.command()
def sheet(
    scenes: Annotated[Path, typer.Argument(help="A rendered set.")],
    out: Annotated[Path, typer.Argument(help="Picture to write.")],
    rows: Annotated[int, typer.Option(min=1)] = 6,
    columns: Annotated[int, typer.Option(min=1)] = 8,
    what: Annotated[What, typer.Option(help="Pictures with captions, or edits.")] = What.rooms,
) -> None:
    """Draw a contact sheet of a set."""
    if out.suffix.lower() not in PICTURES:
        raise typer.BadParameter(f"{out} is named like no picture; end it with {' or '.join(PICTURES)}")
    draw_sheet(SceneSet(scenes), what.value, rows, columns).save(out)
    typer.echo(str(out))


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end a rendering as Ctrl-C does: families under way become whole. A second one kills."""

    def end(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main() -> None:
    """Run the command line; an error of this library is told in a line."""
    try:
        app()
    except (ScenesError, OSError) as error:  # a folder that is a file, a full disk: the system's words say it
        Console(stderr=True).print(f"[red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
