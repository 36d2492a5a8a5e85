"""Runs Triton, ends it when it is of no use any more, and starts it again."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from langdesign_supervisor import processes, stubs
from langdesign_supervisor.triton import Triton, flag

RESTARTS = "LANGDESIGN_SUPERVISOR_RESTARTS"
"""Variable that tells a server how often it was started again; its model `edit` shows it as a metric."""
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps POSIX shared memory
_PREFIX = "shm-region-prefix-name="  # of the Python backend's configuration
_LOOK = 0.2  # seconds between two looks at the processes
_MARGIN = 15.0  # seconds for Triton's end beyond its own limit, before it is killed


@dataclass(frozen=True)
class Patience:
    """How long what may take.

    Attributes:
        start: Seconds until a started server has to be ready: a first one pulls nothing, but compiles.
        pause: Seconds before the second start again within `memory`; twice as long before each further one.
        longest: Seconds of the longest such pause.
        memory: Seconds after which a start again is forgotten.
        failures: Starts in a row that may fail, once a start has succeeded; then the supervisor ends.

    """

    start: float = 2400.0
    pause: float = 1.0
    longest: float = 30.0
    memory: float = 600.0
    failures: int = 5


@dataclass
class Supervisor:
    """Keeps a server serving until SIGTERM or SIGINT.

    A server that cannot start at all ends the supervisor with its exit code: its flags or its weights are
    wrong, and whoever started it is to hear of that. One that has served, and fails, is started again.

    Attributes:
        command: The server's program and its arguments.
        limits: Of what its models may leave unanswered.
        patience: Of its starts.

    """

    command: Sequence[str]
    limits: stubs.Limits = field(default_factory=stubs.Limits)
    patience: Patience = field(default_factory=Patience)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    def run(self) -> int:
        """Run the server until it is told to stop, or cannot start; return the exit code."""
        processes.adopt_orphans()
        starts: list[float] = []
        failures, restarts, served = 0, 0, False
        with self._signals():
            while True:
                self._remove_shared_memory()
                server = _Server(self.command, self._stop, self.limits, self.patience.start, restarts)
                why = server.until_useless()
                processes.kill_orphans()
                self._remove_shared_memory()
                failures = 0 if server.was_ready else failures + 1
                served |= server.was_ready
                if why is None or not served or failures > self.patience.failures:
                    _say("is stopped" if why is None else f"{why}; gives up")
                    return server.code
                pause = self._pause(starts)
                _say(f"{why}; starts it again" + (f" in {pause:g} s" if pause else ""))
                restarts += 1
                if self._stop.wait(pause):
                    return 0

    def _pause(self, starts: list[float]) -> float:
        """Return how long to wait before a start again, which is noted among those before."""
        now = time.monotonic()
        starts[:] = [start for start in starts if now - start < self.patience.memory]
        pause = min(self.patience.longest, self.patience.pause * 2 ** (len(starts) - 1)) if starts else 0.0
        starts.append(now)
        return pause

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self._stop.set()

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _remove_shared_memory(self) -> None:
        """Remove what a killed server could not: it would fill the memory with each start."""
        for setting in self.command:
            prefix = setting.partition(_PREFIX)[2]
            for region in _SHARED_MEMORY.glob(f"{prefix}*") if prefix else ():
                region.unlink(missing_ok=True)


class _Server:
    """A server from its start to its end."""

    def __init__(
        self,
        command: Sequence[str],
        stop: threading.Event,
        limits: stubs.Limits,
        start: float,
        restarts: int,
    ) -> None:
        self._stop, self._limits, self._start = stop, limits, start
        self._triton, self._exit = Triton.of(command), float(flag(command, "--exit-timeout-secs") or 30)
        self._ended, self._hanging = threading.Event(), ""
        self.was_ready = False
        self._program = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            env={**os.environ, RESTARTS: str(restarts)},
            preexec_fn=processes.die_with_parent,  # noqa: PLW1509 - no other thread runs yet
        )

    @property
    def code(self) -> int:
        """How it ended, as a shell tells it."""
        code = self._program.wait()
        return code if code >= 0 else 128 - code

    def until_useless(self) -> str | None:
        """Return why it is of no use any more, once it has ended; None when it was told to stop."""
        watching: threading.Thread | None = None
        try:
            why = self._until_ready()
            if why is None and not self._stop.is_set():
                self.was_ready = True
                models = stubs.models_of(self._program.pid)
                watching = threading.Thread(target=self._watch_answers, args=(models,), daemon=True)
                watching.start()
                why = self._until_dead(models)
        finally:
            self._ended.set()
        self._end(in_order=why is None)
        if watching:
            watching.join()
        return why

    def _until_ready(self) -> str | None:
        """Wait until it serves; return why it never will."""
        end = time.monotonic() + self._start
        while not self._stop.wait(_LOOK):
            if why := self._gone():
                return f"{why} before it was ready"
            if self._triton.ready():
                return None
            if time.monotonic() > end:
                return f"the server was not ready after {self._start:g} s"
        return None

    def _until_dead(self, models: Sequence[stubs.Model]) -> str | None:
        """Wait until it, or a process of its models, has ended or hangs; return why it is of no use."""
        while not self._stop.wait(_LOOK):
            if why := self._gone() or stubs.first_dead(models) or self._hanging:
                return why
        return None

    def _watch_answers(self, models: Sequence[stubs.Model]) -> None:
        self._hanging = stubs.watch_answers(self._triton, models, self._limits, self._ended.wait) or ""

    def _gone(self) -> str | None:
        processes.reap_orphans(but=self._program.pid)
        return None if self._program.poll() is None else f"the server has ended with exit code {self.code}"

    def _end(self, *, in_order: bool) -> None:
        """End it: in order as long as its limit allows, else at once, so that its callers turn away."""
        if in_order:
            self._program.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._program.wait(self._exit + _MARGIN)
        self._program.kill()
        self._program.wait()


def _say(what: str) -> None:
    sys.stderr.write(f"langdesign-supervisor: {what}\n")
    sys.stderr.flush()
