"""The stages that work block by block: sources first, then judges, each on what is there."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langdesign_diffusion.fingerprint import fingerprint
from langdesign_evaluation.provenance import identity
from langdesign_scenes import ScenesError, SceneSet
from langdesign_triples import Triple

from .errors import SourceError
from .lines import Led, Line, led
from .models import Models
from .recipes import DatasetRecipe
from .report import BuildReport, Progress, StageReport
from .samples import Sample
from .stages.judge import JudgeStage
from .stages.likeness import LikenessStage
from .stages.notes import unpack_notes, unpack_samples
from .stages.pairs import PairStage, candidates_of
from .stages.preservation import PreservationStage
from .stages.rendered import RenderedStage, family_digest
from .stages.stage import Stage, tasks_of
from .store import Spent, Store
from .wording import things_of
from .working import Cluster, work


@dataclass(frozen=True)
class Builder:
    """Does the stages of one build.

    Args:
        recipe: what is made.
        models: what makes and judges pairs.
        store: of the blocks.
        cluster: where work is done.
        judge_key: of the judge's endpoint.
        progress: is told how far a source is.

    """

    recipe: DatasetRecipe
    models: Models
    store: Store
    cluster: Cluster
    judge_key: str
    progress: Progress

    def samples(self, triples: Sequence[Triple], scenes: Path | None) -> tuple[list[Sample], BuildReport]:
        """Return all candidates with what judges say of them, and what that cost.

        Raises:
            BuildError: it ended early; what is done stays.

        """
        self.store.sweep()
        judges = tuple(self._judges(triples))
        afforded = _afforded(triples, self.recipe)
        lines = [] if scenes is None else [self._rendered(scenes, judges)]
        lines.append(self._pairs(afforded, judges))
        work(lines, self.store, self.cluster, self._tell)
        found = [(line, [led(line, task, self.store) for task in line.tasks]) for line in lines]
        whole = all(one is not None for _, blocks in found for one in blocks)
        blocks = [(line, [one for one in blocks if one is not None]) for line, blocks in found]
        samples = [sample for _, own in blocks for one in own for sample in one.samples(self.store)]
        reports = [self._source_report(line.source.name, own) for line, own in blocks]
        reports += [
            self._judge_report(judge.name, [one for _, own in blocks for one in own]) for judge in judges
        ]
        complete = whole and len(afforded) == len(triples)
        return samples, BuildReport(tuple(reports), 0, complete)

    def _tell(self, line: Line, count: int) -> None:
        self.progress(line.source.name, count / max(1, len(line.payloads)))

    def _rendered(self, scenes: Path, judges: tuple[Stage, ...]) -> Line:
        try:
            folders = SceneSet(scenes).folders
        except ScenesError as error:
            raise SourceError(str(error)) from error
        stage = RenderedStage(scenes.resolve() / "families", self.recipe.seed, self.recipe.rendered_share)
        payloads = [
            {"families": [one.name for one in chunk], "digests": [family_digest(one) for one in chunk]}
            for chunk in _chunks(folders, self.recipe.block)
        ]
        return Line(stage, judges, payloads)

    def _pairs(self, triples: Sequence[Triple], judges: tuple[Stage, ...]) -> Line:
        recipe, folder = self.recipe, self.models.generate.resolve()
        stage = PairStage(
            recipe.sampling, recipe.seed, recipe.licence, folder, fingerprint(folder), self.cluster.device
        )
        payloads = [
            {"triples": [dataclasses.asdict(one) for one in chunk]}
            for chunk in _chunks(triples, recipe.block)
        ]
        if recipe.budget.minutes is None:
            return Line(stage, judges, payloads)
        spent = self._spent(stage.name, [task.address for task in tasks_of(stage, payloads)])
        return Line(stage, judges, payloads, max(0.0, 60.0 * recipe.budget.minutes - spent.seconds))

    def _judges(self, triples: Sequence[Triple]) -> Iterator[Stage]:
        gates, device, judging = self.recipe.gates, self.cluster.device, self.recipe.judging
        clip, segment = self.models.clip.resolve(), self.models.segment.resolve()
        yield LikenessStage(gates, clip, identity(clip), device)
        yield PreservationStage(gates, things_of(triples), segment, identity(segment), device)
        if judging.model:
            yield JudgeStage(judging, self.recipe.budget.dollars, self.judge_key)

    def _spent(self, stage: str, addresses: Sequence[str]) -> Spent:
        found = [block.spent for one in addresses if (block := self.store.read(stage, one)) is not None]
        return Spent(sum(one.seconds for one in found), sum(one.dollars for one in found))

    def _source_report(self, stage: str, blocks: Sequence[Led]) -> StageReport:
        addresses = [one.address for one in blocks]
        read = (self.store.read(stage, one) for one in addresses)
        count = sum(len(unpack_samples(block.body)) for block in read if block is not None)
        spent = self._spent(stage, addresses)
        return StageReport(stage, count, count, spent.seconds, spent.dollars, {})

    def _judge_report(self, stage: str, blocks: Sequence[Led]) -> StageReport:
        """Count what a judge said of generated pairs; rendered ones pass."""
        generated = [one.notes[stage] for one in blocks if one.source != RenderedStage.name]
        read = (self.store.read(stage, one) for one in generated)
        notes = [note for block in read if block is not None for note in unpack_notes(block.body)]
        dropped = Counter(note.verdict for note in notes if note.reason)
        spent = self._spent(stage, [one.notes[stage] for one in blocks])
        passed = len(notes) - dropped.total()
        return StageReport(stage, len(notes), passed, spent.seconds, spent.dollars, dict(dropped))


def _afforded(triples: Sequence[Triple], recipe: DatasetRecipe) -> list[Triple]:
    """Return the first triples, as many as the budget of candidates allows."""
    left = recipe.budget.candidates
    if left is None:
        return list(triples)
    afforded = []
    for triple in triples:
        left -= candidates_of(triple, recipe.sampling)
        if left < 0:
            break
        afforded.append(triple)
    return afforded


def _chunks(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
