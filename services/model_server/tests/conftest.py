"""A real Triton, serving a copy of the model repository with random weights."""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from langdesign_client.local.triton import TritonPorts, lay_out_backend, triton_command
from langdesign_diffusion.random_weights import random_checkpoint

REPOSITORY = Path(__file__).parents[1] / "model_repository"
START_TIMEOUT = 150.0


class Triton:
    """A running server."""

    def __init__(self, ports: TritonPorts) -> None:
        self.address = f"127.0.0.1:{ports.grpc}"
        self._ports = ports

    def ready(self) -> bool:
        try:
            url = f"http://127.0.0.1:{self._ports.http}/v2/health/ready"
            with urllib.request.urlopen(url, timeout=1) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def metric(self, name: str, labels: str = "") -> float:
        url = f"http://127.0.0.1:{self._ports.metrics}/metrics"
        with urllib.request.urlopen(url, timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        series = f"{name}{{{labels}}}" if labels else name
        return next(float(line.split()[-1]) for line in lines if line.rsplit(" ", 1)[0] == series)


@pytest.fixture(scope="session")
def triton(tmp_path_factory):
    """Triton over the `edit` model with tiny random weights, on free ports."""
    folder = tmp_path_factory.mktemp("triton")
    random_checkpoint("tiny").save(folder / "checkpoint")
    shutil.copytree(REPOSITORY / "edit", folder / "models" / "edit")
    ports = _free_ports()
    environment = {**os.environ, "EDIT_MODEL_DIR": str(folder / "checkpoint"), "OMP_NUM_THREADS": "1"}
    argv, environment = triton_command(
        folder / "models", lay_out_backend(folder / "backends"), environment, ports=ports
    )
    log = folder / "triton.log"
    with log.open("w") as output:
        process = subprocess.Popen(argv, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        server = Triton(ports)
        _wait_until_ready(server, process, log)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_ready(server, process, log):
    end = time.monotonic() + START_TIMEOUT
    while not server.ready():
        if process.poll() is not None or time.monotonic() > end:
            pytest.fail(f"Triton did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.1)


def _free_ports():
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.socket())) for _ in range(3)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return TritonPorts(*(one.getsockname()[1] for one in sockets))
