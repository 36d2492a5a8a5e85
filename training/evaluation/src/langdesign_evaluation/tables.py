"""The report in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from .cases import NO_OP, OPERATIONS
from .figures import EDITS, FINDING, LIKENESS, NO_OPS, OUTSIDE, SECONDS, TRUTH, Figure
from .promises import GAINS

Editors = Sequence[Mapping[str, Any]]

PIXELS = (*TRUTH[:2], *TRUTH[3:], *OUTSIDE)
SUMMARY = (*PIXELS, *LIKENESS, SECONDS)


def print_tables(report: Mapping[str, Any], console: Console | None = None) -> None:
    """Print the figures of real edits and no-ops apart, the gain by operation, and the promises.

    Args:
        report: as `run.report` gives it, or as it is read back from `report.json`.
        console: where to; None for standard output.

    """
    console = console or Console()
    chosen = report["set"]
    console.print(f"[bold]LangDesign-Bench[/] {chosen['name']} {chosen['digest']}, {chosen['cases']} cases")
    editors = report["editors"]
    console.print(_table("Real edits: pixels", PIXELS, EDITS, editors))
    console.print(_table("Real edits: likeness", (*LIKENESS, SECONDS), EDITS, editors))
    console.print(_gains(editors))
    if looking := finders(editors):
        console.print(_table("Finding the region", FINDING, EDITS, looking))
    console.print(_table("No-ops", NO_OPS, NO_OP, editors))
    for promise in report["promises"]:
        mark = "[green]met[/]" if promise["met"] else "[yellow]missed[/]"
        bound = "at most" if promise["at_most"] else "at least"
        figures = f"{promise['value']:.3f}, promised {bound} {promise['target']:.2f}"
        best = "best of the editors judged: " if promise["best"] else ""
        console.print(f"{mark} {promise['what']}: {figures} ({best}{promise['editor']})")


def finders(editors: Editors) -> list[dict[str, Any]]:
    """Return the editors that look for the region or read the instruction, with what figures they have."""
    return [
        {**one, "figures": {EDITS: _finding(one)}}
        for one in editors
        if any(value is not None for value in _finding(one).values())
    ]


def _finding(editor: Mapping[str, Any]) -> dict[str, float | None]:
    """Return how one editor finds regions: all from the real edits, but noticing absence, from the no-ops."""
    groups = {figure.key: EDITS for figure in FINDING} | {"no_target_accuracy": NO_OP}
    return {key: editor["figures"].get(group, {}).get(key) for key, group in groups.items()}


def _table(title: str, columns: Sequence[Figure], group: str, editors: Editors) -> Table:
    table = _empty(title, [column.label for column in columns])
    for editor in editors:
        figures = editor["figures"].get(group)
        if figures is not None:
            table.add_row(editor["name"], *(column.write(figures.get(column.key)) for column in columns))
    return table


def _gains(editors: Editors) -> Table:
    shown = [operation for operation in OPERATIONS if any(operation in one["figures"] for one in editors)]
    goals = [
        f"{operation} ≥{GAINS[operation]:.0%}" if operation in GAINS else operation for operation in shown
    ]
    table = _empty("Gain inside by operation", goals)
    for editor in editors:
        found = (editor["figures"].get(operation, {}).get("gain") for operation in shown)
        table.add_row(editor["name"], *(TRUTH[0].write(value) for value in found))
    return table


def _empty(title: str, columns: Sequence[str]) -> Table:
    """Return a table that fits 80 columns: a header's words stand above one another, an editor's may too."""
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="", box=SIMPLE_HEAD, padding=0
    )
    table.add_column("editor")
    for column in columns:
        table.add_column("\n".join(column.split()), justify="right", no_wrap=True)
    return table
