"""The start script of the model server's image, run with the real Triton of the development wheel."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from langdesign_command.local import triton

START = 60


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture
def server(root, tmp_path):
    """Triton without models, started by the script: gRPC port, HTTP port, process."""
    (tmp_path / "models").mkdir()
    backends = triton.lay_out_backend(tmp_path / "backends")
    command, environment = triton.triton_command(tmp_path, backends, os.environ)
    environment["PATH"] = os.pathsep.join((str(Path(command[0]).parent), environment["PATH"]))
    rpc, http, metrics = free_ports(3)
    arguments = [
        f"--model-repository={tmp_path / 'models'}",
        f"--backend-directory={backends}",
        *(f"--{name}-address=127.0.0.1" for name in ("grpc", "http", "metrics")),
        *(f"--{name}-port={port}" for name, port in (("grpc", rpc), ("http", http), ("metrics", metrics))),
    ]
    script = tmp_path / "serve.sh"
    text = (root / "services/model_server/serve.sh").read_text()
    script.write_text(text.replace("--model-repository=/opt/langdesign/model_repository ", " "))
    with subprocess.Popen(["sh", script, *arguments], env=environment, stderr=subprocess.DEVNULL) as process:
        yield rpc, http, process
        process.kill()


def health(port):
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        return stub.Check(health_pb2.HealthCheckRequest(), timeout=START, wait_for_ready=True).status


def live(port):
    """Whether it lives, by its HTTP page, which opens a moment after gRPC does."""
    end = time.monotonic() + START
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/health/live", timeout=5) as answer:
                return answer.status == 200
        except urllib.error.URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def test_it_answers_the_probes_closes_what_nobody_uses_and_stops_on_sigterm(server):
    rpc, http, process = server
    assert health(rpc) == health_pb2.HealthCheckResponse.SERVING
    assert live(http)
    for path in ("v2/repository/index", "v2/systemsharedmemory/region/x/register"):
        request = urllib.request.Request(f"http://127.0.0.1:{http}/{path}", data=b"{}", method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)
        assert refused.value.code == 403
        refused.value.close()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=START) == 0
