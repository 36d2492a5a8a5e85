"""Open-loop load, and static batching as the thing to beat."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, process_time, sleep
from typing import Protocol

import numpy as np
from langdesign_edits import Pixels
from langdesign_engine import Engine, EngineOptions

from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.parameters import EditParameters
from langdesign_instruct_pix2pix.state import Pix2PixRequest


class Waitable(Protocol):
    """An edit under way."""

    def result(self, timeout: float | None = None) -> object:
        """Wait for the edit's end."""


Submit = Callable[[Pixels, EditParameters], Waitable]


@dataclass(frozen=True)
class LoadReport:
    """What one load test showed."""

    throughput: float  # edits per second, from the first arrival to the last end
    p50: float  # seconds from arrival to end
    p95: float
    processor: float  # seconds of processor time an edit, over all threads: other work distorts it least


def run_load(
    submit: Submit, parameters: Sequence[EditParameters], size: int, rate: float | None
) -> LoadReport:
    """Send one edit per parameters at Poisson times of `rate` per second (None: all at once)."""
    dice = np.random.default_rng(0)
    gaps = np.zeros(len(parameters)) if rate is None else dice.exponential(1 / rate, len(parameters))
    began, watchers, latencies = perf_counter(), [], [0.0] * len(parameters)
    worked = process_time()
    for index, (due, chosen) in enumerate(zip(np.cumsum(gaps) - gaps[0], parameters, strict=True)):
        sleep(max(0.0, began + due - perf_counter()))
        arrived = began + due  # an open loop counts from the time that was due
        edit = submit(dice.integers(0, 256, (size, size, 3), np.uint8), chosen)
        watcher = threading.Thread(target=_watch, args=(edit, arrived, latencies, index))
        watcher.start()
        watchers.append(watcher)
    for watcher in watchers:
        watcher.join()
    total, worked = perf_counter() - began, process_time() - worked
    p50, p95 = np.percentile(latencies, (50, 95))
    return LoadReport(len(parameters) / total, float(p50), float(p95), worked / len(parameters))


def _watch(edit: Waitable, arrived: float, latencies: list[float], index: int) -> None:
    edit.result()
    latencies[index] = perf_counter() - arrived


@contextmanager
def step_level(editor: Editor, options: EngineOptions) -> Iterator[Submit]:
    """Serve with the engine; the editor is warm already."""
    with Engine(editor, options) as engine:
        yield lambda image, parameters: engine.submit(Pix2PixRequest(image, None, parameters))


@contextmanager
def static_batching(editor: Editor, batch_size: int) -> Iterator[Submit]:
    """Serve with batches that are formed of what waits and run to their end before the next begins.

    The generous form: an edit whose own steps are done costs nothing more while its batch goes on.
    """
    waiting: queue.Queue[tuple[Pixels, EditParameters, Future[object]] | None] = queue.Queue()
    worker = threading.Thread(target=_run_batches, args=(editor, batch_size, waiting))
    worker.start()

    def submit(image: Pixels, parameters: EditParameters) -> Waitable:
        future: Future[object] = Future()
        waiting.put((image, parameters, future))
        return future

    try:
        yield submit
    finally:
        waiting.put(None)
        worker.join()


def _run_batches(
    editor: Editor, size: int, waiting: queue.Queue[tuple[Pixels, EditParameters, Future[object]] | None]
) -> None:
    while (first := waiting.get()) is not None:
        batch = [first]
        while len(batch) < size and not waiting.empty():
            following = waiting.get()
            if following is None:
                waiting.put(None)
                break
            batch.append(following)
        states = [editor.prepare(Pix2PixRequest(image, None, parameters)) for image, parameters, _ in batch]
        while going := [state for state in states if not state.done]:
            editor.denoise_step(going)
        results = [editor.finish(state) for state in states]
        for (_, _, future), result in zip(batch, results, strict=True):
            future.set_result(result)
