"""Commands for written sets: check them, and take them from and to InstructPix2Pix's layout."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .excerpt import excerpt
from .interchange import export_edit_dataset, import_edit_dataset
from .reading import SampleSet
from .writing import write_samples

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

Set = Annotated[Path, typer.Argument(help="Folder of the set.")]
Layout = Annotated[Path, typer.Argument(help="Folder in InstructPix2Pix's layout.")]


@app.command()
def check(folder: Set) -> None:
    """Read a whole set, its failures too, and compare every byte with its digest."""
    samples = SampleSet(folder)
    failures = samples.failures()
    for part in (samples, failures):
        for one in part:
            one.pictures()
    Console().print(f"{len(samples)} samples and {len(failures)} failures are whole: {samples.digest}")


@app.command("excerpt")
def excerpt_(
    folder: Set,
    out: Annotated[Path, typer.Argument(help="Folder of the small set.")],
    kept: Annotated[int, typer.Option(min=0, help="Samples that every gate let pass.")] = 9,
    dropped: Annotated[int, typer.Option(min=0, help="Failures.")] = 3,
    source: Annotated[list[str] | None, typer.Option(help="Of the samples; again for more.")] = None,
) -> None:
    """Write a small set of samples and failures that are as unlike one another as may be."""
    samples = excerpt(SampleSet(folder), out, kept=kept, dropped=dropped, sources=source or ())
    Console().print(f"{len(samples)} samples and {len(samples.failures())} failures in {out}")


@app.command("import")
def import_(
    layout: Layout,
    out: Annotated[Path, typer.Argument(help="Folder of the set to write.")],
    licence: Annotated[
        str, typer.Option(help="Of the pictures, where metadata.jsonl does not tell.")
    ] = "unknown",
) -> None:
    """Make a set of a folder in InstructPix2Pix's layout."""
    samples = write_samples(
        out, import_edit_dataset(layout, licence=licence), recipe={"imported": layout.resolve().name}
    )
    Console().print(f"{len(samples)} samples: {samples.digest}")


@app.command()
def export(folder: Set, layout: Layout) -> None:
    """Write a set in InstructPix2Pix's layout: JPEG, which is lossy, and no masks."""
    samples = SampleSet(folder)
    export_edit_dataset(samples, layout)
    Console().print(f"{len(samples)} samples in {layout}")
