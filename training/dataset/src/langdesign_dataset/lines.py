"""Lines of stages: a source that makes samples, and judges that write notes on them, block by block.

A worker leads a block through a whole line: a build needs one pool of workers, and loads models once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .samples import Sample
from .stages.inputs import payload_of, read_samples
from .stages.stage import Stage, Task, tasks_of
from .store import Store


@dataclass(frozen=True)
class Line:
    """A source and its judges, in their order."""

    source: Stage
    judges: tuple[Stage, ...]
    payloads: Sequence[Mapping[str, Any]]  # of the source's tasks
    seconds: float | None = None  # that all workers together may take for the source; None: no limit

    @property
    def tasks(self) -> list[Task]:
        """The source's tasks."""
        return tasks_of(self.source, self.payloads)


@dataclass(frozen=True)
class Led:
    """How far a block was led: its address, and those of the notes on it."""

    source: str  # stage
    address: str
    notes: Mapping[str, str] = field(default_factory=dict)  # judge -> address

    def samples(self, store: Store) -> list[Sample]:
        """Return the samples with all notes on them."""
        return read_samples(payload_of(self.source, self.address, store, self.notes), store)


@dataclass(frozen=True)
class Step:
    """A stage's task on the way."""

    stage: Stage
    task: Task
    led: Led  # once it is done


def steps(line: Line, task: Task, store: Store) -> Iterator[Step]:
    """Yield the steps of a block; each but the first needs the blocks of those before it."""
    led = Led(line.source.name, task.address)
    yield Step(line.source, task, led)
    for judge in line.judges:
        payload = payload_of(led.source, led.address, store, led.notes)
        (following,) = tasks_of(judge, [payload])
        led = Led(led.source, led.address, {**led.notes, judge.name: following.address})
        yield Step(judge, following, led)


def led(line: Line, task: Task, store: Store) -> Led | None:
    """Return how a block was led to the end of its line; None where it was not yet."""
    last: Led | None = None
    for step in steps(line, task, store):
        if store.read(step.stage.name, step.task.address) is None:
            return None
        last = step.led
    return last
