"""Builds of this checkout's revisions, to be run side by side: each one's sources over the same packages."""

import asyncio
import compileall
import io
import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil
from langdesign_client.errors import InvalidInputError

from langdesign_command.errors import StartError
from langdesign_command.local import checkout, ports
from langdesign_command.local.guard import start_guarded
from langdesign_command.local.triton import STUB_PACKAGES

_UP = "from langdesign_command.cli.main import run; run()"
_GRACE = 60.0  # seconds that `langdesign up` has to stop, longer than any of its services


@dataclass(frozen=True)
class Build:
    """What can be started: the sources of a revision, and a Python that imports them."""

    name: str
    root: Path
    python: Path


@dataclass(frozen=True)
class RunningBuild:
    """A `langdesign up` of a build: the process above all of its services, and where they listen."""

    build: Build
    process: psutil.Process
    addresses: Mapping[str, str]


def this_build() -> Build:
    """Return the build of the checkout as it stands.

    Raises:
        StartError: this is no checkout.

    """
    root = checkout.find_root()
    _compile(root)
    return Build("now", root, Path(sys.executable))


def earlier_build(revision: str, folder: Path) -> Build:
    """Lay out another revision of the checkout, with this environment's packages.

    Args:
        revision: Whatever git takes for a commit.
        folder: Where its sources and its Python go; made when missing.

    Raises:
        InvalidInputError: there is no such revision.

    """
    root = checkout.find_root()
    commit = _git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
    if not commit:
        raise InvalidInputError(
            f"No revision is called {revision!r}", hint="name a commit, tag or branch; `git fetch` what lacks"
        )
    sources, environment = folder / "sources", folder / "environment"
    with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", commit))) as archive:
        archive.extractall(sources, filter="data")
    _compile(sources)
    _lay_out_environment(environment, sources)
    return Build(commit[:7], sources, environment / "bin" / "python")


def _git(root: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", root, *arguments], capture_output=True, check=False).stdout


def _lay_out_environment(folder: Path, sources: Path) -> None:
    """Make a virtual environment that finds these sources first, and then all that this one has."""
    venv.create(folder, symlinks=True)
    places = {"base": str(folder), "platbase": str(folder)}
    own = Path(sysconfig.get_path("purelib", "venv", vars=places))
    lines = [*map(str, _imported_from(sources)), f"import site; site.addsitedir({_packages()!r})"]
    (own / "build.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")
    stub = folder / STUB_PACKAGES
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.symlink_to(Path(sys.prefix) / STUB_PACKAGES)


def _compile(sources: Path) -> None:
    """Compile what is imported, as images do: a process that compiles at its start takes more for good."""
    for folder in _imported_from(sources):
        compileall.compile_dir(folder, quiet=2)


def _packages() -> str:
    return sysconfig.get_path("purelib")


def _imported_from(sources: Path) -> Iterator[Path]:
    """Yield the folders from which the packages of a workspace's members are imported."""
    for line in (sources / "requirements" / "members.txt").read_text("utf-8").splitlines():
        option, _, name = line.partition(" ")
        if option == "-e":
            member = sources / name
            yield member / "src" if (member / "src").is_dir() else member


@asynccontextmanager
async def running(
    build: Build, data: Path, log: IO[bytes], *, only: str = "", models: str | None = None
) -> AsyncIterator[RunningBuild]:
    """Run `langdesign up` of a build on free ports until the context ends; nothing of it outlives that.

    Args:
        build: What is run.
        data: Folder for what its services store, no other run's.
        log: Gets what its services say.
        only: Names of services, comma-separated; empty means all.
        models: Checkpoints, as for `langdesign up`.

    Raises:
        StartError: it ended before all was ready.

    """
    options = ["--only", only, "--data", str(data), "--port-offset", str(ports.free_offset())]
    command = [
        str(build.python),
        "-c",
        _UP,
        "up",
        "--json",
        *options,
        *(["--models", models] if models else []),
    ]
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    guard = await start_guarded(command, environment=environment, folder=build.root, grace=_GRACE)
    reading: asyncio.Task[None] | None = None
    try:
        ready = await _until_ready(guard, build, log)
        reading = asyncio.create_task(_drain(guard, log))
        yield RunningBuild(build, psutil.Process(guard.pid), ready["addresses"])
    finally:
        if guard.returncode is None:
            guard.terminate()
        await (reading or _drain(guard, log))
        await guard.wait()


async def _until_ready(guard: asyncio.subprocess.Process, build: Build, log: IO[bytes]) -> dict[str, Any]:
    """Return what `langdesign up --json` says once all its services are healthy."""
    assert guard.stdout is not None  # noqa: S101 - a pipe was asked for
    last = b""
    async for line in guard.stdout:
        log.write(line)
        if line.startswith(b'{"ready"'):
            found: dict[str, Any] = json.loads(line)
            return found
        last = line.strip() or last
    raise StartError(
        f"The build {build.name} did not start: {last.decode(errors='replace')}", hint="its log says more"
    )


async def _drain(guard: asyncio.subprocess.Process, log: IO[bytes]) -> None:
    assert guard.stdout is not None  # noqa: S101 - a pipe was asked for
    while chunk := await guard.stdout.read(65536):
        log.write(chunk)
