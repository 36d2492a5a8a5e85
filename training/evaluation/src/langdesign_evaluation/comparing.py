"""`langdesign bench compare`: a base and a tuned editor on the same cases, each figure with its interval.

OUT/evaluation.json  what was found (see `comparison`)
OUT/evaluation.md    the same as Markdown
OUT/outcomes/        the edits, so that a comparison that was cut short goes on
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
from .cases import NO_OP, STRATA, Choice, TrueCase, choice_digest, open_set
from .columns import Telling, Told, baseline, digest_of, judged
from .comparison import Comparison
from .contestants import loaded
from .editors import Sampling
from .errors import EvaluationError
from .evidence import WAYS, Evidence, cases_of
from .features import Clip, Dino
from .options import ADVISED, DATA, MODELS
from .paired import paired_figures
from .provenance import identity
from .sources import Scenes, TrueSource

__all__ = ["Comparison", "compare", "main"]

_NO_OPS = 2  # one no-op to so many edits: a share takes more cases to tell than a mean


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
    cases = source.cases(choice_of(limit, no_ops, seed))
    judge = Evidence(Clip(clip, device), Dino(dino, device))
    telling = Telling(progress, 2 * sum(len(cases_of(cases, way)) for way in WAYS))
    tables = {
        "identity": baseline(cases, judge, lambda case: case.before()),
        "truth": baseline(cases, judge, lambda case: case.truth()),
    }
    samplings = {}
    for name, folder in (("base", base), ("tuned", tuned)):
        samplings[name] = sampling_of(folder, seed)
        editor = loaded(folder, lambda path: Editor.load(path, device=device))
        made = f"{identity(folder)} {samplings[name]}"  # what the edits depend on, but for way and case
        tables[name] = judged(editor, made, samplings[name], cases, judge, out, telling)
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


def choice_of(limit: int | None, no_ops: int | None, seed: int) -> Choice:
    """Return a choice of about so many real edits, of each operation alike; None: of all.

    Where the number of no-ops is None, they are half as many.
    """
    choice = Choice(seed)
    if limit is not None:
        each, still = math.ceil(limit / STRATA), math.ceil(limit / _NO_OPS)
        choice = dataclasses.replace(choice, per_operation=each, no_ops=still)
    return choice if no_ops is None else dataclasses.replace(choice, no_ops=no_ops)


def _described(source: TrueSource, cases: Sequence[TrueCase]) -> dict[str, Any]:
    no_ops = sum(case.split == NO_OP for case in cases)
    return {
        "digest": f"sha256:{digest_of(json.dumps(dict(source.told), sort_keys=True))}",
        "cases": len(cases) - no_ops,
        "no_ops": no_ops,
        "choice_digest": choice_digest(cases),
    }


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
