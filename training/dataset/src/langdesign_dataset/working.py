"""Work of stages on Ray Data: on this machine's cores, or on a cluster, by an address.

Workers share the store's folder and nothing else: a task travels as its address and payload, its result is a
block. So a worker may be killed at any time, and a block that is there is never computed again.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from langdesign_diffusion import DiffusionError
from langdesign_evaluation import EvaluationError
from langdesign_rela import RelaError

from . import errors
from .errors import BudgetSpent, BuildError, DatasetError, WorkerError
from .lines import Line, Step, led, steps
from .stages.stage import Stage, Task, Work
from .store import Spent, Store

_MEMORY = 100 * 2**20  # bytes of Ray's object store: addresses and payloads are all that passes through it
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
_LEVEL = "RAY_BACKEND_LOG_LEVEL"
_log = logging.getLogger(__name__)
_FORESEEN = (DatasetError, DiffusionError, EvaluationError, RelaError, OSError)


@dataclass(frozen=True)
class Cluster:
    """Where work is done."""

    workers: int = 2  # processes; 0 does the work in this one, one task after the other
    threads: int = 1  # of each worker; results may differ in rounding between numbers of threads
    address: str = ""  # of a Ray cluster, such as "auto" or "ray://head:10001"; "" starts one on this machine
    device: str = "cpu"  # of the models
    gpus: float = 0.0  # of each worker


@dataclass(frozen=True)
class Outcome:
    """What became of a block: nothing to say, or a problem that was foreseen, which travels as text."""

    line: int  # which line it was led through
    kind: str = ""  # name of the error's class
    problem: str = ""

    def check(self) -> None:
        """Raise the error, if it is one."""
        if self.kind:
            raised: type[BuildError] = getattr(errors, self.kind)
            raise raised(self.problem)


class Worker:
    """Leads blocks through lines; on Ray an actor.

    Args:
        lines: whose models it loads when they are first needed.
        store: where blocks go.
        cluster: how many share the work, and a limit of time.

    """

    def __init__(self, lines: Sequence[Line], store: Store, cluster: Cluster) -> None:
        self._lines, self._store, self._threads = lines, store, cluster.threads
        sharing = max(1, cluster.workers)
        self._left = [None if line.seconds is None else line.seconds / sharing for line in lines]
        self._opened: dict[tuple[int, str], Work] = {}

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Lead the blocks of a Ray batch."""
        rows = zip(batch["line"], batch["address"], batch["payload"], strict=True)
        outcomes = [self._told(int(line), Task(str(one), json.loads(str(told)))) for line, one, told in rows]
        fields = ("line", "kind", "problem")
        return {name: np.array([getattr(one, name) for one in outcomes]) for name in fields}

    def _told(self, line: int, task: Task) -> Outcome:
        try:
            return self.lead(line, task)
        except Exception as error:  # noqa: BLE001 - the boundary to Ray, whose own report hides the cause
            _log.exception("A block of line %d could not be led", line)
            what = f"{type(error).__name__}: {error}"
            return Outcome(line, "WorkerError", f"A worker failed ({what}); build again: what is done stays")

    def lead(self, line: int, task: Task) -> Outcome:
        """Do all steps of a block that are not done, as far as the budgets of time and money allow."""
        stage = self._lines[line].source.name
        try:
            with _threads(self._threads):
                for step in steps(self._lines[line], task, self._store):
                    stage = step.stage.name
                    there = self._store.read(stage, step.task.address) is not None
                    if not there and not self._do(line, step):
                        break
        except BudgetSpent as error:
            _log.warning("%s", error)
            self._left[line] = 0.0  # what is new could not be judged; what is made may be, by kept answers
        except BuildError as error:
            return Outcome(line, type(error).__name__, str(error))
        except _FORESEEN as error:
            return Outcome(line, "BuildError", f"Stage {stage}: {error}; build again: what is done stays")
        return Outcome(line)

    def _do(self, line: int, step: Step) -> bool:
        """Do a step, and tell whether there was time for it; a source stops, its judges go on."""
        left = self._left[line]
        limited = left is not None and step.stage is self._lines[line].source
        if limited and left is not None and left <= 0:
            return False
        began = time.perf_counter()
        made = self._work(line, step.stage)(step.task.payload, self._store)
        seconds = time.perf_counter() - began
        if limited and left is not None:
            self._left[line] = left - seconds
        self._store.write(step.stage.name, step.task.address, made.body, Spent(seconds, made.dollars))
        return True

    def _work(self, line: int, stage: Stage) -> Work:
        # A judge of two lines is one: models are loaded once.
        place = (0 if stage in self._lines[0].judges else line, stage.name)
        if place not in self._opened:
            self._opened[place] = stage.open()
        return self._opened[place]


def work(
    lines: Sequence[Line],
    store: Store,
    cluster: Cluster,
    done: Callable[[Line, int], None] = lambda line, count: None,
) -> None:
    """Lead every block through its line; Ray starts only where one is not at its end.

    Args:
        lines: what is done.
        store: of the blocks.
        cluster: where it is done.
        done: is called with a line and the number of its blocks that are done, as it grows.

    Raises:
        BuildError: a block cannot be done; what is done stays.

    """
    missing = [
        (place, task)
        for place, line in enumerate(lines)
        for task in line.tasks
        if led(line, task, store) is None
    ]
    counts = [len(line.tasks) - sum(place == one for place, _ in missing) for one, line in enumerate(lines)]
    for line, count in zip(lines, counts, strict=True):
        done(line, count)
    if not missing:
        return
    for outcome in (_here if cluster.workers == 0 else _on_ray)(lines, missing, store, cluster):
        outcome.check()
        counts[outcome.line] += 1
        done(lines[outcome.line], counts[outcome.line])


def _here(
    lines: Sequence[Line], missing: Sequence[tuple[int, Task]], store: Store, cluster: Cluster
) -> Iterator[Outcome]:
    worker = Worker(lines, store, cluster)
    return (worker.lead(line, task) for line, task in missing)


def _on_ray(
    lines: Sequence[Line], missing: Sequence[tuple[int, Task]], store: Store, cluster: Cluster
) -> Iterator[Outcome]:
    rows = [
        {"line": line, "address": task.address, "payload": json.dumps(task.payload)} for line, task in missing
    ]
    with _ray(cluster) as ray:
        dataset = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
            Worker,
            batch_size=1,
            batch_format="numpy",
            compute=ray.data.ActorPoolStrategy(
                size=min(cluster.workers, len(rows)), max_tasks_in_flight_per_actor=2
            ),
            num_cpus=cluster.threads if cluster.address else 1,
            num_gpus=cluster.gpus or None,
            fn_constructor_args=([dataclasses.replace(line, payloads=()) for line in lines], store, cluster),
        )
        try:
            for row in dataset.iter_rows():
                yield Outcome(int(row["line"]), str(row["kind"]), str(row["problem"]))
        except ray.exceptions.RayError as error:
            raise WorkerError(
                f"A worker failed ({_last_line(error)}); build again: what is done stays. If it was killed "
                "for memory, give fewer workers or a smaller block"
            ) from error


@contextmanager
def _ray(cluster: Cluster) -> Iterator[Any]:
    """Start Ray or connect to it, quietly, and yield its module (untyped); nothing of it is left."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    import ray  # noqa: PLC0415 - it takes seconds, and a build that finds everything done needs none
    import ray.data  # noqa: PLC0415

    # "local" holds where RAY_ADDRESS names a cluster, too.
    local = {
        "address": "local",
        "num_cpus": cluster.workers,
        "include_dashboard": False,
        "object_store_memory": _MEMORY,
    }
    with _hushed():
        ray.init(
            **({"address": cluster.address} if cluster.address else local),
            logging_level=logging.ERROR,
            log_to_driver=False,
        )
    try:
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of settings that Ray itself sets
            ray.data.DataContext.get_current().enable_progress_bars = False
        yield ray
    finally:
        ray.shutdown()


@contextmanager
def _hushed() -> Iterator[None]:
    """Let Ray's C++ core start without a word on the terminal, now and later.

    Ray Data restarts actors and hands them references, of which the core warns as an error each time, on the
    terminal and not through `logging`. What goes wrong is raised. RAY_BACKEND_LOG_LEVEL decides where it is
    set; the core says so while it starts.
    """
    if _LEVEL in os.environ:
        yield
        return
    os.environ[_LEVEL] = "fatal"
    sys.stderr.flush()
    terminal = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a descriptor is what is wanted
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        del os.environ[_LEVEL]


def _last_line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1].strip() if lines else type(error).__name__


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
