"""Work in parallel processes of one thread each; what is under way is finished, however the work ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for_process

from .errors import DatasetError

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TBB_NUM_THREADS")

Work = Callable[[int], object]


def in_parallel(
    work: Work, indexes: Sequence[int], workers: int
) -> Generator[tuple[int, BaseException | None], None, None]:
    """Call a function of each index in other processes; yield each index with what went wrong, as they end.

    Args:
        work: can be sent to other processes; what it returns is dropped.
        indexes: of what is to be done, in the order in which it is begun.
        workers: processes, of one thread each.

    Raises:
        DatasetError: a process was killed.

    """
    with _one_thread_each(), _pool(workers) as pool:
        waiting: dict[Future[object], int] = {}
        queue = iter(indexes)
        try:
            while True:
                _fill(pool, waiting, queue, workers, work)
                if not waiting:
                    return
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    failure = future.exception()
                    if isinstance(failure, BrokenProcessPool):
                        raise DatasetError("A rendering process was killed; use fewer workers") from failure
                    yield waiting.pop(future), failure
        finally:
            # What is under way is finished; nothing new is begun.
            pool.shutdown(wait=True, cancel_futures=True)


def _fill(
    pool: ProcessPoolExecutor,
    waiting: dict[Future[object], int],
    queue: Iterator[int],
    most: int,
    work: Work,
) -> None:
    # No more than there are processes: a pool begins what it has queued even while it is shut down.
    while len(waiting) < most and (index := next(queue, None)) is not None:
        waiting[pool.submit(work, index)] = index


def _pool(workers: int) -> ProcessPoolExecutor:
    # A forked copy of a process that has threads may hang.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max_workers=workers, mp_context=context, initializer=_begin_work)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Start processes with one thread each: numerical libraries read this when they are loaded."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _begin_work() -> None:
    # Ctrl-C reaches every process of the terminal; the first one ends the others when their family is whole.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for_process([parent.sentinel])
        os._exit(1)
