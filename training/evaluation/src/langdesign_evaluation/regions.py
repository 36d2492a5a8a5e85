"""`langdesign bench regions`: ReLA alone on LangDesign-Bench, its masks, its verdicts and their trade-offs.

    OUT/regions.json  the figures with their intervals, and the trade-offs
    OUT/regions.md    the same as Markdown

It asks what `langdesign bench edits --regions rela` asks, edits nothing, and so takes a minute.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from langdesign_edits import Verdict, coverage
from langdesign_edits.verdicts import Thresholds
from langdesign_rela import Predictor, RelaError
from langdesign_scenes.errors import ScenesError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .arguments import count, device
from .bootstrap import Interval, first_mean, interval
from .cases import NO_OP, SPLITS, Case, Choice, choice_digest, open_set
from .contestants import loaded
from .errors import EvaluationError
from .finders import RelaRegions, answers, judged
from .metrics import iou
from .options import DATA, MODELS
from .provenance import identity

CERTAIN = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.96, 0.98)
"""No-target probabilities from which absence could be certified."""
UNCERTAIN = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7)
"""No-target probabilities from which nothing could be edited."""

Shown = tuple[str, tuple[str, ...], list[tuple[str, ...]]]
"""A table: its title, its columns and its rows."""


@dataclass(frozen=True)
class Looked:
    """What the network made of one case's expression."""

    split: str
    absent: bool  # whether there is no target
    no_target: float  # probability, 0..1
    area: float  # share of the picture inside the mask, whatever the verdict
    verdict: Verdict
    iou: float | None  # of the region; None where it is not judged (see `measures`)
    drawn: float | None  # the same of the mask, whatever the verdict


def look(predictor: Predictor, thresholds: Thresholds, cases: Sequence[Case]) -> list[Looked]:
    """Ask for the expression of each case that names something which is there or not."""
    asked = [case for case in cases if case.edit.expression.strip() and (case.absent or case.edit.located)]
    return [_looked(predictor, thresholds, case) for case in asked]


def _looked(predictor: Predictor, thresholds: Thresholds, case: Case) -> Looked:
    expression = case.edit.expression
    (answer,) = answers(predictor, [(case.before(), expression)])
    found = judged(expression, answer, thresholds)
    mask = answer.masks(thresholds.mask_threshold)[0]
    means_region = bool(case.edit.located) and case.operation != "add"
    return Looked(
        case.split,
        case.absent,
        float(answer.no_target[0]),
        coverage(mask),
        found.verdict,
        iou(found.mask, case.located()) if means_region else None,
        iou(mask, case.located()) if means_region else None,
    )


def figures(looked: Sequence[Looked]) -> dict[str, Interval]:
    """Return each figure with its 95% interval, by bootstrap over cases; those of no case are left out."""
    present = [one for one in looked if not one.absent and one.split != NO_OP]
    absent = [one for one in looked if one.absent]
    columns: dict[str, list[float]] = {
        "mask IoU": [one.iou for one in present if one.iou is not None],
        **{
            f"mask IoU, {split}": [one.iou for one in present if one.iou is not None and one.split == split]
            for split in SPLITS
        },
        "mask IoU, whatever the verdict": [one.drawn for one in present if one.drawn is not None],
        "present found": [one.verdict is Verdict.FOUND for one in present],
        "false certificates": [one.verdict is Verdict.NO_TARGET for one in present],
        "present uncertain": [one.verdict is Verdict.UNCERTAIN for one in present],
        "present unknown": [one.verdict is Verdict.UNKNOWN_WORD for one in present],
        "false edits": [one.verdict is Verdict.FOUND for one in absent],
        "absent certified": [one.verdict is Verdict.NO_TARGET for one in absent],
        "absent uncertain": [one.verdict is Verdict.UNCERTAIN for one in absent],
        "absent unknown": [one.verdict is Verdict.UNKNOWN_WORD for one in absent],
    }
    measured = {name: np.array(values, float) for name, values in columns.items() if values}
    return {name: interval([values], first_mean) for name, values in measured.items()}


def certificates(looked: Sequence[Looked]) -> list[dict[str, float]]:
    """Return what certifying absence from each of `CERTAIN` costs: false certificates against true ones."""
    known = [one for one in looked if one.verdict is not Verdict.UNKNOWN_WORD]
    return [
        {
            "no_target_threshold": at,
            "false_certificates": _share(looked, known, lambda one, at=at: one.no_target >= at, absent=False),
            "absent_certified": _share(looked, known, lambda one, at=at: one.no_target >= at, absent=True),
        }
        for at in CERTAIN
    ]


def restraint(looked: Sequence[Looked], thresholds: Thresholds) -> list[dict[str, float]]:
    """Return what editing nothing from each of `UNCERTAIN` costs: false edits against what is found."""
    known = [one for one in looked if one.verdict is not Verdict.UNKNOWN_WORD]
    rows = []
    for at in UNCERTAIN:
        rule = dataclasses.replace(thresholds, no_target_threshold=0.99, uncertain_threshold=at)

        def found(one: Looked, rule: Thresholds = rule) -> bool:
            return rule.verdict(one.no_target, one.area) is Verdict.FOUND

        rows.append(
            {
                "uncertain_threshold": at,
                "present_found": _share(looked, known, found, absent=False),
                "false_edits": _share(looked, known, found, absent=True),
            }
        )
    return rows


def _share(looked: Sequence[Looked], known: Sequence[Looked], holds: Any, *, absent: bool) -> float:
    of = sum(one.absent == absent for one in looked)
    return sum(holds(one) for one in known if one.absent == absent) / of if of else float("nan")


def main(argv: list[str]) -> int:
    """Run `langdesign bench regions ARGV`; 2 where the set or the model is wrong."""
    given = _parser().parse_args(argv)
    try:
        report = _report(given)
    except (EvaluationError, ScenesError, RelaError) as error:
        Console(stderr=True).print(f"[red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return 2
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "regions.json").write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    (given.out / "regions.md").write_text(markdown(report), "utf-8")
    if given.json:
        sys.stdout.write(json.dumps(report) + "\n")
        return 0
    console = Console()
    console.print(_told(report), highlight=False)
    for title, columns, rows in _sheets(report):
        table = Table(*columns, title=title, title_justify="left")
        for row in rows:
            table.add_row(*row)
        console.print(table)
    sys.stdout.write(f"{given.out}/regions.md, regions.json\n")
    return 0


def _report(given: argparse.Namespace) -> dict[str, Any]:
    folder = given.segment or given.models / "segment"
    source = open_set(given.data)
    choice = Choice(given.seed, given.per_operation, given.no_ops, limit=given.limit)
    cases = choice.of(source)
    finder = RelaRegions.advised(
        loaded(folder, lambda path: Predictor.from_folder(path, given.device)), folder
    )
    looked = look(finder.predictor, finder.thresholds, cases)
    return {
        "set": source.manifest.get("digest", ""),
        "choice_digest": choice_digest(cases),
        "segment": identity(folder),
        "present": sum(not one.absent for one in looked),
        "absent": sum(one.absent for one in looked),
        "thresholds": dataclasses.asdict(finder.thresholds),
        "figures": {name: dataclasses.asdict(one) for name, one in figures(looked).items()},
        "certificates": certificates(looked),
        "restraint": restraint(looked, finder.thresholds),
    }


def markdown(report: Mapping[str, Any]) -> str:
    """Return a report as Markdown."""
    parts = [_told(report)]
    for title, columns, rows in _sheets(report):
        lines = [columns, ("---", *["---:"] * (len(columns) - 1)), *rows]
        parts.append("\n".join([f"### {title}", "", *(f"| {' | '.join(line)} |" for line in lines)]))
    return "\n\n".join(parts) + "\n"


def _told(report: Mapping[str, Any]) -> str:
    chosen = ", ".join(
        f"{name} {value:g}" for name, value in report["thresholds"].items() if value is not None
    )
    asked = f"{report['present']} targets that show and {report['absent']} that do not"
    return f"LangDesign-Bench {report['set']}, {asked}; {report['segment']} with {chosen}."


def _sheets(report: Mapping[str, Any]) -> list[Shown]:
    shown = [
        (name, _written(name, one["mean"]), f"{_written(name, one['low'])} to {_written(name, one['high'])}")
        for name, one in report["figures"].items()
    ]
    sheets: list[Shown] = [("Masks and verdicts", ("figure", "seen", "95%"), [*shown])]
    for key, title in (
        ("certificates", "Where absence is certified"),
        ("restraint", "Where nothing is edited"),
    ):
        rows = report[key]
        columns = tuple(name.replace("_", " ") for name in rows[0])
        told = [
            tuple(f"{value:g}" if n == 0 else f"{value:.1%}" for n, value in enumerate(row.values()))
            for row in rows
        ]
        sheets.append((title, columns, told))
    return sheets


def _written(name: str, value: float) -> str:
    return f"{value:.3f}" if name.startswith("mask IoU") else f"{value:.1%}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="langdesign bench regions",
        description="ReLA alone on the bench's expressions: masks, verdicts, and what they are traded for.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--data", type=Path, default=DATA, help="the rendered set")
    add("--models", type=Path, default=MODELS, help="folder of segment")
    add("--segment", type=Path, help="ReLA folder (default: MODELS/segment)")
    add("--out", type=Path, default=Path("out/bench/regions"), help="folder of what is found")
    add("--seed", type=int, default=0, help="of the choice of cases")
    add("--per-operation", type=count, default=Choice.per_operation, help="cases of each operation and split")
    add("--no-ops", type=count, default=Choice.no_ops, help="cases that must change nothing")
    add("--limit", type=count, help="ask only this many cases, still balanced")
    add("--device", type=device, default="auto", help="cpu, cuda, cuda:N, or auto: cuda where there is any")
    add("--json", action="store_true", help="print the report as JSON")
    return parser
