"""The images run together, as pods do, and a picture is edited through them."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import grpc
from builder import ROOT, Builder
from container import Container, Mount, RunError
from grpc_health.v1 import health_pb2, health_pb2_grpc
from inspection import CheckError, Row, container_of

RUN = ("model-server", "reference", "segmentation", "editing", "gateway")
"""What an edit goes through, in the order of their start."""

_MODELS = ROOT / "deploy/models/mini"
_PICTURE = ROOT / "clients/command/src/langdesign_command/samples/bedroom.png"
_INSTRUCTION = "Make the bed red"
_PATIENCE = 900.0  # seconds that a start may take; a busy machine needs minutes for the model server


def run(builder: Builder, offset: int, rows: Mapping[str, Row], tell: Callable[[str], None]) -> str:
    """Start everything, edit a picture through it, and return what was seen."""
    blobs = builder.work / "blobs"
    blobs.mkdir(exist_ok=True)
    blobs.chmod(0o1777)
    mounts = [Mount(_MODELS, "/models"), Mount(blobs, "/var/lib/blobs", writable=True)]
    with ExitStack() as running:
        for name in RUN:
            environment, arguments = _settings(name, offset)
            container = container_of(
                builder, name, environment=environment, arguments=arguments, mounts=mounts
            )
            running.callback(container.stop)
            began = time.monotonic()
            container.start()
            _until(partial(_serves, name, offset), container)
            rows[name].start = time.monotonic() - began
            tell(f"{name} serves after {rows[name].start:.1f} s")
        return _edit(builder.work / "edited.png", offset)


def _settings(name: str, offset: int) -> tuple[dict[str, str], list[str]]:
    """Return variables and arguments of an image, as the manifests set them but for addresses and tokens."""
    places = {one: f"127.0.0.1:{port + offset}" for one, port in _PORTS.items()}
    own = {
        "LANGDESIGN_LISTEN": places.get(name, ""),
        "LANGDESIGN_TELEMETRY_METRICS": f"127.0.0.1:{_PORTS[name] + offset + 2000}",
    }
    addresses = {f"{one.upper()}_ADDR": places[one] for one in ("reference", "segmentation", "editing")}
    match name:
        case "model-server":
            ports = {"grpc": 8001, "http": 8000, "metrics": 8002}
            flags = [
                f"--{kind}-{what}"
                for kind, port in ports.items()
                for what in (f"port={port + offset}", "address=127.0.0.1")
            ]
            return {"EDIT_MODEL_DIR": "/models/edit", "SEGMENT_MODEL_DIR": "/models/segment"}, flags
        case "gateway":
            listen = {"GATEWAY_LISTEN": places[name], "GATEWAY_ADMIN": f"127.0.0.1:{10080 + offset}"}
            return listen | addresses | {"DESIGN_ADDR": f"127.0.0.1:{7005 + offset}"}, []
        case "segmentation":
            advice = {
                "SEGMENTATION_THRESHOLDS": "/models/segment/thresholds.json",
                "SEGMENTATION_CONFIG": "/models/segment/config.json",
            }
            return own | advice | {
                "TRITON_ADDR": places["model-server"],
                "SEGMENTATION_BLOBS": "/var/lib/blobs",
            }, []
        case "editing":
            kept = {"EDITING_BLOBS": "/var/lib/blobs", "EDITING_OPERATIONS": "sqlite:////tmp/operations.db"}
            advice = {"EDITING_SAMPLING": "/models/edit/sampling.json", "TRITON_ADDR": places["model-server"]}
            return own | addresses | kept | advice, []
    return own, []


_PORTS = {"model-server": 8001, "reference": 7002, "segmentation": 7003, "editing": 7004, "gateway": 8080}


def _serves(name: str, offset: int) -> bool:
    port = _PORTS[name] + offset
    if name == "gateway":
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/alive")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=2)
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _until(serves: Callable[[], bool], container: Container) -> None:
    end = time.monotonic() + _PATIENCE
    while not serves():
        container.check_running()
        if time.monotonic() > end:
            raise RunError(
                f"{container.name} does not serve after {_PATIENCE:g} s:\n{container.last_words()}"
            )
        time.sleep(0.05)


def _edit(out: Path, offset: int) -> str:
    """Edit a picture through the gateway's image, and hold what came against what is promised."""
    gateway = f"127.0.0.1:{_PORTS['gateway'] + offset}"
    command = [str(Path(sys.executable).parent / "langdesign"), "--addr", gateway, "edit", "--json"]
    began = time.monotonic()
    done = subprocess.run(
        [
            *command,
            "--image",
            str(_PICTURE),
            "--instruction",
            _INSTRUCTION,
            "--preserve",
            "strict",
            "--out",
            str(out),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"LANGDESIGN_CLIENT_TOKEN": ""},
    )
    if done.returncode:
        raise CheckError(f"`langdesign edit` failed: {done.stderr.strip()}")
    told = json.loads(done.stdout)
    inside, outside = (told["report"][where]["changed_share"] for where in ("inside", "outside"))
    if told["no_op_reason"] or not inside or outside:
        raise CheckError(f"the edit is not what was asked for: {done.stdout.strip()}")
    seconds = time.monotonic() - began
    changed = f"{inside:.1%} of its region changed, {outside:.1%} of the rest"
    return f"{_INSTRUCTION!r} through all of them in {seconds:.1f} s: {changed}; {out}"
