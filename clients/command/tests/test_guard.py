"""A guard leaves nothing of its program: no process, no shared memory."""

import secrets
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from langdesign_command.local.guard import guarded

LEAVES = """
import pathlib, subprocess, sys, time
pathlib.Path(sys.argv[1]).touch()
child = subprocess.Popen(["sleep", "300"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(300 if sys.argv[2] == "stay" else 0)
"""


@pytest.fixture
def region():
    """Where a program has shared memory."""
    folder = Path("/dev/shm")
    if not folder.is_dir():
        pytest.skip("this system keeps shared memory elsewhere")
    return folder / f"langdesign-guard-{secrets.token_hex(4)}-1"


@pytest.mark.parametrize("ends", ["by itself", "when it is stopped", "when its starter is gone"])
def test_nothing_of_a_program_stays_however_it_ends(region, ends):
    program = [sys.executable, "-c", LEAVES, str(region), "leave" if ends == "by itself" else "stay"]
    command = guarded(program, grace=1.0, shared_memory=region.name.removesuffix("1"))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as guard:
        child = psutil.Process(int(guard.stdout.readline()))
        if ends == "when it is stopped":
            guard.send_signal(signal.SIGTERM)
        elif ends == "when its starter is gone":
            guard.stdin.close()
        guard.wait(20)
    assert not child.is_running()
    assert not region.exists()


def test_shared_memory_of_a_run_whose_guard_was_killed_is_removed_by_the_next(region):
    region.touch()
    command = guarded([sys.executable, "-c", ""], shared_memory=region.name.removesuffix("1"))
    subprocess.run(command, stdin=subprocess.PIPE, timeout=20, check=False)
    assert not region.exists()
