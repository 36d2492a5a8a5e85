"""Images built with buildah: no daemon, no kernel module, in a folder that can be removed afterwards."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
"""The checkout, which is the context of every build."""

REGISTRY = "localhost/"
"""What the names of images made here begin with; no registry is asked for them."""

_DEBIAN = "bookworm"
_PACKAGES = ("python3", "python3-venv", "python3-pip", "libpython3.11", "ca-certificates")


class BuildError(RuntimeError):
    """A program that builds is missing, or failed."""


@dataclass(frozen=True)
class Size:
    """What an image weighs, its base included."""

    compressed: int  # bytes of its layers as a registry keeps them
    unpacked: int  # bytes of its files


@dataclass
class Builder:
    """Builds images below a folder.

    Attributes:
        work: Folder for images and temporary files; several GB for every image.
        options: Added to each build, such as `--volume /etc/pip.conf:/etc/pip.conf:ro`.

    """

    work: Path
    options: Sequence[str] = ()
    _containers: dict[str, str] = field(default_factory=dict)

    def build(self, name: str, dockerfile: str, arguments: Mapping[str, str]) -> None:
        """Build an image of the checkout.

        Args:
            name: The image's, without `REGISTRY`.
            dockerfile: Path below the checkout.
            arguments: Of the build, by name.

        Raises:
            BuildError: the build failed.

        """
        given = [f"--build-arg={key}={value}" for key, value in arguments.items()]
        command = ["bud", "--isolation", "chroot", "--pull-never", "--format", "oci", *self.options, *given]
        self.buildah(*command, "--file", str(ROOT / dockerfile), "--tag", REGISTRY + name, str(ROOT))

    def bootstrap(self, name: str) -> None:
        """Make a base image of Debian's packages: Python with pip, certificates, nothing else.

        Raises:
            BuildError: debootstrap or buildah failed.

        """
        rootfs = self.work / "rootfs"
        shutil.rmtree(rootfs, ignore_errors=True)
        _run("debootstrap", "--variant=minbase", f"--include={','.join(_PACKAGES)}", _DEBIAN, str(rootfs))
        for left in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man"):
            shutil.rmtree(rootfs / left, ignore_errors=True)
        container = self.buildah("from", "scratch").strip()
        self.buildah("add", "--quiet", container, str(rootfs), "/")
        self.buildah("config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin", "--cmd", "python3", container)
        self.buildah("commit", "--quiet", "--rm", "--format", "oci", container, REGISTRY + name)
        shutil.rmtree(rootfs)

    def has(self, name: str) -> bool:
        """Return whether an image is there."""
        found = json.loads(self.buildah("images", "--json") or "[]") or []
        return any(
            REGISTRY + name in (tag.removesuffix(":latest") for tag in one["names"] or ()) for one in found
        )

    def config(self, name: str) -> Mapping[str, Any]:
        """Return an image's OCI configuration: `User`, `Env`, `Entrypoint`, `Labels` and the like."""
        told = json.loads(self.buildah("inspect", "--type", "image", REGISTRY + name))
        config: Mapping[str, Any] = told["OCIv1"]["config"]
        return config

    def unpack(self, name: str) -> Path:
        """Return the folder of an image's files; for reading, or for a container whose root is read-only."""
        if name not in self._containers:
            self._containers[name] = self.buildah("from", "--pull-never", REGISTRY + name).strip()
        return Path(self.buildah("mount", self._containers[name]).strip())

    def size(self, name: str) -> Size:
        """Measure an image."""
        layout = self.work / "layout"
        shutil.rmtree(layout, ignore_errors=True)
        self.buildah("push", "--quiet", REGISTRY + name, f"oci:{layout}")
        index = json.loads((layout / "index.json").read_bytes())
        manifest = json.loads(_blob(layout, index["manifests"][0]["digest"]).read_bytes())
        shutil.rmtree(layout)
        files = (path.lstat() for path in self.unpack(name).rglob("*"))
        unpacked = {(one.st_dev, one.st_ino): one.st_size for one in files}
        return Size(sum(layer["size"] for layer in manifest["layers"]), sum(unpacked.values()))

    def buildah(self, *arguments: str) -> str:
        """Return what buildah says on standard output.

        Raises:
            BuildError: it is not installed, or failed; its words are in the message.

        """
        places = ("--root", str(self.work / "storage"), "--runroot", str(self.work / "run"))
        return _run("buildah", *places, "--storage-driver", "vfs", *arguments)

    def clean(self) -> None:
        """Remove every container; the images stay."""
        self.buildah("rm", "--all")
        self._containers.clear()


def _blob(layout: Path, digest: str) -> Path:
    return layout / "blobs" / digest.replace(":", "/")


def _run(program: str, *arguments: str) -> str:
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if found is None:
        raise BuildError(
            f"{program} is not installed (Debian: apt-get install buildah runc debootstrap); it needs root"
        )
    done = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise BuildError(f"`{program} {' '.join(arguments)}` failed:\n{last}")
    return done.stdout
