"""What a machine has and lacks for running LangDesign."""

import importlib.metadata
import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from langdesign_command.errors import StartError
from langdesign_command.local import checkout, gateway, llama, ports, preflight, stack, triton, web, weights

_GIB = 2**30
_MEMORY = 4  # GiB that the local run needs, with the tiny or embedded weights
_DISK = 2  # GiB for data and weights


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for; `state` is ok, missing, or optional (absent, and only some want it)."""

    what: str
    state: str
    found: str
    hint: str = ""


def examine(offset: int, data: Path) -> Iterator[Finding]:
    """Yield a finding for everything that the local run, the demo and the tests want."""
    yield _python()
    yield from (_distribution(name, hint) for name, hint in _DISTRIBUTIONS.items())
    yield _torch()
    yield _found("Triton server", lambda: triton.triton_command(Path(), Path(), {})[0][0])
    yield _found("language model", lambda: llama.embedded_model().name)
    yield _found("Envoy", lambda: str(gateway.envoy_program()))
    yield from _services()
    yield from _root_findings()
    yield _ports(offset)
    yield _memory()
    yield _disk(data)
    yield _optional_program("node", "building the web page", "install Node 20 or later")
    yield _optional_program("chromium", "the web page's tests", "apt-get install chromium")
    yield _optional_program("buf", "the contracts' checks", "run `make setup`")


_DISTRIBUTIONS = {
    "xllamacpp": "run `make setup-serve`, or `pip install xllamacpp`",
    "tritonclient": "run `make setup-serve`, or `pip install 'tritonclient[grpc]'`",
    "diffusers": "run `make setup-serve`",
    "transformers": "run `make setup-serve`",
}


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if version.startswith(("3.11.", "3.12.")):
        return Finding("Python", "ok", version)
    hint = "the model server of the local run needs Python 3.11 or 3.12: `make setup PYTHON=python3.11`"
    return Finding("Python", "optional", version, hint)


def _distribution(name: str, hint: str) -> Finding:
    try:
        return Finding(name, "ok", importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "missing", "not installed", hint)


def _torch() -> Finding:
    try:
        version = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return Finding("PyTorch", "missing", "not installed", "`make setup-serve` installs it")
    gpu = (
        "an NVIDIA driver is there"
        if shutil.which("nvidia-smi")
        else "no NVIDIA driver: edits run on the CPU"
    )
    return Finding("PyTorch", "ok", f"{version}, {gpu}")


def _found(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, "ok", look())
    except (StartError, triton.TritonNotInstalledError) as error:
        message, _, hint = str(getattr(error, "line", error)).partition("; ")
        return Finding(what, "missing", message, hint or "run `make setup-serve`")


def _services() -> Iterator[Finding]:
    for service in stack.SERVICES:
        if service.module is None:
            continue
        there = preflight.runnable(service.module)
        hint = "" if there else "run `make setup-serve`"
        yield Finding(
            f"service {service.name}",
            "ok" if there else "missing",
            service.module if there else "not installed",
            hint,
        )


def _root_findings() -> Iterator[Finding]:
    try:
        root = checkout.find_root()
    except StartError as error:
        yield Finding("checkout", "missing", error.message, error.hint or "")
        return
    yield Finding("checkout", "ok", str(root))
    models = [folder.name for folder in sorted(checkout.model_repository(root).iterdir()) if folder.is_dir()]
    if weights.find_weights(models, None, root):
        yield Finding("weights", "ok", f"the embedded family in {weights.EMBEDDED}")
    else:
        yield Finding(
            "weights",
            "optional",
            "no embedded weights in this version: random tiny ones will serve, and pictures will be noise",
            "give checkpoints with `langdesign up --models DIR`",
        )
    if web.is_built(root):
        yield Finding("web page", "ok", "built")
    else:
        yield Finding("web page", "optional", "not built", "install Node 20 or later, then `make web`")


def _ports(offset: int) -> Finding:
    taken = [service.name for service in stack.SERVICES if not _ports_free(service, offset)]
    numbers = [port + offset for service in stack.SERVICES for port in service.ports.values()]
    span = f"{min(numbers)}-{max(numbers)}"
    if not taken:
        return Finding("ports", "ok", f"free ({span})")
    return Finding(
        "ports",
        "missing",
        f"in use: those of {', '.join(taken)}",
        "stop what listens there (perhaps `langdesign up` runs already), or use --port-offset 100",
    )


def _ports_free(service: stack.Service, offset: int) -> bool:
    try:
        ports.check_ports([service], offset)
    except StartError:
        return False
    return True


def _memory() -> Finding:
    free = psutil.virtual_memory().available / _GIB
    if free >= _MEMORY:
        return Finding("memory", "ok", f"{free:.1f} GiB available")
    return Finding(
        "memory", "missing", f"{free:.1f} GiB available", f"free {_MEMORY} GiB: close other programs"
    )


def _disk(data: Path) -> Finding:
    existing = next(folder for folder in (data.resolve(), *data.resolve().parents) if folder.exists())
    free = shutil.disk_usage(existing).free / _GIB
    if free >= _DISK:
        return Finding("disk", "ok", f"{free:.1f} GiB free")
    return Finding("disk", "missing", f"{free:.1f} GiB free", f"free {_DISK} GiB, or give another --data")


def _optional_program(name: str, purpose: str, hint: str) -> Finding:
    beside = Path(sys.executable).parent / name
    path = shutil.which(name) or (str(beside) if beside.exists() else None)
    if path:
        return Finding(name, "ok", path)
    return Finding(name, "optional", f"not installed; only for {purpose}", hint)
