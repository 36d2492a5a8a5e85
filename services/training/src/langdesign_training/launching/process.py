"""Runs as processes on this machine, in sessions of their own, so that they outlive this service.

RUNS/ID/
    lock            held by the program for as long as it, or a part of it, runs
    pid             the program's process and group
    progress.jsonl  its standard output since it was last started
    log.txt         its standard error, of every start
    out/            its results

RUNS/tenants/       what runs have done of their stages, a folder for each tenant
"""

import asyncio
import fcntl
import importlib.util
import math
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from langdesign_training.launching.launcher import Ending, How, LaunchRefused, arguments, verdict
from langdesign_training.runs import Progress, Run
from langdesign_training.saying import LineSplitter, Said, listen

_CHUNK = 1024 * 1024
_LOCK_FD = 3  # in the program
# The shell writes its own number and becomes the program: there is no moment in which one runs unknown.
_SHELL = ("/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"')
_OWN = ("TRAINING_", "LANGDESIGN_")


class ProcessLauncher:
    """Starts runs as processes.

    Args:
        folder: Has a folder for each run.
        program: The program and its first arguments.
        options: Further arguments, after those of the run.
        environment: Set for the program, beside this process's own variables but for its settings.
        grace: Seconds that a program has to stop by itself.
        poll: Seconds between two looks at what a program says.

    """

    def __init__(
        self,
        folder: Path,
        program: Sequence[str],
        options: Sequence[str],
        environment: Mapping[str, str],
        *,
        grace: float,
        poll: float = 0.25,
    ) -> None:
        self._folder, self._program, self._options = folder.absolute(), tuple(program), tuple(options)
        self._grace, self._poll = grace, poll
        own = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
        self._environment = own | dict(environment)
        self._started: dict[str, int] = {}

    async def launch(self, run: Run) -> None:
        """Start a run's program; where it runs already, change nothing."""
        if self._lacks_module():
            raise LaunchRefused(
                f"{self._program[2]} is not installed here; the operator should install it (`make setup`), "
                "or name another program in TRAINING_COMMAND"
            )
        try:
            await asyncio.to_thread(self._launch, run)
        except OSError as error:
            raise LaunchRefused(
                f"the program cannot be started ({error.strerror}); the operator should look at "
                "TRAINING_RUNS, TRAINING_COMMAND and the disk"
            ) from error

    async def follow(self, run: Run) -> AsyncGenerator[Said | Ending, None]:
        """Yield all that a started program said, again when it said more, and its ending at last."""
        said, lines, position = Said(Progress()), LineSplitter(), 0
        watched, last_word = run.id in self._started, math.inf
        while True:
            running = await asyncio.to_thread(self._is_running, run)  # before reading: nothing is said after
            chunk = await asyncio.to_thread(_read, self._file(run, "progress.jsonl"), position)
            position += len(chunk)
            heard = listen(said, lines.split(chunk))
            if heard != said:
                said = heard
                last_word = time.monotonic() if said.verdict else math.inf
                yield said
            if not running and not chunk:
                break
            if time.monotonic() > last_word + self._grace:  # a part of it hangs on
                self._signal(run, signal.SIGKILL)
            if len(chunk) < _CHUNK:
                await asyncio.sleep(self._poll)
            watched = watched or running
        status = await asyncio.to_thread(self._reap, run)
        yield verdict(said) or _unsaid(status, watched=watched)

    async def stop(self, run: Run) -> None:
        """Stop a run's program: SIGTERM to its group, and SIGKILL after the grace."""
        deadline = time.monotonic() + self._grace
        signalled = signal.SIGTERM
        self._signal(run, signalled)
        while await asyncio.to_thread(self._is_running, run):
            if signalled is signal.SIGTERM and time.monotonic() > deadline:
                signalled = signal.SIGKILL
                self._signal(run, signalled)
            await asyncio.sleep(self._poll)

    async def sweep(self, unfinished: Callable[[], Collection[Run]]) -> None:
        """Leave everything: the folders hold results."""

    def _lacks_module(self) -> bool:
        """Whether the program is a module of this Python that it does not have."""
        python, option, module = (*self._program, "", "")[:3]
        return (python, option) == (sys.executable, "-m") and importlib.util.find_spec(module) is None

    def _launch(self, run: Run) -> None:
        (self._folder / run.id / "out").mkdir(parents=True, exist_ok=True)
        with self._lock(run) as lock:
            if lock is None:
                return
            words = [
                *_SHELL,
                str(self._file(run, "pid")),
                *self._program,
                *arguments(run, str(self._folder)),
                *self._options,
            ]
            self._file(run, "pid").unlink(missing_ok=True)
            self._started[run.id] = os.posix_spawn(
                words[0], words, self._environment, setsid=True, file_actions=self._files(run, lock)
            )

    def _files(self, run: Run, lock: int) -> Sequence[tuple[int, int, str, int, int] | tuple[int, int, int]]:
        """Return the program's first files: nothing, what it says, its log, and the lock that it keeps."""
        said, log = str(self._file(run, "progress.jsonl")), str(self._file(run, "log.txt"))
        flags = os.O_WRONLY | os.O_CREAT
        return [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, said, flags | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_OPEN, 2, log, flags | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, lock, _LOCK_FD),
        ]

    @contextmanager
    def _lock(self, run: Run, kind: int = fcntl.LOCK_EX) -> Iterator[int | None]:
        """Hold a run's lock, or None where its program does; a program that is started meanwhile keeps it."""
        lock = os.open(self._file(run, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            yield None
            return
        try:
            yield lock
        finally:
            os.close(lock)

    def _is_running(self, run: Run) -> bool:
        if not self._file(run, "lock").exists():
            return False
        with self._lock(
            run, fcntl.LOCK_SH
        ) as lock:  # shared: two who look at once do not take each other for it
            return lock is None

    def _reap(self, run: Run) -> int | None:
        """Return the status of a program that this process started; None where another one did."""
        pid = self._started.pop(run.id, None)
        with suppress(ChildProcessError):
            return os.waitpid(pid, 0)[1] if pid else None
        return None

    def _signal(self, run: Run, number: signal.Signals) -> None:
        if not self._is_running(run):
            return
        with suppress(FileNotFoundError, ValueError, ProcessLookupError):
            os.killpg(int(self._file(run, "pid").read_text("ascii")), number)

    def _file(self, run: Run, name: str) -> Path:
        return self._folder / run.id / name


def _unsaid(status: int | None, *, watched: bool) -> Ending:
    """Return the ending of a program that announced none, by its exit status where that is known."""
    if status is None or os.WIFSIGNALED(status):
        return Ending(How.INTERRUPTED if watched else How.LOST)
    return Ending(
        How.FAILED,
        f"the program ended with exit code {os.waitstatus_to_exitcode(status)} and gave no reason; "
        "its log is log.txt in the run's folder",
    )


def _read(path: Path, position: int) -> bytes:
    with suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(position)
        return file.read(_CHUNK)
    return b""
