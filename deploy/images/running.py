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
from typing import Any

import grpc
from builder import ROOT, Builder
from catalogue import IMAGES
from container import Container, Mount, RunError
from grpc_health.v1 import health_pb2, health_pb2_grpc
from inspection import CheckError, Row, container_of
from langdesign_client.addresses import LOCAL_PORTS

RUN = ("model-server", "reference", "segmentation", "editing", "design", "gateway")
"""What an edit of a design's node goes through, in the order of their start."""
SERVING = (*RUN, *(name for name, image in IMAGES.items() if image.use == "workload" and name not in RUN))
"""All that serve."""

_MODELS = ROOT / "deploy/models/mini"
_PICTURE = ROOT / "clients/command/src/langdesign_command/samples/bedroom.png"
_INSTRUCTION = "Make the bed red"
_PATIENCE = 900.0  # seconds that a start may take; a busy machine needs minutes for the model server


def run(builder: Builder, offset: int, rows: Mapping[str, Row], tell: Callable[[str], None]) -> list[str]:
    """Start everything, edit a picture and a design's node through it, and return what was seen."""
    blobs = builder.work / "blobs"
    blobs.mkdir(exist_ok=True)
    blobs.chmod(0o1777)
    mounts = [Mount(_MODELS, "/models"), Mount(blobs, "/var/lib/blobs", writable=True)]
    with ExitStack() as running:
        for name in (one for one in SERVING if one in rows):
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
        gateway = f"127.0.0.1:{_PORTS['gateway'] + offset}"
        return [_edit(builder.work / "edited.png", gateway), _edit_node(gateway)]


def _settings(name: str, offset: int) -> tuple[dict[str, str], list[str]]:
    """Return variables and arguments of an image, as the manifests set them but for addresses and tokens."""
    places = {one: f"127.0.0.1:{port + offset}" for one, port in _PORTS.items()}
    own = {
        "LANGDESIGN_LISTEN": places.get(name, ""),
        "LANGDESIGN_TELEMETRY_METRICS": f"127.0.0.1:{_PORTS[name] + offset + 2000}",
    }
    addresses = {
        f"{one.upper()}_ADDR": places[one] for one in ("reference", "segmentation", "editing", "design")
    }
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
            return listen | addresses, []
        case "instruction":
            own["INSTRUCTION_CONTEXTS"] = "/opt/venv/share/langdesign/contexts"
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
        case "design":
            kept = {"DESIGN_BLOBS": "/var/lib/blobs", "DESIGN_SHARED_BLOBS": "true"}
            return own | addresses | kept | {"DESIGN_DATABASE": "sqlite:////tmp/design.db"}, []
    return own, []


_PORTS = {"model-server": 8001, "gateway": 8080, **LOCAL_PORTS}


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


def _edit(out: Path, gateway: str) -> str:
    """Edit a picture through the gateway's image, and hold what came against what is promised."""
    began = time.monotonic()
    asked = (f"--image={_PICTURE}", f"--instruction={_INSTRUCTION}", "--preserve=strict", f"--out={out}")
    told = _command(gateway, "edit", *asked)
    changed = _changed(told, "report") if not told["no_op_reason"] else None
    if changed is None:
        raise CheckError(f"the edit is not what was asked for: {json.dumps(told)}")
    return f"{_INSTRUCTION!r} through all of them in {time.monotonic() - began:.1f} s: {changed}; {out}"


def _edit_node(gateway: str) -> str:
    """Edit a design's root through the gateway's image: a node whose picture the design service keeps."""
    began = time.monotonic()
    design = _command(gateway, "designs", "create", f"--image={_PICTURE}")
    (node,) = _command(gateway, "designs", "edit", design["root"], f"--instruction={_INSTRUCTION}")
    changed = _changed(node, "path_report")
    if changed is None:
        raise CheckError(f"the node is not what was asked for: {json.dumps(node)}")
    return f"the same as a node of a design in {time.monotonic() - began:.1f} s: {changed}"


def _changed(told: Mapping[str, Any], report: str) -> str | None:
    """Return in words what changed, and None where it is nothing, or anything outside of the region."""
    inside, outside = (told[report][where]["changed_share"] for where in ("inside", "outside"))
    if not inside or outside:
        return None
    return f"{inside:.1%} of its region changed, {outside:.1%} of the rest"


def _command(gateway: str, *arguments: str) -> Any:
    """Return what `langdesign ... --json` says.

    Raises:
        CheckError: it failed.

    """
    program = Path(sys.executable).parent / "langdesign"
    done = subprocess.run(
        [str(program), "--addr", gateway, *arguments, "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"LANGDESIGN_CLIENT_TOKEN": ""},
    )
    if done.returncode:
        raise CheckError(f"`langdesign {' '.join(arguments)}` failed: {done.stderr.strip() or done.stdout}")
    return json.loads(done.stdout)
