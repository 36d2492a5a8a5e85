"""`python -m langdesign_dataset`: build a data set, or measure what thresholds a family of models needs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from .errors import DatasetError
from .pipeline import Cluster, Models, build, read_report
from .recipes import preset

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def _commands() -> None:
    """Data sets of image pairs for instruction-based editing."""


@app.command("build")
def build_main(
    triples: Annotated[Path, typer.Option(help="Triples, JSON lines.")],
    out: Annotated[Path, typer.Option(help="Folder of the set; building again there goes on.")],
    preset_name: Annotated[str, typer.Option("--preset", help="tiny, mini or full.")] = "mini",
    models: Annotated[Path, typer.Option(help="Folder that holds generate, clip and segment.")] = Path(
        "deploy/models/mini"
    ),
    scenes: Annotated[Path | None, typer.Option(help="Rendered set, a second source of pairs.")] = None,
    workers: Annotated[int, typer.Option(help="Processes; 0 works in this one.")] = 2,
    address: Annotated[
        str, typer.Option(envvar="RAY_ADDRESS", help="Of a Ray cluster; none works here.")
    ] = "",
    device: Annotated[str, typer.Option(help="Of the models: cpu or cuda.")] = "cpu",
    gpus: Annotated[float, typer.Option(help="Of each worker.")] = 0.0,
    judge_key: Annotated[str, typer.Option(envvar="OPENAI_API_KEY", help="Of the judge's endpoint.")] = "",
) -> None:
    """Make pairs of triples, judge them, and write those that pass."""
    console = Console(stderr=True)
    cluster = Cluster(workers=workers, address=address, device=device, gpus=gpus)
    try:
        with _bars(console) as bars:
            made = build(
                preset(preset_name),
                triples,
                Models.of(models),
                out,
                scenes,
                bars.show,
                cluster=cluster,
                judge_key=judge_key,
            )
    except DatasetError as error:
        console.print(f"[red]{error}[/red]")
        sys.exit(1)
    report = read_report(out)
    console.print(report.table())
    ended = "" if report.complete else "; the budget ended before all triples were worked on"
    console.print(f"{len(made):,} samples kept in {out} ({made.digest}){ended}")


class _bars:  # noqa: N801 - a context manager, used as a verb
    """A progress bar for each stage."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description:14}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _bars:
        self._progress.start()
        return self

    def __exit__(self, *rest: object) -> None:
        self._progress.stop()

    def show(self, stage: str, share: float) -> None:
        """Show how far a stage is."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=1.0)
        self._progress.update(self._tasks[stage], completed=share)


if __name__ == "__main__":
    app()
