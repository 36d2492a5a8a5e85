"""What a run says at its end: stages, base against tuned, the promotion, and how to serve what it made."""

from __future__ import annotations

from pathlib import Path

from langdesign_evaluation.comparison import Comparison
from langdesign_evaluation.errors import AnswerError
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Column, Table

from .judging import EVALUATION
from .recipes import SpecialiseRecipe
from .running import Outcome


def summary(recipe: SpecialiseRecipe, outcome: Outcome) -> RenderableType:
    """Return tables that fit 80 columns."""
    parts: list[RenderableType] = [_stages(outcome)]
    if "evaluation" in outcome.done:
        parts += _compared(outcome.done["evaluation"].folder / EVALUATION)
    if outcome.version:
        parts += [_checks(outcome), _next(recipe, outcome)]
    return Group(*parts)


def _stages(outcome: Outcome) -> Table:
    table = Table("stage", "time", Column("folder", overflow="fold"), title="What was done")
    for name, done in outcome.done.items():
        table.add_row(name, clock(done.seconds), str(done.folder))
    table.add_row("all", clock(sum(done.seconds for done in outcome.done.values())), "", style="bold")
    return table


def _compared(evaluation: Path) -> list[RenderableType]:
    try:
        comparison = Comparison.read(evaluation)
    except AnswerError as error:
        return [f"[red]Base and tuned editor cannot be shown:[/] {escape(str(error))}"]
    return [*comparison.tables(), escape(comparison.told()) + "\n"]


def _checks(outcome: Outcome) -> Table:
    table = Table("metric", "before", "after", "condition", "", title="Promotion")
    for check in outcome.checks:
        held = "held" if check["held"] else "[red]did not hold[/]"
        before, after = (_figure(check[name]) for name in ("before", "after"))
        table.add_row(check["metric"], before, after, check["condition"], held)
    return table


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _next(recipe: SpecialiseRecipe, outcome: Outcome) -> str:
    if outcome.promoted:
        name = f"{recipe.model_name}@{recipe.alias}"
        return f"{outcome.version} is {name} now. Serve it: langdesign up --models models:/{name}"
    served = outcome.version.removeprefix("models/")
    return (
        f"{outcome.version} is registered, and is not {recipe.alias}. Try it all the same: "
        f"langdesign up --models models:/{served}"
    )


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
