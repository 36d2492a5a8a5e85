"""`langdesign bench edits`: LangDesign-Bench, instruction-guided edits judged against the exact truth.

    OUT/report.json  the figures (see `run.report`): null where there is nothing to measure, and the string
                     "exact" for an infinite PSNR
    OUT/cases.jsonl  a line a case: every editor's measures
    OUT/index.html   the figures with example pictures
    OUT/report.md    the figures as Markdown
    OUT/pictures/    what every editor made of every case

With `--export DIR` it writes the cases for other editors instead (see `folders`).
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from langdesign_client.errors import LangDesignError
from langdesign_diffusion import DiffusionError
from langdesign_rela import RelaError
from langdesign_scenes.errors import ScenesError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from transformers.utils.logging import disable_progress_bar

from .contestants import contestants
from .editors import shows_truth
from .errors import EvaluationError
from .examples import examples
from .features import Clip, Dino
from .figures import EXACT
from .folders import DIGEST, export
from .measures import Judge
from .options import Options, read_options
from .page import page
from .run import Bench, case_rows, report
from .sources import open_source
from .tables import markdown, print_tables

_EXPECTED = (EvaluationError, ScenesError, DiffusionError, RelaError, LangDesignError)


def main(argv: list[str]) -> int:
    """Run `langdesign bench edits ARGV`; 2 where the set, a model, a service or an answer is wrong."""
    try:
        return _run(read_options(argv))
    except _EXPECTED as error:
        line = error.line if isinstance(error, LangDesignError) else str(error)
        Console(stderr=True).print(f"[red]error:[/] {escape(line)}", highlight=False, soft_wrap=True)
        return 2


def _run(options: Options) -> int:
    source = open_source(options.data, options.public)
    cases = source.cases(options.choice)
    if options.export:
        export(cases, options.export)
        answer = f"answer with a folder of NNNN.png and a copy of its {DIGEST}"
        sys.stdout.write(f"{len(cases)} cases in {options.export}; {answer}\n")
        return 0
    disable_progress_bar()  # of the loading of weights: it would run into ours
    clip, dino = Clip(options.clip, options.device), Dino(options.dino, options.device)
    known = all(case.truth() is not None for case in cases[:1])  # a set has the truth of all, or of none
    editors = [one for one in contestants(options) if known or not shows_truth(one)]
    with _progress() as progress:
        bench = Bench(cases, Judge(clip, dino, options.sampling.feather), options.out, progress)
        judged = bench.run(editors)
        curve = bench.curve(editors, options.curve_cases) if options.curve else []
    found = report(options, source.told, bench, judged, curve, {"clip": clip.identity, "dino": dino.identity})
    _write(options.out / "report.json", [_finite(found)], indent=2)
    _write(options.out / "cases.jsonl", map(_finite, case_rows(cases, judged)))
    (options.out / "index.html").write_text(page(found, examples(cases, judged)), "utf-8")
    (options.out / "report.md").write_text(markdown(found), "utf-8")
    _tell(options, found)
    return 0


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _tell(options: Options, found: Mapping[str, Any]) -> None:
    if options.json:
        sys.stdout.write(json.dumps(_finite(found)) + "\n")
    else:
        print_tables(found, intervals=options.intervals)
        sys.stdout.write(f"{options.out}/index.html, report.md, report.json, cases.jsonl, pictures/\n")


def _write(path: Path, rows: Iterable[Any], indent: int | None = None) -> None:
    lines = [json.dumps(row, indent=indent, allow_nan=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _finite(value: Any) -> Any:
    """Return JSON data: JSON has no infinity, and an infinite PSNR must not read as nothing to measure."""
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if value == math.inf:
        return EXACT
    return None if isinstance(value, float) and not math.isfinite(value) else value
