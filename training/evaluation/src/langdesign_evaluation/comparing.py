"""`langdesign bench compare`: a base and a tuned editor on the same cases, each figure with its interval.

OUT/evaluation.json  what was found (see `comparison`)
OUT/evaluation.md    the same as Markdown
OUT/outcomes/        the edits, so that a comparison that was cut short goes on
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from langdesign_diffusion import DiffusionError
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_scenes.errors import ScenesError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from transformers.utils.logging import disable_progress_bar

from .advice import SAMPLING, read_advice
from .arguments import count, device
from .bootstrap import Numbers
from .cases import NO_OP, Choice, TrueCase, choice_digest, chunks, open_set
from .comparison import Comparison
from .contestants import loaded
from .editors import EngineEditor, Outcome, Sampling
from .errors import EvaluationError
from .evidence import WAYS, Evidence, cases_of
from .features import Clip, Dino
from .metrics import Pixels
from .options import ADVISED, DATA, MODELS
from .paired import paired_figures
from .provenance import identity
from .sources import Scenes, TrueSource
from .stored import Stored

__all__ = ["Comparison", "compare", "main"]

Told = Callable[[float], None]
Columns = defaultdict[str, list[float]]
"""A number a case, by name; NaN where the case has nothing to say."""

_TOGETHER = 8  # edits of one call, and outcomes measured at a time
_NO_OPS = 2  # one no-op to so many edits: a share takes more cases to tell than a mean
_STRATA = 21  # operations times splits of real edits


def compare(
    base: Path,
    tuned: Path,
    bench_set: Path | TrueSource,
    *,
    clip: Path,
    dino: Path,
    out: Path,
    limit: int | None = None,
    no_ops: int | None = None,
    seed: int = 0,
    progress: Told | None = None,
    device: torch.device | str = "cpu",
) -> Comparison:
    """Judge two editors on the same cases; outcomes stay in a folder, so that a cut comparison goes on.

    Args:
        base: diffusers folder of the editor before.
        tuned: of the editor after.
        bench_set: folder of rendered scenes, or another source of cases, that neither was trained on.
        clip: CLIP folder that judges.
        dino: DINOv2 folder that judges.
        out: folder of the pictures.
        limit: of real edits, about; None: all that the bench has.
        no_ops: how many cases that must change nothing; None: half as many as edits. Each is edited in two
            ways by either model, as each edit is, and its features are not compared.
        seed: of the choice of cases, the edits' noise and the bootstrap.
        progress: hears which share is done, 0..1.
        device: where to edit and to judge.

    Raises:
        EvaluationError: a model or the set is missing or does not fit.

    """
    disable_progress_bar()
    source = Scenes(open_set(bench_set)) if isinstance(bench_set, Path) else bench_set
    cases = source.cases(_choice(limit, no_ops, seed))
    judge = Evidence(Clip(clip, device), Dino(dino, device))
    telling = _Telling(progress, 2 * sum(len(cases_of(cases, way)) for way in WAYS))
    tables = {
        "identity": _baseline(cases, judge, lambda case: case.before()),
        "truth": _baseline(cases, judge, lambda case: case.truth()),
    }
    samplings = {}
    for name, folder in (("base", base), ("tuned", tuned)):
        samplings[name] = sampling_of(folder, seed)
        editor = loaded(folder, lambda path: Editor.load(path, device=device))
        made = f"{identity(folder)} {samplings[name]}"  # what the edits depend on, but for way and case
        tables[name] = _judged(editor, made, samplings[name], cases, judge, out, telling)
    return Comparison(
        cases=_described(source, cases),
        sampling={name: dataclasses.asdict(one) for name, one in samplings.items()},
        models={
            "identity": "",
            "truth": "",
            "base": identity(base),
            "tuned": identity(tuned),
            "clip": judge.clip.identity,
            "dino": judge.dino.identity,
        },
        metrics=paired_figures(tables, seed),
    )


def sampling_of(folder: Path, seed: int = 0) -> Sampling:
    """Return how a model's own folder advises to sample it; what it does not say stays as published."""
    advice = read_advice(folder / SAMPLING)
    told = {name: advice[key] for name, key in ADVISED.items() if key in advice}
    if "steps" in told:
        told["steps"] = int(told["steps"])
    return Sampling(seed=seed, **told)  # type: ignore[arg-type] # steps is whole, the others are numbers


def _choice(limit: int | None, no_ops: int | None, seed: int) -> Choice:
    choice = Choice(seed)
    if limit is not None:
        each, still = math.ceil(limit / _STRATA), math.ceil(limit / _NO_OPS)
        choice = dataclasses.replace(choice, per_operation=each, no_ops=still)
    return choice if no_ops is None else dataclasses.replace(choice, no_ops=no_ops)


def _described(source: TrueSource, cases: Sequence[TrueCase]) -> dict[str, Any]:
    no_ops = sum(case.split == NO_OP for case in cases)
    return {
        "digest": f"sha256:{_hash(json.dumps(dict(source.told), sort_keys=True))}",
        "cases": len(cases) - no_ops,
        "no_ops": no_ops,
        "choice_digest": choice_digest(cases),
    }


class _Telling:
    """Counts what is done."""

    def __init__(self, progress: Told | None, total: int) -> None:
        self._progress, self._total, self._done = progress, max(total, 1), 0

    def __call__(self, count: int) -> None:
        self._done += count
        if self._progress:
            self._progress(self._done / self._total)


def _judged(
    editor: Editor,
    made: str,
    sampling: Sampling,
    cases: Sequence[TrueCase],
    judge: Evidence,
    out: Path,
    telling: _Telling,
) -> dict[str, Numbers]:
    """Return a column of numbers a figure, NaN where a case has nothing to say on it."""
    columns: Columns = defaultdict(list)
    for way in WAYS:
        engine = EngineEditor(way.name, editor, way.level, way.finder, sampling, _TOGETHER)
        store = Stored(out / "outcomes" / _hash(f"{made} {way.name}")[:16])
        for chunk in chunks(cases_of(cases, way), _TOGETHER):
            _add(columns, judge.rows(way.name, chunk, _edited(engine, store, chunk)))
            telling(len(chunk))
    return _arrays(columns)


def _edited(engine: EngineEditor, store: Stored, chunk: Sequence[TrueCase]) -> list[Outcome]:
    """Edit a chunk, or read it where all of it is stored: edits in other company differ in the last bit."""
    found = [outcome for case in chunk if (outcome := store.read(case)) is not None]
    if len(found) == len(chunk):
        return found
    found = list(engine.edit(chunk))
    for case, outcome in zip(chunk, found, strict=True):
        store.write(case, outcome)
    return found


def _baseline(
    cases: Sequence[TrueCase], judge: Evidence, picture: Callable[[TrueCase], Pixels]
) -> dict[str, Numbers]:
    columns: Columns = defaultdict(list)
    for way in WAYS:
        for chunk in chunks(cases_of(cases, way), _TOGETHER):
            _add(columns, judge.rows(way.name, chunk, [Outcome(picture(case)) for case in chunk]))
    return _arrays(columns)


def _add(columns: Columns, rows: Iterable[Mapping[str, float]]) -> None:
    for row in rows:
        for key, value in row.items():
            columns[key].append(value)


def _arrays(columns: Columns) -> dict[str, Numbers]:
    return {key: np.array(values) for key, values in columns.items()}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def main(argv: list[str]) -> int:
    """Run `langdesign bench compare ARGV`; 2 where a model or the set is wrong."""
    given = _parser().parse_args(argv)
    try:
        with _bar() as bar:
            task = bar.add_task("comparing", total=1.0)
            found = compare(
                given.base,
                given.tuned,
                given.data,
                clip=given.clip or given.models / "clip",
                dino=given.dino or given.models / "dino",
                out=given.out,
                limit=given.limit,
                no_ops=given.no_ops,
                seed=given.seed,
                progress=lambda share: bar.update(task, completed=share),
                device=given.device,
            )
    except (EvaluationError, ScenesError, DiffusionError) as error:
        Console(stderr=True).print(f"[red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return 2
    found.write(given.out / "evaluation.json")
    (given.out / "evaluation.md").write_text(found.markdown() + "\n", "utf-8")
    _tell(found, given)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="langdesign bench compare",
        description="Hold a tuned editor against its base on the same cases, each figure with its interval. "
        "A comparison that was cut short goes on when it is started again with the same --out.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("base", type=Path, help="diffusers folder of the editor before")
    add("tuned", type=Path, help="of the editor after")
    add("--data", type=Path, default=DATA, help="the rendered set")
    add("--models", type=Path, default=MODELS, help="folder of clip and dino")
    add("--clip", type=Path, help="CLIP folder that judges (default: MODELS/clip)")
    add("--dino", type=Path, help="DINOv2 folder that judges (default: MODELS/dino)")
    add("--out", type=Path, default=Path("out/bench/compare"), help="folder of what is found")
    add("--limit", type=count, help="real edits, about; without it all")
    add("--no-ops", type=count, help="cases that must change nothing; without it half as many as edits")
    add("--seed", type=int, default=0, help="of the choice, the edits' noise and the bootstrap")
    add("--json", action="store_true", help="print the comparison as JSON")
    add("--device", type=device, default="auto", help="cpu, cuda, cuda:N, or auto: cuda where there is any")
    return parser


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))


def _tell(found: Comparison, given: argparse.Namespace) -> None:
    if given.json:
        sys.stdout.write((given.out / "evaluation.json").read_text("utf-8"))
        return
    console = Console()
    for table in found.tables():
        console.print(table)
    console.print(found.told(), highlight=False)
    sys.stdout.write(f"{given.out}/evaluation.json, evaluation.md, outcomes/\n")
