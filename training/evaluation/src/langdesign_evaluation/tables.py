"""The report as tables: in the terminal, and in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .cases import NO_OP, OPERATIONS, SPLITS
from .figures import BARE, EDITS, FINDING, LIKENESS, NO_OPS, OUTSIDE, SECONDS, TRUTH, Figure
from .promises import GAINS

Editors = Sequence[Mapping[str, Any]]

PIXELS = (*TRUTH[:2], *TRUTH[3:], *OUTSIDE)
KINDS = (*(split for split in SPLITS if split != NO_OP), "general", "left out")
OF_ABSENCE = ("no_target_accuracy", "certified", "uncertain_absent")
"""Figures of the absent targets, which the no-ops alone have."""
SUMMARY = (*PIXELS, *BARE, *LIKENESS, SECONDS)


@dataclass(frozen=True)
class Sheet:
    """One table of a report: a row an editor."""

    title: str
    columns: tuple[str, ...]  # beside the editor's name
    rows: tuple[tuple[str, ...], ...]  # the editor's name first


def sheets(report: Mapping[str, Any], *, intervals: bool = False) -> list[Sheet]:
    """Return a report's tables: real edits and no-ops apart, the gain by operation and by kind of case.

    Args:
        report: as `run.report` gives it, or as it is read back from `report.json`.
        intervals: whether each figure says how sure it is.

    """
    editors = report["editors"]
    made = [
        _sheet("Real edits: pixels", PIXELS, EDITS, editors, intervals),
        _sheet("Real edits: likeness", (*LIKENESS, SECONDS), EDITS, editors, intervals),
        _sheet("Real edits: outside before compositing, seam and structure", BARE, EDITS, editors, intervals),
        _gains("Gain inside by operation", OPERATIONS, editors, intervals),
        _gains("Gain inside by kind of case", KINDS, editors, intervals),
        _sheet("Finding the region", FINDING, EDITS, finders(editors), intervals),
        _sheet("No-ops", NO_OPS, NO_OP, editors, intervals),
    ]
    return [one for one in made if one.rows]


def print_tables(
    report: Mapping[str, Any], console: Console | None = None, *, intervals: bool = False
) -> None:
    """Print a report's tables and promises.

    Args:
        report: as for `sheets`.
        console: where to; None for standard output.
        intervals: as for `sheets`.

    """
    console = console or Console()
    console.print(f"[bold]LangDesign-Bench[/] {_told(report['set'])}")
    for sheet in sheets(report, intervals=intervals):
        console.print(_table(sheet))
    for promise in report["promises"]:
        mark = "[green]met[/]" if promise["met"] else "[yellow]missed[/]"
        console.print(f"{mark} {escape(_promised(promise))}")


def markdown(report: Mapping[str, Any]) -> str:
    """Return a report's tables and promises as Markdown; the report as for `sheets`."""
    sampling = report["sampling"]
    parts = [
        f"LangDesign-Bench, {_told(report['set'])}: {sampling['steps']} steps, "
        f"s_T {sampling['text_guidance']:g}, s_I {sampling['image_guidance']:g}."
    ]
    for sheet in sheets(report):
        rows = [(name.replace("|", "\\|"), *figures) for name, *figures in sheet.rows]
        lines = [("editor", *sheet.columns), ("---", *["---:"] * len(sheet.columns)), *rows]
        parts.append("\n".join([f"### {sheet.title}", "", *(f"| {' | '.join(line)} |" for line in lines)]))
    verdicts = [f"- {'met' if one['met'] else 'missed'}: {_promised(one)}" for one in report["promises"]]
    if verdicts:
        parts.append("\n".join(["### Promises", "", *verdicts]))
    return "\n\n".join(parts) + "\n"


def _told(chosen: Mapping[str, Any]) -> str:
    return f"{chosen['name']} {chosen['digest']}, {chosen['cases']} cases"


def _promised(promise: Mapping[str, Any]) -> str:
    bound = "at most" if promise["at_most"] else "at least"
    best = "best of the editors judged: " if promise["best"] else ""
    figures = f"{promise['value']:.3f}, promised {bound} {promise['target']:.2f}"
    return f"{promise['what']}: {figures} ({best}{promise['editor']})"


def finders(editors: Editors) -> list[dict[str, Any]]:
    """Return the editors that look for the region or read the instruction, with what figures they have."""
    return [
        {**one, "figures": {EDITS: _finding(one)}}
        for one in editors
        if any(value is not None for value in _finding(one).values())
    ]


def _finding(editor: Mapping[str, Any]) -> dict[str, float | None]:
    """Return how one editor finds regions: of absence from the no-ops, the rest from real edits."""
    groups = {figure.key: EDITS for figure in FINDING} | dict.fromkeys(OF_ABSENCE, NO_OP)
    return {key: editor["figures"].get(group, {}).get(key) for key, group in groups.items()}


def _sheet(
    title: str, columns: Sequence[Figure], group: str, editors: Editors, intervals: bool = False
) -> Sheet:
    rows = (
        (one["name"], *(_cell(column, one, group, intervals) for column in columns))
        for one in editors
        if one["figures"].get(group) is not None
    )
    return Sheet(title, tuple(column.label for column in columns), tuple(rows))


def _cell(column: Figure, editor: Mapping[str, Any], group: str, intervals: bool) -> str:
    """Return a figure and, where asked, the ends of its interval below it."""
    shown = column.write(editor["figures"].get(group, {}).get(column.key))
    ends = editor.get("intervals", {}).get(group, {}).get(column.key)
    if not intervals or ends is None or editor["baseline"]:
        return shown
    return "\n".join([shown, *(column.write(end) for end in ends)])


def _gains(title: str, groups: Sequence[str], editors: Editors, intervals: bool) -> Sheet:
    shown = [group for group in groups if any(group in one["figures"] for one in editors)]
    columns = (f"{group} ≥{GAINS[group]:.0%}" if group in GAINS else group for group in shown)
    rows = ((one["name"], *(_cell(TRUTH[0], one, group, intervals) for group in shown)) for one in editors)
    return Sheet(title, tuple(columns), tuple(rows))


def _table(sheet: Sheet) -> Table:
    """Return a table that fits 80 columns: a header's words stand above one another, an editor's may too."""
    table = Table(
        title=sheet.title,
        title_justify="left",
        title_style="bold",
        header_style="",
        box=SIMPLE_HEAD,
        padding=0,
    )
    table.add_column("editor")
    for column in sheet.columns:
        table.add_column("\n".join(column.split()), justify="right", no_wrap=True)
    for name, *figures in sheet.rows:
        table.add_row(escape(name), *figures)
    return table
