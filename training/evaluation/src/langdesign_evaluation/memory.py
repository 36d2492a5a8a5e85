"""How much memory a process and its children hold while something happens."""

from __future__ import annotations

import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

import psutil

_SECONDS = 0.02  # between looks


class MemoryWatch:
    """Looks at a process and its children, in a thread of its own.

    Args:
        pid: the process; None watches nothing.

    """

    def __init__(self, pid: int | None) -> None:
        self.peak: float | None = None  # resident, MB; None: nothing was seen
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        if self._pid is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._pid is not None:
            self._thread.join()

    def _look(self) -> None:
        while True:
            held = _resident(self._pid)
            self.peak = held if self.peak is None or (held or 0) > self.peak else self.peak
            if self._over.wait(_SECONDS):
                return


def _resident(pid: int | None) -> float | None:
    """Return what a process and its children hold, MB; None where it is not there."""
    held = None
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        process = psutil.Process(pid)
        held = sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6
    return held
