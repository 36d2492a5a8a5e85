"""What a local run has for itself: of its folder, the data of each of its services."""

import contextlib
import fcntl
import os
from collections.abc import Iterable
from pathlib import Path

from langdesign_command.errors import StartError


def claim(folder: Path, services: Iterable[str]) -> contextlib.ExitStack:
    """Keep other runs from the data of services, until the stack is closed or this process ends.

    Raises:
        StartError: another run has one of them.

    """
    with contextlib.ExitStack() as held:
        for service in services:
            lock = held.enter_context((folder / f".{service}.lock").open("a+"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise StartError(
                    f"{folder} serves the {service} of another run, process {lock.read().strip()}",
                    hint="stop that one, or give this run a folder of its own with --data",
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
        return held.pop_all()
