"""Command line and environment of the Triton server that the `nvidia-pytriton` wheel carries.

Only the server program of the wheel is used, never its Python API. Production runs NVIDIA's image with the
same model repository and the same flags.
"""

import importlib.util
import os
import re
import secrets
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

STUB_PACKAGES = Path("share") / "triton-stub"  # below `sys.prefix`
STUB_ENVIRONMENT = "stub-environment"  # below the backend directory

# What Triton logs of a model that cannot be loaded: its exception's name and text, and its traceback.
_NOT_LOADED = re.compile(
    r"failed to load '(?P<model>[^']+)' version \d+: [\w ]+: (?:\w+: )?(?P<why>.*?)(?:(?:\\n)+At:|\"?\s*$)"
)


class TritonNotInstalledError(RuntimeError):
    """The wheel that carries the server program, or what its stub needs, is not installed."""


@dataclass(frozen=True)
class TritonPorts:
    """TCP ports of one Triton server."""

    grpc: int = 8001
    http: int = 8000
    metrics: int = 8002


def triton_command(
    model_repository: Path,
    backend_directory: Path,
    environment: Mapping[str, str],
    *,
    ports: TritonPorts | None = None,
    address: str = "127.0.0.1",
    config_name: str | None = None,
) -> tuple[list[str], dict[str, str]]:
    """Return the argument list and the whole environment that start Triton on `model_repository`.

    `backend_directory` is the result of `lay_out_backend`; `environment` is what the server inherits (usually
    `os.environ`, plus `EDIT_MODEL_DIR` and its like). `config_name` picks `configs/<name>.pbtxt` of each
    model that has one, for example `gpu`.

    Raises:
        TritonNotInstalledError: the wheel is missing.

    """
    ports = ports or TritonPorts()
    argv = [
        str(_wheel() / "tritonserver" / "bin" / "tritonserver"),
        f"--model-repository={model_repository}",
        f"--backend-directory={backend_directory}",
        *_FIXED_FLAGS,
        *_life_flags(environment),
        f"--backend-config=python,shm-region-prefix-name={shared_memory_prefix(ports, address)}",
        *_address_flags(address, ports),
        *_closed_api_flags(secrets.token_urlsafe(32)),
    ]
    if config_name:
        argv.append(f"--model-config-name={config_name}")
    return argv, _server_environment(environment, backend_directory / STUB_ENVIRONMENT)


def supervised(command: Sequence[str]) -> list[str]:
    """Return what starts Triton under its supervisor, which starts it again when a model's process dies."""
    return [sys.executable, "-m", "langdesign_supervisor", "--", *command]


def not_loaded(lines: Iterable[str]) -> dict[str, str]:
    """Return why models could not be loaded, by their names, as far as lines of the server's log tell."""
    found = (_NOT_LOADED.search(line) for line in lines)
    return {one["model"]: one["why"].replace("\\n", " ").replace('\\"', '"').strip() for one in found if one}


def shared_memory_prefix(ports: TritonPorts, address: str = "127.0.0.1") -> str:
    """Return what the names of a server's shared memory begin with, no other server's on this machine do."""
    return f"langdesign-triton-{address}-{ports.grpc}-"


def lay_out_backend(folder: Path) -> Path:
    """Fill `folder` with the Python backend, its stub and the stub's environment, by links; return it.

    Raises:
        TritonNotInstalledError: the wheel, a stub for this Python, or the stub's numpy is missing.

    """
    server = _wheel() / "tritonserver"
    stub = server / "python_backend_stubs" / _python_version() / "triton_python_backend_stub"
    if not stub.is_file():
        raise TritonNotInstalledError(
            f"The Triton wheel lacks a stub for Python {_python_version()}: use 3.11 or 3.12."
        )
    for source in [*(server / "backends" / "python").iterdir(), stub]:
        _link(folder / "python" / source.name, source)
    _lay_out_stub_environment(folder / STUB_ENVIRONMENT)
    return folder


def _lay_out_stub_environment(folder: Path) -> None:
    """Make a virtual environment that is this one, but for numpy.

    The wheel's stub is built for numpy 1: with numpy 2 it reads every item size as 0, so that inputs come as
    zeros and outputs leave empty. `STUB_PACKAGES` holds numpy 1 beside the environment's own numpy 2.
    """
    packages = Path(sys.prefix) / STUB_PACKAGES
    if not (packages / "numpy").is_dir():
        raise TritonNotInstalledError(
            "Triton's Python stub needs numpy 1: run `make setup`, or "
            f"`uv pip install --no-deps --target {packages} numpy==1.26.4`."
        )
    site = folder / "lib" / f"python{_python_version()}" / "site-packages"
    for package in packages.iterdir():  # numpy, its libraries, and the metadata that tells its version
        _link(site / package.name, package)
    _link(folder / "bin" / "python3", Path(sys.executable).resolve())
    _link(folder / "bin" / "python", Path("python3"))
    (folder / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).resolve().parent}\n")
    own = sysconfig.get_path("purelib")
    (site / "environment.pth").write_text(f"import site; site.addsitedir({own!r})\n")


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)


# Models are fixed at start: a new checkpoint is a new rollout. The other services ping an idle connection to
# notice a frozen server, which Triton's defaults would answer with GOAWAY.
_FIXED_FLAGS = (
    "--model-control-mode=none",
    "--strict-readiness=true",
    "--exit-on-error=true",
    "--disable-auto-complete-config",
    "--allow-metrics=true",
    "--allow-gpu-metrics=true",
    "--log-info=false",
    "--grpc-keepalive-permit-without-calls=1",
    "--grpc-http2-min-recv-ping-interval-without-data=1000",
    "--grpc-http2-max-ping-strikes=0",
)


def _life_flags(environment: Mapping[str, str]) -> list[str]:
    """How long connections and calls in progress may last: as in the image, by the same settings, seconds."""
    return [
        f"--exit-timeout-secs={environment.get('MODEL_SERVER_DRAIN', '10')}",
        f"--grpc-max-connection-age={environment.get('MODEL_SERVER_CONNECTION_AGE', '120')}000",
        f"--grpc-max-connection-age-grace={environment.get('MODEL_SERVER_CONNECTION_GRACE', '600')}000",
    ]


def _address_flags(address: str, ports: TritonPorts) -> list[str]:
    return [
        f"--grpc-address={address}",
        f"--http-address={address}",
        f"--metrics-address={address}",
        f"--grpc-port={ports.grpc}",
        f"--http-port={ports.http}",
        f"--metrics-port={ports.metrics}",
    ]


def _closed_api_flags(key: str) -> list[str]:
    """Triton has no switch for these APIs; a key that nobody is told closes them."""
    apis = "shared-memory,model-repository,trace,logging"
    return [
        f"--http-restricted-api={apis}:langdesign-closed={key}",
        f"--grpc-restricted-protocol={apis}:langdesign-closed={key}",
    ]


def _server_environment(environment: Mapping[str, str], stub_environment: Path) -> dict[str, str]:
    # The stub ignores PYTHONPATH: it finds packages through the virtual environment that is first on PATH.
    libraries = [
        str(_wheel().parent / "nvidia_pytriton.libs"),
        str(sysconfig.get_config_var("LIBDIR")),
        environment.get("LD_LIBRARY_PATH", ""),
    ]
    programs = [str(stub_environment / "bin"), environment.get("PATH", os.defpath)]
    return {
        **environment,
        "LD_LIBRARY_PATH": os.pathsep.join(filter(None, libraries)),
        "PATH": os.pathsep.join(programs),
    }


def _wheel() -> Path:
    """Folder of the wheel's package, found without importing it."""
    spec = importlib.util.find_spec("pytriton")
    if spec is None or not spec.submodule_search_locations:
        raise TritonNotInstalledError(
            "The Triton server is not installed: run `pip install --no-deps nvidia-pytriton==0.7.0`."
        )
    return Path(spec.submodule_search_locations[0])


def _python_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
