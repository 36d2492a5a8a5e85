"""Images built with buildah: no daemon, no kernel module, in a folder that can be removed afterwards."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
"""The checkout, which is the context of every build."""

REGISTRY = "localhost/"
"""What the names of images made here begin with; no registry is asked for them."""

_DEBIAN = "bookworm"
_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"
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
        for left in ("unpacked", "layouts"):
            shutil.rmtree(self.work / left / name, ignore_errors=True)

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
        """Return the folder of an image's files, for a container whose root is read-only."""
        rootfs = self.work / "unpacked" / name
        if not rootfs.exists():
            unfinished = rootfs.with_name(f"{name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            layout, layers = self._exported(name)
            for layer in layers:
                _lay_over(_blob(layout, layer["digest"]), unfinished)
            unfinished.rename(rootfs)
        return rootfs

    def size(self, name: str) -> Size:
        """Measure an image."""
        files = (path.lstat() for path in self.unpack(name).rglob("*"))
        unpacked = {(one.st_dev, one.st_ino): one.st_size for one in files}
        layers = self._exported(name)[1]
        return Size(sum(layer["size"] for layer in layers), sum(unpacked.values()))

    def _exported(self, name: str) -> tuple[Path, list[dict[str, Any]]]:
        """Return an OCI layout of an image as a registry would keep it, and its layers."""
        layout = self.work / "layouts" / name
        if not layout.exists():
            unfinished = layout.with_name(f"{name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.parent.mkdir(parents=True, exist_ok=True)
            self.buildah("push", "--quiet", REGISTRY + name, f"oci:{unfinished}")
            unfinished.rename(layout)
        index = json.loads((layout / "index.json").read_bytes())
        manifest = json.loads(_blob(layout, index["manifests"][0]["digest"]).read_bytes())
        return layout, manifest["layers"]

    def buildah(self, *arguments: str) -> str:
        """Return what buildah says on standard output.

        Raises:
            BuildError: it is not installed, or failed; its words are in the message.

        """
        places = ("--root", str(self.work / "storage"), "--runroot", str(self.work / "run"))
        return _run("buildah", *places, "--storage-driver", "vfs", *arguments)

    def clean(self) -> None:
        """Remove what was unpacked; the images stay."""
        for left in ("unpacked", "layouts", "containers"):
            shutil.rmtree(self.work / left, ignore_errors=True)


def _lay_over(layer: Path, rootfs: Path) -> None:
    """Unpack a layer over those before it; it names what it removes by `.wh.` before the name."""
    for name in _run("tar", "--list", "--file", str(layer)).splitlines():
        path = rootfs / name
        if not path.name.startswith(_WHITEOUT):
            continue
        gone = path.with_name(path.name.removeprefix(_WHITEOUT))
        for one in path.parent.iterdir() if path.name == _OPAQUE else [gone]:
            shutil.rmtree(one) if one.is_dir() and not one.is_symlink() else one.unlink(missing_ok=True)
    _run("tar", "--extract", "--numeric-owner", "--same-permissions", f"--exclude={_WHITEOUT}*",
         "--file", str(layer), "--directory", str(rootfs))  # fmt: skip


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
