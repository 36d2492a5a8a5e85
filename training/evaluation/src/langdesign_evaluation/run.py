"""The bench itself: editors on cases, measured, gathered into one report."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from .cases import NO_OP, Case, choice_digest, chunks
from .contestants import models
from .editors import EditorUnderTest, EngineEditor, Identity, Outcome, RoundTrip, Truth
from .errors import AnswerError
from .figures import Figures, Intervals, by_group, intervals_by_group
from .folders import file_name, write_mask, write_picture
from .measures import Judge, Measures
from .names import slug
from .options import SCALES, Options
from .promises import promises
from .provenance import machine

FORMAT = "langdesign-bench-edits/1"
_TOGETHER = 32  # outcomes measured at a time
BASELINES = (Identity, Truth, RoundTrip)


@dataclass(frozen=True, eq=False)
class Judged:
    """One editor's measures and figures; its pictures lie in `folder`."""

    editor: EditorUnderTest
    folder: Path
    measures: Sequence[Measures]
    figures: Mapping[str, Figures]  # by group
    intervals: Mapping[str, Intervals]  # by group

    @property
    def baseline(self) -> bool:
        """Whether it edits nothing."""
        return isinstance(self.editor, BASELINES)


@dataclass
class Bench:
    """One run over the cases.

    Args:
        cases: what is judged, ids in order from 0.
        judge: measures.
        out: folder of the report; pictures go to `pictures/EDITOR/NNNN.png`.
        progress: shows how far it is.

    """

    cases: Sequence[Case]
    judge: Judge
    out: Path
    progress: Progress
    _copies: list[Measures] = field(default_factory=list)

    def run(self, editors: Sequence[EditorUnderTest]) -> list[Judged]:
        """Judge every editor; the identity baseline comes first, as gains are held against it."""
        # All are asked before any edits: a folder of answers to other cases is refused now, not in hours.
        asked = [(editor, editor.edit(self.cases)) for editor in editors]
        return [self._judged(editor, outcomes) for editor, outcomes in asked]

    def _judged(self, editor: EditorUnderTest, outcomes: Iterator[Outcome]) -> Judged:
        folder = self.out / "pictures" / slug(editor.name)
        folder.mkdir(parents=True, exist_ok=True)
        task = self.progress.add_task(editor.name, total=len(self.cases))
        measures: list[Measures] = []
        for chunk in chunks(self.cases, _TOGETHER):
            answers = []
            for case, outcome in zip(chunk, _checked(outcomes, chunk), strict=True):
                _save(folder, case, outcome)
                answers.append(outcome)
                self.progress.advance(task)
            measures += self.judge.measure(chunk, answers, editor.region)
        if isinstance(editor, Identity):
            self._copies = measures
        given = editor.region == "truth"
        told = (self.cases, measures, self._copies)
        found, sure = by_group(*told, given=given), intervals_by_group(*told, given=given)
        return Judged(editor, folder, measures, found, sure)

    def curve(self, editors: Sequence[EditorUnderTest], count: int) -> list[dict[str, Any]]:
        """Return CLIP_im and CLIP_dir of the engine's editors over the image guidance, on `count` edits."""
        cases = [case for case in self.cases if case.split != NO_OP and case.edit.caption_after][:count]
        return [
            self._sweep(editor, cases) for editor in editors if isinstance(editor, EngineEditor) and cases
        ]

    def _sweep(self, editor: EngineEditor, cases: Sequence[Case]) -> dict[str, Any]:
        task = self.progress.add_task(f"curve, {editor.name}", total=len(SCALES))
        points = []
        for scale in SCALES:
            kept, along = self.judge.direction(editor.at(scale), cases)
            points.append({"image_guidance": scale, "clip_im": kept, "clip_dir": along})
            self.progress.advance(task)
        return {"editor": editor.name, "cases": len(cases), "points": points}


def _checked(outcomes: Iterator[Outcome], chunk: Sequence[Case]) -> Iterator[Outcome]:
    """Yield the next outcomes of a chunk, each of its case's size."""
    for case in chunk:
        outcome, expected = next(outcomes), case.before().shape
        if outcome.picture.shape != expected or outcome.picture.dtype != np.uint8:
            raise AnswerError(
                f"Case {case.id} came back as {outcome.picture.dtype} {list(outcome.picture.shape)}; "
                f"answer with uint8 {list(expected)}"
            )
        yield outcome


def _save(folder: Path, case: Case, outcome: Outcome) -> None:
    write_picture(folder / file_name(case), outcome.picture)
    if outcome.mask is not None:
        write_mask((folder / file_name(case)).with_suffix(".mask.png"), outcome.mask)


def report(
    options: Options,
    told: Mapping[str, Any],
    bench: Bench,
    judged: Sequence[Judged],
    curve: Sequence[Mapping[str, Any]],
    judges: Mapping[str, str],
) -> dict[str, Any]:
    """Return the report; equal for equal inputs but for seconds and machine.

    A figure is None where there is nothing to measure. An infinite PSNR, of pictures that are exactly alike,
    is "exact" in `report.json`, as JSON has no infinity.
    """
    named = {one.editor.name: one.figures for one in judged if not one.baseline}
    return {
        "format": FORMAT,
        "set": {
            **told,
            "cases": len(bench.cases),
            "choice": dataclasses.asdict(options.choice),
            "choice_digest": choice_digest(bench.cases),
            "counts": _counts(bench.cases),
        },
        "machine": machine(options.device),
        "sampling": {**dataclasses.asdict(options.sampling), "batch": options.batch},
        "models": {**judges, **models(options)},
        "editors": [
            {
                "name": one.editor.name,
                "checkpoint": one.editor.checkpoint,
                "region": one.editor.region,
                "baseline": one.baseline,
                "figures": one.figures,
                "intervals": one.intervals,
            }
            for one in judged
        ],
        "promises": promises(named),
        "curve": list(curve),
    }


def _counts(cases: Sequence[Case]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for case in cases:
        counts.setdefault(case.split, Counter())[case.operation] += 1
    return {split: dict(sorted(operations.items())) for split, operations in counts.items()}


def case_rows(cases: Sequence[Case], judged: Sequence[Judged]) -> Iterator[dict[str, Any]]:
    """Yield one row a case: what it is, and every editor's measures."""
    for case in cases:
        yield {
            "id": case.id,
            **case.origin,
            "split": case.split,
            "operation": case.operation,
            "instruction": case.edit.instruction,
            "expression": case.edit.expression,
            "measures": {one.editor.name: dataclasses.asdict(one.measures[case.id]) for one in judged},
        }
