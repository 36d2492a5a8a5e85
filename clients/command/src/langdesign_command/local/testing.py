"""A real Triton for tests, of which nothing is left when they end."""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from langdesign_command.local import triton
from langdesign_command.local.guard import guarded
from langdesign_command.local.triton import TritonPorts, lay_out_backend, shared_memory_prefix, triton_command

_START_TIMEOUT = 150.0  # s; a server that shares two cores with other tests takes its time
_GRACE = 12  # s between SIGTERM and SIGKILL; more than Triton's own exit timeout


@dataclass(frozen=True)
class RunningTriton:
    """A server under a guard, which ends it with all that it started, also when the tests are killed."""

    guard: subprocess.Popen[bytes]
    ports: TritonPorts
    log: Path
    host: str = "127.0.0.1"

    @property
    def address(self) -> str:
        """`host:port` of its gRPC interface."""
        return f"{self.host}:{self.ports.grpc}"

    def ready(self) -> bool:
        """Return whether it says that all its models are ready."""
        try:
            url = f"http://{self.host}:{self.ports.http}/v2/health/ready"
            with urllib.request.urlopen(url, timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def metric(self, name: str, labels: str = "") -> float:
        """Return a metric's value now, such as `("nv_inference_count", 'model="edit",version="1"')`.

        Raises:
            StopIteration: it exports no such series.

        """
        series = f"{name}{{{labels}}}" if labels else name
        with urllib.request.urlopen(f"http://{self.host}:{self.ports.metrics}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return next(float(line.split()[-1]) for line in lines if line.rsplit(" ", 1)[0] == series)

    def check(self) -> None:
        """Check that it still serves, so that a test does not wait for one that is gone.

        Raises:
            RuntimeError: it has ended, or is not ready; the message holds the end of its log.

        """
        if self.guard.poll() is not None or not self.ready():
            raise RuntimeError(f"Triton serves no longer:\n{self._end_of_log()}")

    def wait_until_ready(self) -> None:
        """Wait for its models.

        Raises:
            RuntimeError: it ended, or takes too long; the message holds the end of its log.

        """
        end = time.monotonic() + _START_TIMEOUT
        while not self.ready():
            if self.guard.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"Triton did not start:\n{self._end_of_log()}")
            time.sleep(0.1)

    def terminate(self) -> None:
        """Ask it to end in an orderly way: it drains, and refuses what is new."""
        self.guard.terminate()

    def close(self) -> None:
        """End it and all that it started, at once and not in order, and wait for that."""
        with self.guard:
            if self.guard.stdin:
                self.guard.stdin.close()  # to its guard, this process has died
            self.guard.wait(2 * _GRACE)

    def _end_of_log(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]


def free_ports() -> TritonPorts:
    """Return three ports that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        return TritonPorts(*(one.getsockname()[1] for one in sockets))


def start_triton(
    folder: Path,
    models: Sequence[Path],
    variables: Mapping[str, str],
    *,
    ports: TritonPorts | None = None,
    host: str = "127.0.0.1",
    supervised: bool = False,
) -> RunningTriton:
    """Start a server over copies of model folders, such as those of `model_repository`; it is not ready yet.

    Args:
        folder: Where the copies and the log go; made when missing.
        models: Folders of models.
        variables: What the environment has beside this process's, such as `EDIT_MODEL_DIR`.
        ports: Where it listens; free ones by default.
        host: Address of this machine that it listens at.
        supervised: Whether it is started again when a model's process dies, as in production.

    """
    for model in models:
        shutil.copytree(model, folder / "models" / model.name)
    ports = ports or free_ports()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **variables}
    backends = lay_out_backend(folder / "backends")
    argv, environment = triton_command(folder / "models", backends, environment, ports=ports, address=host)
    if supervised:
        argv = triton.supervised(argv)
    guard = guarded(argv, grace=_GRACE, shared_memory=shared_memory_prefix(ports, host))
    log = folder / "triton.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            guard, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT
        )
    return RunningTriton(process, ports, log, host)


@contextmanager
def running_triton(
    folder: Path, models: Sequence[Path], variables: Mapping[str, str], *, supervised: bool = False
) -> Iterator[RunningTriton]:
    """Serve copies of model folders until the context ends; see `start_triton`.

    Raises:
        RuntimeError: it does not become ready.

    """
    server = start_triton(folder, models, variables, supervised=supervised)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.close()
