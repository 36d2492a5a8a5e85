"""A local run in a subprocess, as a person starts it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import psutil
import pytest
from langdesign_command.local.ports import free_offset

COMMAND = (str(Path(sys.executable).with_name("langdesign")),)
READY_WITHIN = 150.0  # seconds, on a busy machine with two cores
GONE_WITHIN = 30.0


@dataclass
class Up:
    """A run of `langdesign up`: its process, its readiness line, and its log."""

    process: subprocess.Popen
    data: Path
    log: list[str] = field(default_factory=list)
    reader: Thread | None = None
    ready: dict | None = None

    def family(self) -> list[psutil.Process]:
        """Every process below it now: guards, servers, and what these have started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: int) -> list[psutil.Process]:
        """Send a signal to the parent alone; return what of its family is left after the bounded wait."""
        family = self.family()
        self.process.send_signal(number)
        self.process.wait(GONE_WITHIN)
        return psutil.wait_procs(family, timeout=GONE_WITHIN)[1]


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Iterator[Callable[..., Up]]:
    """Starts `langdesign up ARGUMENTS` on free ports and returns it once it is ready."""
    started: list[Up] = []

    def begin(*arguments: str) -> Up:
        data = tmp_path_factory.mktemp("data")
        command = [
            *COMMAND,
            "up",
            "--json",
            "--data",
            str(data),
            "--port-offset",
            str(free_offset()),
            *arguments,
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        up = Up(process, data)
        started.append(up)
        up.reader = Thread(target=lambda: up.log.extend(process.stderr), daemon=True)
        up.reader.start()
        _await_ready(up)
        return up

    yield begin
    for up in started:
        if up.process.poll() is None:
            assert not up.end(signal.SIGTERM)
        up.reader.join(GONE_WITHIN)
        up.process.stdout.close()
        up.process.stderr.close()


def _await_ready(up: Up) -> None:
    lines: list[str] = []
    reader = Thread(target=lambda: lines.append(up.process.stdout.readline()), daemon=True)
    reader.start()
    reader.join(READY_WITHIN)
    if not lines or not lines[0]:
        tail = "".join(up.log[-30:])
        pytest.fail(f"`langdesign up` was not ready within {READY_WITHIN} s:\n{tail}")
    up.ready = json.loads(lines[0])


@pytest.fixture(scope="module")
def whole(start) -> Up:
    """Every service, on random tiny weights, shared by the tests of a module."""
    return start()


@pytest.fixture
def llama_alone(start) -> Up:
    """The smallest run: one server."""
    return start("--only", "llama")


def run(*arguments: str, timeout: float = 120, **environment: str) -> subprocess.CompletedProcess:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.fixture
def command() -> Callable[..., subprocess.CompletedProcess]:
    """Runs `langdesign ARGUMENTS` to its end."""
    return run
