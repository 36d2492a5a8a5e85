"""Containers of an OCI runtime, as tightly held as a pod of the "restricted" standard.

User 10001, no capability, no new privileges, a root that is read-only; processes, mounts and shared memory of
their own. The network is the machine's: making another one needs more than runc.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

USER = 10001

_SPACES = [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")]
_NOTHING: dict[str, list[str]] = {kind: [] for kind in ("bounding", "effective", "permitted", "inheritable")}
_STOP = 30.0  # seconds from SIGTERM to SIGKILL


class RunError(RuntimeError):
    """No OCI runtime is there, or a container ended by itself."""


@dataclass(frozen=True)
class Mount:
    """A folder of this machine in a container."""

    source: Path
    destination: str
    writable: bool = False


@dataclass
class Container:
    """An image that runs: `start()`, then `stop()`.

    Attributes:
        name: Of the container, and of its files below `work`.
        rootfs: The image's files.
        config: The image's OCI configuration.
        work: Folder for what the runtime needs, and the log.
        environment: Variables beside the image's own.
        arguments: Added to the image's entry point; with `command`, in place of it.
        mounts: Folders of this machine.

    """

    name: str
    rootfs: Path
    config: Mapping[str, Any]
    work: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: Sequence[str] = ()
    command: Sequence[str] = ()
    mounts: Sequence[Mount] = ()
    _process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it says."""
        return self.work / f"{self.name}.log"

    def start(self) -> None:
        """Start it; the runtime is a child of this process, and ends with the container.

        Raises:
            RunError: no runtime is installed.

        """
        bundle = self.work / self.name
        bundle.mkdir(parents=True, exist_ok=True)
        (bundle / "config.json").write_text(json.dumps(self._specification()))
        with self.log.open("wb") as log:
            command = [*self._runtime(), "run", "--bundle", str(bundle), self._id]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait(self, seconds: float) -> int:
        """Return its exit status.

        Raises:
            RunError: it still runs after so many seconds.

        """
        assert self._process is not None  # noqa: S101 - of whoever starts it
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise RunError(f"{self.name} has not ended after {seconds:g} s:\n{self.last_words()}") from None

    def check_running(self) -> None:
        """Raise a RunError with its last words where it ended."""
        if self._process is None or self._process.poll() is not None:
            raise RunError(f"{self.name} ended by itself:\n{self.last_words()}")

    def last_words(self) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-25:])

    def stop(self) -> None:
        """Ask it to end, and make it end after half a minute."""
        if self._process is None:
            return
        try:
            for signal, patience in (("TERM", _STOP), ("KILL", _STOP)):
                if self._process.poll() is None:
                    subprocess.run(
                        [*self._runtime(), "kill", self._id, signal], capture_output=True, check=False
                    )
                try:
                    self._process.wait(patience)
                    break
                except subprocess.TimeoutExpired:
                    continue
        finally:
            subprocess.run(
                [*self._runtime(), "delete", "--force", self._id], capture_output=True, check=False
            )

    @property
    def _id(self) -> str:
        return f"langdesign-{os.getpid()}-{self.name}"

    def _runtime(self) -> list[str]:
        for program in ("runc", "crun"):
            if found := shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
                return [found, "--root", str(self.work / "runtime")]
        raise RunError("no OCI runtime is installed (Debian: apt-get install runc)")

    def _specification(self) -> dict[str, Any]:
        own = dict(one.split("=", 1) for one in self.config.get("Env") or ())
        variables = {"PATH": "/usr/local/bin:/usr/bin:/bin", **own, **self.environment}
        return {
            "ociVersion": "1.0.2",
            "process": {
                "terminal": False,
                "user": {"uid": USER, "gid": USER},
                "args": [*(self.command or self.config.get("Entrypoint") or ()), *self.arguments],
                "env": [f"{name}={value}" for name, value in variables.items()],
                "cwd": self.config.get("WorkingDir") or "/",
                "capabilities": _NOTHING,
                "noNewPrivileges": True,
            },
            "root": {"path": str(self.rootfs), "readonly": True},
            "hostname": self.name,
            "mounts": [*_own_mounts(), *(_bound(one) for one in self.mounts)],
            "linux": {"namespaces": _SPACES},
        }


def _own_mounts() -> list[dict[str, Any]]:
    """Return what every pod of ours has: /proc, /dev, its own scratch space and shared memory."""
    scratch = {"/dev": "mode=755", "/dev/shm": "mode=1777", "/tmp": "mode=1777"}  # noqa: S108 - the container's
    return [{"destination": "/proc", "type": "proc", "source": "proc"}] + [
        {"destination": place, "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", mode]}
        for place, mode in scratch.items()
    ]


def _bound(mount: Mount) -> dict[str, Any]:
    options = ["rbind", "rw" if mount.writable else "ro"]
    return {"destination": mount.destination, "type": "bind", "source": str(mount.source), "options": options}
