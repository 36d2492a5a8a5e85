"""Commands for looking at a set: its card, the review page, and what labels say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ..samples import SampleSet
from .calibration import Better, Calibration, calibrate
from .card import write_card
from .labels import apply_labels, filtered, read_labels
from .page import write_review

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

Set = Annotated[Path, typer.Argument(help="Folder of the set.")]
Title = Annotated[str | None, typer.Option(help="Without it the folder's name.")]
_ROWS = 20  # of a table of thresholds


@app.command()
def card(folder: Set, title: Title = None) -> None:
    """Write the README.md and the contact sheet of a set."""
    Console().print(str(write_card(SampleSet(folder), title=title)), soft_wrap=True)


@app.command()
def review(
    folder: Set,
    out: Annotated[Path, typer.Argument(help="Folder of the page.")],
    title: Title = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Pairs at most, as good as at random.")] = 1000,
) -> None:
    """Write a page on which people keep or drop pairs; open OUT/index.html."""
    Console().print(str(write_review(SampleSet(folder), out, title=title, limit=limit)), soft_wrap=True)


@app.command()
def labels(
    folder: Set,
    path: Annotated[Path, typer.Argument(help="labels.json, exported from a review page.")],
    out: Annotated[Path | None, typer.Option(help="Write the set anew as the labels say.")] = None,
    gate: Annotated[str | None, typer.Option(help="Find the threshold of this score.")] = None,
    better: Annotated[Better | None, typer.Option(help="Which score is good; else the gate tells.")] = None,
    precision: Annotated[float | None, typer.Option(help="The least that is wanted, 0..1.")] = None,
) -> None:
    """Say what the labels of a review do to a set, filter it by them, or find a gate's threshold."""
    samples, read = SampleSet(folder), read_labels(path)
    applied = apply_labels(samples, read)
    Console().print(
        f"{len(read.labels)} labels: {len(applied.kept)} kept and {len(applied.dropped)} dropped, of which "
        f"{len(applied.unlabelled)} by the gates alone; {len(applied.unknown)} labels are about other samples"
    )
    if gate:
        _print(calibrate(samples, read, gate, better=better, precision=precision))
    if out:
        written = filtered(samples, read, out)
        Console().print(f"{len(written)} samples and {len(written.failures())} failures in {out}")


def _print(found: Calibration) -> None:
    table = Table("threshold", "passed", "precision", "recall", "F1")
    step = max(1, len(found.trials) // _ROWS)
    shown = {*found.trials[::step], found.chosen}
    for one in (trial for trial in found.trials if trial in shown):
        mark = "[bold]" if one is found.chosen else ""
        told = (
            f"{one.threshold:.4f}",
            str(one.passed),
            *(f"{x:.3f}" for x in (one.precision, one.recall, one.f1)),
        )
        table.add_row(*(mark + text for text in told))
    Console().print(table)
    sign = ">=" if found.better == "higher" else "<="
    Console().print(f"{found.gate} {sign} {found.threshold:.4f} ({found.kept} kept, {found.dropped} dropped)")
