"""The supervisor over a program that fares as Triton does; `tests/reliability` has the real one."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
QUICK = """
import sys
from langdesign_supervisor.stubs import Limits
from langdesign_supervisor.supervisor import Patience, Supervisor
limits = Limits(misses=3, busy={busy}, pause=0.1)
sys.exit(Supervisor(sys.argv[1:], limits, Patience(pause=0.1, longest=0.2, failures=2)).run())
"""


class Supervised:
    """A server under a supervisor of little patience, and what it has said."""

    def __init__(self, folder, busy):
        self.folder = folder
        model = folder / "models/edit/1/model.py"
        model.parent.mkdir(parents=True)
        shutil.copy(HERE / "stub.py", model)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        prefix = f"--backend-config=python,shm-region-prefix-name={folder.name}-"
        command = [sys.executable, HERE / "server.py", folder, f"--http-port={port}", prefix]
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", QUICK.format(busy=busy), *command], stderr=log
            )

    @property
    def starts(self):
        file = self.folder / "starts"
        return file.read_text().split() if file.exists() else []

    @property
    def regions(self):
        return list(Path("/dev/shm").glob(f"{self.folder.name}-*"))

    def model(self, start):
        """Number of the model's process, once so many starts were made."""
        until(lambda: len(self.starts) >= start and self._stub_of(self.starts[start - 1]))
        time.sleep(0.5)  # the server is ready and being watched
        return int((self.folder / "stub").read_text())

    def _stub_of(self, server):
        file = self.folder / "stub"
        pid = file.read_text() if file.exists() else ""
        try:
            return bool(pid) and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] == server
        except OSError:
            return False


def until(met):
    end = time.monotonic() + 30
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def supervised(tmp_path):
    started = []

    def start(busy=60.0):
        started.append(Supervised(tmp_path, busy))
        return started[0]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()
        for pid in [*one.starts, (tmp_path / "stub").read_text() if (tmp_path / "stub").exists() else "0"]:
            if int(pid) and alive(pid):
                os.kill(int(pid), signal.SIGKILL)
        for region in one.regions:
            region.unlink()


@pytest.mark.parametrize(
    ("strike", "why"), [(signal.SIGKILL, "the process of edit has ended"), (signal.SIGSTOP, "edit hangs")]
)
def test_a_server_whose_model_is_dead_or_hangs_is_ended_and_started_again(supervised, strike, why):
    server = supervised()
    model = server.model(start=1)
    os.kill(model, strike)
    second = server.model(start=2)
    assert second != model
    assert not alive(model)
    assert not alive(server.starts[0])
    assert why in server.log.read_text()
    assert server.process.poll() is None


def test_a_server_is_told_how_often_it_was_started_again(supervised, tmp_path):
    server = supervised()
    for restarts in range(2):
        model = server.model(start=restarts + 1)
        assert (tmp_path / "restarts").read_text() == str(restarts)
        os.kill(model, signal.SIGKILL)
    server.model(start=3)
    assert (tmp_path / "restarts").read_text() == "2"


def test_one_that_computes_gets_longer_and_is_ended_too_when_it_never_answers(supervised):
    server = supervised(busy=3.0)
    model = server.model(start=1)
    os.kill(model, signal.SIGUSR1)
    time.sleep(1.5)
    assert alive(model)
    server.model(start=2)
    assert "it computes, but has answered nothing" in server.log.read_text()


def test_a_server_that_cannot_start_ends_the_supervisor_with_its_exit_code(supervised, tmp_path):
    (tmp_path / "refuses").touch()
    server = supervised()
    assert server.process.wait(30) == 7
    assert len(server.starts) == 1


def test_one_that_has_served_and_cannot_start_any_more_is_given_up_after_a_few_attempts(supervised, tmp_path):
    server = supervised()
    model = server.model(start=1)
    (tmp_path / "refuses").touch()
    os.kill(model, signal.SIGKILL)
    assert server.process.wait(30) == 7
    assert len(server.starts) == 1 + 3
    assert "gives up" in server.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_the_server_in_order_and_leaves_nothing(supervised, number):
    server = supervised()
    model = server.model(start=1)
    assert server.regions
    server.process.send_signal(number)
    assert server.process.wait(30) == 0
    assert not alive(model)
    assert not alive(server.starts[0])
    assert not server.regions
