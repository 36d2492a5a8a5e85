"""What Linux tells of processes, and how all that a process has started is ended."""

import contextlib
import ctypes
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_TICKS = os.sysconf("SC_CLK_TCK")
_PAUSE = 0.01  # seconds between two looks at what is dying


@dataclass(frozen=True)
class Process:
    """A process as it was at a look.

    Attributes:
        pid: Its number.
        parent: Its parent's.
        name: Of its program, at most 15 bytes.
        state: A letter, as in proc(5): ``Z`` is a zombie, ``T`` is stopped.
        cpu: Seconds of processor time that all its threads have used.

    """

    pid: int
    parent: int
    name: str
    state: str
    cpu: float

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self.state not in {"Z", "X"}


def look(pid: int) -> Process | None:
    """Return a process; None where there is none."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name may hold spaces and brackets; nothing after it does.
    start, _, rest = text.rpartition(")")
    fields = rest.split()
    cpu = (int(fields[11]) + int(fields[12])) / _TICKS
    return Process(pid, int(fields[1]), start.partition("(")[2], fields[0], cpu)


def children(parent: int) -> list[Process]:
    """Return the children of a process, zombies among them."""
    found = (look(int(entry.name)) for entry in _PROC.iterdir() if entry.name.isdecimal())
    return [process for process in found if process and process.parent == parent]


def arguments(pid: int) -> list[str]:
    """Return the command line of a process; empty where it has ended."""
    try:
        line = (_PROC / str(pid) / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [os.fsdecode(argument) for argument in line.split(b"\0")[:-1]]


def adopt_orphans() -> None:
    """Make this process the parent of every descendant whose own parent ends, as process 1 is anyway."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Let this process be killed when the thread that started it ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def reap_orphans(but: int) -> None:
    """Bury ended children, but one whose status somebody else waits for."""
    for child in children(os.getpid()):
        if child.pid != but and not child.alive:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, os.WNOHANG)


def kill_orphans() -> None:
    """Kill every child of this process until none is left; a dying one may leave another."""
    while left := children(os.getpid()):
        for child in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, os.WNOHANG)
        time.sleep(_PAUSE)
