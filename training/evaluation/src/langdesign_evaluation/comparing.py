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
from langdesign_diffusion.editor import Editor
from langdesign_scenes.dataset import SceneSet
from rich.console import Console
from transformers.utils.logging import disable_progress_bar

from .advice import SAMPLING, read_advice
from .bootstrap import (
    Interval,
    Numbers,
    Statistic,
    difference,
    first_mean,
    gain_of_means,
    interval,
    psnr_of_mean,
)
from .cases import NO_OP, Choice, SceneCase, choice_digest, chunks, open_set
from .comparison import Comparison, finite
from .contestants import loaded
from .editors import EngineEditor, Outcome, Sampling
from .errors import EvaluationError
from .evidence import WAYS, Evidence, cases_of
from .features import Clip, Dino
from .metrics import Pixels
from .options import ADVISED
from .provenance import identity
from .stored import Stored

__all__ = ["Comparison", "compare", "main"]

Progress = Callable[[float], None]
Columns = defaultdict[str, list[float]]
"""A number a case, by name; NaN where the case has nothing to say."""

_TOGETHER = 8  # edits of one call, and outcomes measured at a time
_NO_OPS = 4  # one no-op to so many edits
_STRATA = 21  # operations times splits of real edits


def compare(
    base: Path,
    tuned: Path,
    bench_set: Path,
    *,
    clip: Path,
    dino: Path,
    out: Path,
    limit: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Comparison:
    """Judge two editors on the same cases; outcomes stay in a folder, so that a cut comparison goes on.

    Args:
        base: diffusers folder of the editor before.
        tuned: of the editor after.
        bench_set: rendered scenes that neither was trained on.
        clip: CLIP folder that judges.
        dino: DINOv2 folder that judges.
        out: folder of the pictures.
        limit: of real edits, about; None: all that the bench has.
        seed: of the choice of cases, the edits' noise and the bootstrap.
        progress: hears which share is done, 0..1.

    Raises:
        EvaluationError: a model or the set is missing or does not fit.

    """
    disable_progress_bar()
    scenes = open_set(bench_set)
    cases = _choice(limit, seed).of(scenes)
    judge = Evidence(Clip(clip), Dino(dino))
    telling = _Telling(progress, 2 * sum(len(cases_of(cases, way)) for way in WAYS))
    tables = {
        "identity": _baseline(cases, judge, lambda case: case.before()),
        "truth": _baseline(cases, judge, lambda case: case.truth()),
    }
    samplings = {}
    for name, folder in (("base", base), ("tuned", tuned)):
        samplings[name] = sampling_of(folder, seed)
        tables[name] = _judged(folder, samplings[name], cases, judge, out, telling)
    return Comparison(
        cases=_described(scenes, cases),
        sampling={name: dataclasses.asdict(one) for name, one in samplings.items()},
        models={
            "identity": "",
            "truth": "",
            "base": identity(base),
            "tuned": identity(tuned),
            "clip": judge.clip.identity,
            "dino": judge.dino.identity,
        },
        metrics=_metrics(tables, seed),
    )


def sampling_of(folder: Path, seed: int = 0) -> Sampling:
    """Return how a model's own folder advises to sample it; what it does not say stays as published."""
    advice = read_advice(folder / SAMPLING)
    told = {name: advice[key] for name, key in ADVISED.items() if key in advice}
    if "steps" in told:
        told["steps"] = int(told["steps"])
    return Sampling(seed=seed, **told)  # type: ignore[arg-type] # steps is whole, the others are numbers


def _choice(limit: int | None, seed: int) -> Choice:
    if limit is None:
        return Choice(seed)
    return Choice(seed, per_operation=math.ceil(limit / _STRATA), no_ops=math.ceil(limit / _NO_OPS))


def _described(scenes: SceneSet, cases: Sequence[SceneCase]) -> dict[str, Any]:
    no_ops = sum(case.split == NO_OP for case in cases)
    return {
        "digest": f"sha256:{_hash(json.dumps(scenes.manifest, sort_keys=True))}",
        "cases": len(cases) - no_ops,
        "no_ops": no_ops,
        "choice_digest": choice_digest(cases),
    }


class _Telling:
    """Counts what is done."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, max(total, 1), 0

    def __call__(self, count: int) -> None:
        self._done += count
        if self._progress:
            self._progress(self._done / self._total)


def _judged(
    folder: Path,
    sampling: Sampling,
    cases: Sequence[SceneCase],
    judge: Evidence,
    out: Path,
    telling: _Telling,
) -> dict[str, Numbers]:
    """Return a column of numbers a figure, NaN where a case has nothing to say on it."""
    editor = loaded(folder, Editor.load)
    columns: Columns = defaultdict(list)
    for way in WAYS:
        engine = EngineEditor(way.name, editor, way.level, way.finder, sampling, _TOGETHER)
        store = Stored(out / "outcomes" / _hash(f"{identity(folder)} {way.name} {sampling}")[:16])
        for chunk in chunks(cases_of(cases, way), _TOGETHER):
            _add(columns, judge.rows(way.name, chunk, _edited(engine, store, chunk)))
            telling(len(chunk))
    return _arrays(columns)


def _edited(engine: EngineEditor, store: Stored, chunk: Sequence[SceneCase]) -> list[Outcome]:
    """Edit a chunk, or read it where all of it is stored: edits in other company differ in the last bit."""
    found = [outcome for case in chunk if (outcome := store.read(case)) is not None]
    if len(found) == len(chunk):
        return found
    found = list(engine.edit(chunk))
    for case, outcome in zip(chunk, found, strict=True):
        store.write(case, outcome)
    return found


def _baseline(
    cases: Sequence[SceneCase], judge: Evidence, picture: Callable[[SceneCase], Pixels]
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


_FIGURES: Mapping[str, tuple[tuple[str, ...], Statistic]] = {
    **{
        key: ((key,), first_mean)
        for key in (
            "clip_im",
            "clip_dir",
            "clip_out",
            "dino",
            "structure",
            "strict_clip_dir",
            "outside_visible",
            "outside_dino",
            "seam",
            "false_edit_rate",
            "no_op_changed",
            "any_change_rate",
            "plain_false_edit_rate",
            "plain_no_op_changed",
            "plain_any_change_rate",
        )
    },
    "plain_gain": (("plain_l1", "plain_copy_l1"), gain_of_means),
    "gain": (("strict_l1", "strict_copy_l1"), gain_of_means),
    "outside_psnr": (("outside_mse",), psnr_of_mean),
    "plain_outside_psnr": (("plain_outside_mse",), psnr_of_mean),
}
"""By figure: the columns that it is made of, and how."""


def _metrics(tables: Mapping[str, Mapping[str, Numbers]], seed: int) -> dict[str, dict[str, Interval]]:
    found: dict[str, dict[str, Interval]] = {}
    for key, (names, statistic) in _FIGURES.items():
        columns = _complete({model: [table[name] for name in names] for model, table in tables.items()})
        if columns is None:
            continue
        intervals = {model: interval(own, statistic, seed) for model, own in columns.items()}
        intervals["difference"] = difference(columns["base"], columns["tuned"], statistic, seed)
        found[key] = {name: one for name, one in intervals.items() if finite(one)}
    return found


def _complete(columns: Mapping[str, list[Numbers]]) -> dict[str, list[Numbers]] | None:
    """Keep the cases that say something in every column, the same for all models; None where none does."""
    known = np.all([np.isfinite(one) for own in columns.values() for one in own], axis=0)
    return {model: [one[known] for one in own] for model, own in columns.items()} if known.any() else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def main(argv: list[str]) -> int:
    """Run `langdesign bench compare ARGV`; 2 where a model or the set is wrong."""
    parser = argparse.ArgumentParser(
        prog="langdesign bench compare",
        description="Hold a tuned editor against its base on the same cases, each figure with its interval. "
        "A comparison that was cut short goes on when it is started again with the same --out.",
    )
    parser.add_argument("base", type=Path, help="diffusers folder of the editor before")
    parser.add_argument("tuned", type=Path, help="of the editor after")
    parser.add_argument("--data", type=Path, default=Path("out/scenes/bench"), help="the rendered set")
    parser.add_argument(
        "--models", type=Path, default=Path("deploy/models/mini"), help="folder of clip and dino"
    )
    parser.add_argument("--out", type=Path, default=Path("out/bench/compare"), help="folder of what is found")
    parser.add_argument("--limit", type=int, help="real edits, about; without it all")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(argv)
    console = Console()
    try:
        with console.status("comparing"):
            found = compare(
                given.base,
                given.tuned,
                given.data,
                clip=given.models / "clip",
                dino=given.models / "dino",
                out=given.out,
                limit=given.limit,
                seed=given.seed,
            )
    except EvaluationError as error:
        Console(stderr=True).print(f"error: {error}", highlight=False, soft_wrap=True)
        return 2
    found.write(given.out / "evaluation.json")
    (given.out / "evaluation.md").write_text(found.markdown() + "\n", "utf-8")
    for table in found.tables():
        console.print(table)
    sys.stdout.write(f"{given.out}/evaluation.json, evaluation.md, outcomes/\n")
    return 0
