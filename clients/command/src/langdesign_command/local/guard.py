"""Runs one program so that nothing of it outlives the process that started it.

`python -m langdesign_command.local.guard --grace 10 -- PROGRAM ARGUMENTS...` with a pipe as standard input.
The pipe's other end is held by the starter alone: when the starter dies, however it dies, the pipe
closes, and the program is killed with all its descendants. SIGTERM stops the program in an orderly way first.
Shared memory that a killed program cannot remove itself is removed by the prefix of its names.
"""

import argparse
import asyncio
import contextlib
import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

import psutil

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps POSIX shared memory


async def start_guarded(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    grace: float = 10.0,
    shared_memory: str | None = None,
) -> asyncio.subprocess.Process:
    """Start a program under a guard; its output comes through one pipe.

    Args:
        command: The program and its arguments.
        environment: Its whole environment; by default this process's.
        folder: Its working folder; by default this process's.
        grace: Seconds between SIGTERM and SIGKILL.
        shared_memory: Prefix of the names of its shared memory, when it has any.

    """
    return await asyncio.create_subprocess_exec(
        *guarded(command, grace=grace, shared_memory=shared_memory),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
        cwd=folder,
        # Ctrl-C in the terminal reaches the starter alone, which stops the others in order.
        start_new_session=True,
    )


def guarded(command: Sequence[str], *, grace: float = 10.0, shared_memory: str | None = None) -> list[str]:
    """Return the arguments that run a program under a guard; see `start_guarded`."""
    options = ["--grace", str(grace)]
    if shared_memory:
        options += ["--shared-memory", shared_memory]
    return [sys.executable, "-m", "langdesign_command.local.guard", *options, "--", *command]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program to its end, or to the starter's; return the program's exit code."""
    parser = argparse.ArgumentParser(prog="langdesign_command.local.guard", description=main.__doc__)
    parser.add_argument("--grace", type=float, default=10.0, help="seconds between SIGTERM and SIGKILL")
    parser.add_argument("--shared-memory", help="prefix of the names of the program's shared memory")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    # Orphaned grandchildren come to this process, so that it finds them all.
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    _remove_shared_memory(options.shared_memory)  # of a run whose guard was killed too
    with _signals() as wakeups:
        program = subprocess.Popen(
            options.command,
            stdin=subprocess.DEVNULL,
            preexec_fn=_die_with_guard,  # noqa: PLW1509 - the guard has one thread
        )
        _wait(program, wakeups, options.grace)
    _kill_descendants(program)
    _remove_shared_memory(options.shared_memory)
    return program.returncode if program.returncode >= 0 else 128 - program.returncode


def _wait(program: "subprocess.Popen[bytes]", wakeups: socket.socket, grace: float) -> None:
    """Return when the program has ended, the starter has died, or the grace after SIGTERM is over."""
    deadline: float | None = None
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        selector.register(wakeups, selectors.EVENT_READ)
        while program.poll() is None:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return
            for key, _ in selector.select(left):
                if key.fd == sys.stdin.fileno():
                    return
                if _stop_asked(wakeups.recv(64)) and deadline is None:
                    program.terminate()
                    deadline = time.monotonic() + grace


def _stop_asked(received: bytes) -> bool:
    return any(number in {signal.SIGTERM, signal.SIGINT} for number in received)


@contextlib.contextmanager
def _signals() -> Iterator[socket.socket]:
    receiver, sender = socket.socketpair()
    for end in (receiver, sender):
        end.setblocking(False)
    signal.set_wakeup_fd(sender.fileno())
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, _wake)
    try:
        yield receiver
    finally:
        signal.set_wakeup_fd(-1)  # the sockets close now, and signals may still come


def _wake(_number: int, _frame: FrameType | None) -> None:
    """Python's handler; the number has gone through the wakeup socket already."""


def _kill_descendants(program: "subprocess.Popen[bytes]") -> None:
    """Kill until none is left: a dying process may still have started another."""
    while descendants := psutil.Process().children(recursive=True):
        for process in descendants:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        program.wait()
        psutil.wait_procs(descendants, timeout=5)
    program.wait()


def _remove_shared_memory(prefix: str | None) -> None:
    for region in _SHARED_MEMORY.glob(f"{prefix}*") if prefix else ():
        region.unlink(missing_ok=True)


def _die_with_guard() -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _prctl(option: int, value: int) -> None:
    """Linux only; elsewhere the pipe alone has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    code = main()
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
    os._exit(code)
