"""`python -m langdesign_dataset`: build data sets, measure thresholds, and look at what was made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from langdesign_evaluation import Clip, EvaluationError
from langdesign_rela import Predictor, RelaError
from langdesign_scenes import ScenesError, SceneSet
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from .errors import DatasetError
from .pipeline import Cluster, Models, build, read_report
from .recipes import PRESETS, preset
from .review.cli import app as review_app
from .samples.cli import app as samples_app
from .stages.rendered import RenderedStage
from .thresholds import distributions, table

_EXPECTED = (DatasetError, EvaluationError, RelaError, ScenesError)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(samples_app)  # their commands stand beside `build`
app.add_typer(review_app)


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
    report = read_report(out)
    console.print(report.table())
    ended = "" if report.complete else "; the budget ended before all triples were worked on"
    console.print(f"{len(made):,} samples kept in {out} ({made.digest}){ended}")


@app.command("thresholds")
def thresholds_main(
    scenes: Annotated[Path, typer.Option(help="Rendered set that the models were not trained on.")],
    models: Annotated[Path, typer.Option(help="Folder that holds clip and segment.")] = Path(
        "deploy/models/mini"
    ),
    families: Annotated[int, typer.Option(help="How many of its families are measured.")] = 100,
    quantile: Annotated[float, typer.Option(help="Share of true pairs that a bound may cost.")] = 0.1,
) -> None:
    """Measure what thresholds a family of models needs, on rendered pairs."""
    stage = RenderedStage(scenes / "families", seed=0, share=1.0)
    samples = [one for folder in SceneSet(scenes).folders[:families] for one in stage.samples(folder)]
    clip, predictor = Clip(models / "clip"), Predictor.from_folder(models / "segment")
    found = distributions(samples, clip, predictor, PRESETS["mini"].gates, quantile)
    Console().print(table(found))


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


def main() -> None:
    """Run the command line; what goes wrong on purpose is told in a line."""
    try:
        app()
    except _EXPECTED as error:
        Console(stderr=True).print(f"[red]{escape(str(error))}[/red]", highlight=False, soft_wrap=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
