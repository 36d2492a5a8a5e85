"""What a local run is to start, and whether it can: found out before anything starts."""

import importlib.util
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from langdesign_command.errors import StartError
from langdesign_command.local import checkout, gateway, llama, ports, stack, triton
from langdesign_command.local.stack import Service

_LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Launch:
    """What to start, where, and on which checkpoints."""

    services: tuple[Service, ...]
    root: Path
    data: Path
    offset: int = 0
    # Folder with the checkpoints, or the name of a registered version; None: embedded or random ones.
    models: Path | str | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: without_proxy(os.environ))


def without_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which what is on this machine is called directly, whatever proxy it names."""
    direct = {name: environment.get(name, "") for name in ("no_proxy", "NO_PROXY")}
    known = next((value for value in direct.values() if value), "")
    local = ",".join([*known.split(","), *_LOCAL] if known else _LOCAL)
    return {**environment, **dict.fromkeys(direct, local)}


def triton_models(launch: Launch) -> list[str]:
    """Return the names of Triton's models."""
    return sorted(
        folder.name for folder in checkout.model_repository(launch.root).iterdir() if (folder / "1").is_dir()
    )


def check(launch: Launch) -> None:
    """Find whatever would fail later, before anything starts."""
    ports.check_ports(launch.services, launch.offset)
    names = {service.name for service in launch.services}
    for service in launch.services:
        _check_installed(service)
        for need in service.needs:
            where = stack.addresses(launch.offset)[need]
            if need not in names and not ports.reachable(where):
                raise StartError(
                    f"{service.name} needs {need}, and nothing answers at {where}",
                    hint=f"add {need} to --only, or start it there first",
                )
    try:
        launch.data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=launch.data):
            pass
    except OSError as error:
        reason = (error.strerror or "no reason").lower()
        raise StartError(
            f"{launch.data} cannot hold the services' data: {reason}",
            hint="name a folder that can be written with --data",
        ) from None


def _check_installed(service: Service) -> None:
    if service.module is not None and not runnable(service.module):
        raise StartError(
            f"{service.name} is not installed",
            hint=f"run `make setup`, or leave it out of --only ({service.module})",
        )
    if service.name == "llama":
        llama.embedded_model()
        if importlib.util.find_spec("xllamacpp") is None:
            raise StartError("llama.cpp's server is not installed", hint="run `pip install xllamacpp`")
    if service.name == "gateway":
        gateway.envoy_program()
    if service.name == "triton":
        try:
            triton.triton_command(Path(), Path(), {})
        except triton.TritonNotInstalledError as error:
            raise StartError(str(error)) from None


def runnable(module: str) -> bool:
    """Tell whether `python -m module` would find it."""
    try:
        return importlib.util.find_spec(f"{module}.__main__") is not None
    except ModuleNotFoundError:
        return False
