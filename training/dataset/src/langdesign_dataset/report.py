"""What a build cost and what it yielded, stage by stage."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from .samples import Sample

Progress = Callable[[str, float], None]
"""Is told a stage's name and the share of it that is done, 0..1."""


@dataclass(frozen=True)
class StageReport:
    """One line of the table."""

    stage: str
    taken: int  # samples, or triples or families of a source, that went in
    passed: int  # samples that came out undropped
    seconds: float  # of workers, those of earlier runs too
    dollars: float
    dropped: dict[str, int]  # by gate

    @property
    def share(self) -> float:
        """Return what passed of what was taken, 0..1."""
        return self.passed / self.taken if self.taken else 0.0


@dataclass(frozen=True)
class BuildReport:
    """All lines, and what a build ended with."""

    stages: tuple[StageReport, ...]
    kept: int
    complete: bool  # whether every triple was worked on; not where the budget ended first

    def table(self) -> Table:
        """Return the lines as a table for the terminal."""
        table = Table("stage", "in", "out", "yield", "worker s", "$", "dropped by")
        for one in self.stages:
            gates = ", ".join(f"{gate} {count}" for gate, count in sorted(one.dropped.items()))
            numbers = (
                f"{one.taken:,}",
                f"{one.passed:,}",
                f"{one.share:.1%}",
                f"{one.seconds:.1f}",
                f"{one.dollars:.2f}",
            )
            table.add_row(one.stage, *numbers, gates)
        return table

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> BuildReport:
        """Read what `write` wrote."""
        told = json.loads(path.read_text("utf-8"))
        return cls(tuple(StageReport(**one) for one in told["stages"]), told["kept"], told["complete"])


def dropped_by(samples: Iterable[Sample]) -> dict[str, int]:
    """Return how many samples each gate dropped."""
    return dict(Counter(one.verdict for one in samples if not one.kept))
