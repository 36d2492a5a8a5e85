"""What a training tells while it runs: a progress line for people, a JSON line for programs."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from .disk import writing

Losses = dict[str, float]


class Tracker(Protocol):
    """Who is told besides the log."""

    def losses(self, step: int, values: Mapping[str, float]) -> None:
        """Take means of losses, learning rate and speed, all finite."""

    def validation(self, step: int, values: Mapping[str, float]) -> None:
        """Take a validation's metrics."""


class Journal:
    """Averages losses between lines.

    Args:
        path: of the JSON lines; None writes and tells nothing.
        steps: of the whole training.
        batch_size: samples in a step.
        begun: step that the run begins at, of which later lines are dropped, and the losses that were not
            written then; the list is kept up to date.
        tracker: also told what is written.

    """

    def __init__(
        self,
        path: Path | None,
        steps: int,
        batch_size: int,
        begun: tuple[int, list[Losses]],
        tracker: Tracker | None = None,
    ) -> None:
        self._path, self._batch_size, self._tracker = path, batch_size, tracker
        self._begun, self._losses = begun
        self._console = Console(stderr=True, quiet=path is None)
        columns = (TextColumn("step"), MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
        self._bar = Progress(
            *columns,
            TextColumn("{task.description}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._line = self._bar.add_task("", total=steps)
        self._taken = 0  # steps since the last line, in this run
        self._rate = 0.0
        self._since = time.monotonic()

    def __enter__(self) -> Self:
        self._file: TextIO | None = None
        if self._path is not None:
            _forget_after(self._path, self._begun)
            self._file = self._path.open("a", encoding="utf-8")
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        if self._file is not None:
            self._file.close()

    def step(self, step: int, losses: Mapping[str, Tensor], rate: float) -> None:
        """Take in a step's losses and learning rate."""
        self._losses.append({name: float(value.detach()) for name, value in losses.items()})
        self._taken += 1
        self._rate = rate
        self._bar.update(self._line, completed=step)

    def flush(self, step: int, seconds: float) -> None:
        """Write the mean of what was taken in since the last line."""
        names = dict.fromkeys(name for one in self._losses for name in one)
        means = {name: _mean([one[name] for one in self._losses if name in one]) for name in names}
        now = time.monotonic()
        speed = self._taken * self._batch_size / max(now - self._since, 1e-9)
        self._losses.clear()
        self._taken, self._since = 0, now
        self._write({"step": step, **means, "lr": self._rate, "samples/s": speed, "seconds": seconds})
        if self._tracker:
            self._tracker.losses(step, {**means, "lr": self._rate, "samples/s": speed})
        told = "  ".join(f"{name} {value:.4g}" for name, value in means.items())
        self._tell(step, f"{told}  {speed:.1f} samples/s")

    def validation(self, step: int, metrics: Mapping[str, float]) -> None:
        """Write a validation's metrics."""
        self._write({"step": step, "validation": dict(metrics)})
        if self._tracker:
            self._tracker.validation(step, metrics)
        told = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items())
        self._console.print(f"step {step}  validation: {told}", highlight=False, soft_wrap=True)
        self._since = time.monotonic()  # validating is no training speed

    def _tell(self, step: int, text: str) -> None:
        if self._bar.disable:
            self._console.print(f"step {step}  {text}", highlight=False, soft_wrap=True)
        else:
            self._bar.update(self._line, description=text)

    def _write(self, record: Mapping[str, Any]) -> None:
        if self._file is not None:
            with writing(self._file.name):
                self._file.write(json.dumps(record) + "\n")
                self._file.flush()


def _mean(values: list[float]) -> float:
    return float(torch.tensor(values, dtype=torch.float32).mean())


def _forget_after(path: Path, step: int) -> None:
    """Drop the lines of later steps, and one that a killed run left half written."""
    if not path.is_file():
        return
    lines = path.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
    if kept != lines:
        draft = path.with_name(f".{path.name}")
        draft.write_text("".join(kept), "utf-8")
        draft.replace(path)
