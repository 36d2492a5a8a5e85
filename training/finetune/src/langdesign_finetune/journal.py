"""What a training tells while it runs: a progress line for people, a JSON line for programs."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor


class Journal:
    """Averages losses between lines.

    Args:
        path: of the JSON lines; appended to.
        steps: of the whole training.
        batch_size: samples in a step.

    """

    def __init__(self, path: Path, steps: int, batch_size: int) -> None:
        self._path, self._batch_size = path, batch_size
        self._console = Console(stderr=True)
        columns = (TextColumn("step"), MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
        self._bar = Progress(
            *columns,
            TextColumn("{task.description}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._line = self._bar.add_task("", total=steps)
        self._losses: list[Mapping[str, Tensor]] = []
        self._rate = 0.0
        self._since = time.monotonic()

    def __enter__(self) -> Self:
        self._file: TextIO = self._path.open("a", encoding="utf-8")
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        self._file.close()

    def step(self, step: int, losses: Mapping[str, Tensor], rate: float) -> None:
        """Take in a step's losses and learning rate."""
        self._losses.append({name: value.detach() for name, value in losses.items()})
        self._rate = rate
        self._bar.update(self._line, completed=step)

    def flush(self, step: int, seconds: float) -> None:
        """Write the mean of what was taken in since the last line."""
        names = dict.fromkeys(name for one in self._losses for name in one)
        means = {name: _mean([one[name] for one in self._losses if name in one]) for name in names}
        now = time.monotonic()
        speed = len(self._losses) * self._batch_size / max(now - self._since, 1e-9)
        self._losses, self._since = [], now
        self._write({"step": step, **means, "lr": self._rate, "samples/s": speed, "seconds": seconds})
        told = "  ".join(f"{name} {value:.4g}" for name, value in means.items())
        self._tell(step, f"{told}  {speed:.1f} samples/s")

    def validation(self, step: int, metrics: Mapping[str, float]) -> None:
        """Write a validation's metrics."""
        self._write({"step": step, "validation": dict(metrics)})
        told = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items())
        self._console.print(f"step {step}  validation: {told}", highlight=False, soft_wrap=True)
        self._since = time.monotonic()  # validating is no training speed

    def _tell(self, step: int, text: str) -> None:
        if self._bar.disable:
            self._console.print(f"step {step}  {text}", highlight=False, soft_wrap=True)
        else:
            self._bar.update(self._line, description=text)

    def _write(self, record: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(record) + "\n")
        self._file.flush()


def _mean(values: list[Tensor]) -> float:
    return float(torch.stack([value.float() for value in values]).mean())
