"""The report as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from .cases import NO_OP, OPERATIONS, SPLITS
from .curve import COLOURS, curve_svg
from .examples import Example
from .figures import EDITS, FINDING, LIKENESS, NO_OPS, OUTSIDE, TRUTH, Figure, measured
from .promises import GAINS
from .tables import SUMMARY, Editors, finders

Examples = Mapping[str, Mapping[str, Sequence[Example]]]

_DETAIL = (TRUTH[0], TRUTH[3], *OUTSIDE[:3], *LIKENESS, *FINDING[:2], FINDING[3], FINDING[-1])


@dataclass(frozen=True)
class Cell:
    """One number of a table."""

    text: str
    tone: str = ""  # CSS class: "best", "good" or "bad"


@dataclass(frozen=True)
class Table:
    """Rows under a head; the first column names the row."""

    head: Sequence[tuple[str, str]]  # label and what it means
    rows: Sequence[tuple[str, bool, Sequence[Cell]]]  # name, whether it is a baseline, cells


def page(report: Mapping[str, Any], examples: Examples) -> str:
    """Return the HTML of a report, new or read back from `report.json`, with its example pictures."""
    environment = Environment(
        loader=PackageLoader(__package__, "data"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    editors = report["editors"]
    return environment.get_template("report.html.j2").render(
        report=report,
        edits=_by_editor(editors, EDITS, SUMMARY),
        finding=_by_editor(finders(editors), EDITS, FINDING),
        gains=_gains(editors),
        splits=_splits(editors),
        no_ops=_by_editor(editors, NO_OP, NO_OPS),
        details={one["name"]: _detail(one) for one in editors if not one["baseline"]},
        legend=list(dict.fromkeys((*SUMMARY, *FINDING, *NO_OPS))),
        curve=curve_svg(report["curve"]) if report["curve"] else None,
        colours=COLOURS,
        examples=examples,
    )


def _by_editor(editors: Editors, group: str, columns: Sequence[Figure]) -> Table | None:
    """Return a row an editor; None where no editor has the group."""
    having = [one for one in editors if group in one["figures"]]
    if not having:
        return None
    best = {column.key: _best(column, having, group) for column in columns}
    rows = [
        (one["name"], one["baseline"], [_cell(column, one, group, best[column.key]) for column in columns])
        for one in having
    ]
    return Table([(column.label, column.meaning) for column in columns], rows)


def _best(column: Figure, editors: Editors, group: str) -> float | None:
    """Return the best value of those that edit; None where better has no meaning, or all are equal."""
    values = [measured(one["figures"][group].get(column.key)) for one in editors if not one["baseline"]]
    known: list[float] = [value for value in values if value is not None]
    if len(set(known)) < 2 or not column.better:
        return None
    return max(known) if column.better > 0 else min(known)


def _cell(column: Figure, editor: Mapping[str, Any], group: str, best: float | None) -> Cell:
    value = measured(editor["figures"][group].get(column.key))
    wins = value is not None and value == best and not editor["baseline"]
    return Cell(column.write(value), "best" if wins else "")


def _gains(editors: Editors) -> Table:
    """Return the gain by editor and operation, against what is promised."""
    shown = [name for name in OPERATIONS if any(name in one["figures"] for one in editors)]
    head = [(f"{name} ≥ {GAINS[name]:.0%}" if name in GAINS else name, TRUTH[0].meaning) for name in shown]
    rows = [(one["name"], one["baseline"], [_gain(one, name) for name in shown]) for one in editors]
    return Table(head, rows)


def _gain(editor: Mapping[str, Any], operation: str) -> Cell:
    value = editor["figures"].get(operation, {}).get("gain")
    if value is None or editor["baseline"]:
        return Cell(TRUTH[0].write(value))
    return Cell(TRUTH[0].write(value), "good" if value >= GAINS.get(operation, 0.0) and value > 0 else "bad")


def _splits(editors: Editors) -> Table:
    """Return gain and outside PSNR by editor and split, and on what the general split leaves out."""
    names = (*SPLITS[:-1], "general", "left out")
    shown = [name for name in names if any(name in one["figures"] for one in editors)]
    columns = [(name, column) for name in shown for column in (TRUTH[0], OUTSIDE[0])]
    head = [(f"{name}: {column.label}", column.meaning) for name, column in columns]
    rows = [
        (
            one["name"],
            one["baseline"],
            [Cell(column.write(one["figures"].get(name, {}).get(column.key))) for name, column in columns],
        )
        for one in editors
    ]
    return Table(head, rows)


def _detail(editor: Mapping[str, Any]) -> Table:
    """Return what tells the groups of one editor apart."""
    figures = {name: group for name, group in editor["figures"].items() if name != NO_OP}
    shown = [
        column for column in _DETAIL if any(group.get(column.key) is not None for group in figures.values())
    ]
    rows = [
        (name, False, [Cell(column.write(group.get(column.key))) for column in shown])
        for name, group in figures.items()
    ]
    return Table([(column.label, column.meaning) for column in shown], rows)
