"""What a run tells while it runs: JSON lines for a launcher, a bar for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn


class Report(Protocol):
    """Hears of a run."""

    def progress(self, stage: str, share: float) -> None:
        """Take in which share of a stage is done, 0..1."""

    def metrics(self, values: Mapping[str, float]) -> None:
        """Take in measured values by name; later ones replace earlier ones."""

    def version(self, name: str) -> None:
        """Take in the registered version, `models/{model}@{version}`."""

    def note(self, text: str) -> None:
        """Take in a line for people."""


class JsonReport:
    """A JSON object a line, as launchers read it; what is for people goes to another stream.

    Args:
        out: gets the lines.
        log: gets the notes.

    """

    def __init__(self, out: TextIO, log: TextIO) -> None:
        self._out, self._log = out, log
        self._told: tuple[str, float] = ("", -1.0)

    def progress(self, stage: str, share: float) -> None:
        """Write a line for each new stage and each further percent."""
        told = (stage, round(share, 2))
        if told != self._told:
            self._told = told
            self._write({"stage": stage, "progress": told[1]})

    def metrics(self, values: Mapping[str, float]) -> None:
        """Write the values."""
        self._write({"metrics": dict(values)})

    def version(self, name: str) -> None:
        """Write the version."""
        self._write({"model_version": name})

    def note(self, text: str) -> None:
        """Write a line to the log."""
        print(text, file=self._log, flush=True)

    def ended(self, failure: str = "") -> None:
        """Write how the run ended."""
        self._write({"state": "failed", "failure": failure} if failure else {"state": "succeeded"})

    def stopped(self) -> None:
        """Write that the run was asked to stop, and goes on when it is started again."""
        self._write({"state": "stopped"})

    def _write(self, record: Mapping[str, Any]) -> None:
        print(json.dumps(record, allow_nan=False), file=self._out, flush=True)


class ConsoleReport:
    """A bar of the stage under way, and lines above it.

    Args:
        console: where it is drawn.

    """

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description:<10}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
        )
        self._bar = Progress(*columns, console=console, transient=True)
        self._console = console
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def progress(self, stage: str, share: float) -> None:
        """Draw the stage's bar, and no other."""
        if stage not in self._tasks:
            for task in self._tasks.values():
                self._bar.remove_task(task)
            self._tasks = {stage: self._bar.add_task(stage, total=1.0)}
        self._bar.update(self._tasks[stage], completed=share)

    def metrics(self, values: Mapping[str, float]) -> None:
        """Draw nothing: the tables at the end say it."""

    def version(self, name: str) -> None:
        """Say it."""
        self.note(f"registered {name}")

    def note(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, highlight=False, soft_wrap=True)
