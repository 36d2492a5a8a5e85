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
_NAME = "org.opencontainers.image.ref.name"
_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"
_PACKAGES = ("python3", "python3-venv", "python3-pip", "libpython3.11", "ca-certificates")
_UNREAD = ("doc", "man", "locale")  # folders of /usr/share that nobody reads in an image


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
        driver: How buildah keeps layers: `overlay`, or `vfs` where that is not to be had, as in a container,
            which copies every file for every step.

    """

    work: Path
    options: Sequence[str] = ()
    driver: str = "overlay"
    _known: dict[str, list[Path]] = field(default_factory=dict)

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
        # What images have in common, such as the first steps of every service, is built once.
        how = ("--isolation=chroot", "--pull-never", "--format=oci", "--layers", "--force-rm")
        command = ["bud", *how, *self.options, *given]
        self.buildah(*command, "--file", str(ROOT / dockerfile), "--tag", REGISTRY + name, str(ROOT))
        shutil.rmtree(self.work / "unpacked" / name, ignore_errors=True)
        self._known.pop(name, None)

    def bootstrap(self, name: str) -> None:
        """Make a base image of Debian's packages: Python with pip, certificates, nothing else.

        Raises:
            BuildError: mmdebstrap or buildah failed.

        """
        rootfs = self.work / "rootfs.tar"
        unread = " ".join(f'"$1/usr/share/{folder}"' for folder in _UNREAD)
        options = ("--mode=root", "--variant=apt", f"--include={','.join(_PACKAGES)}")
        _run("mmdebstrap", *options, f"--customize-hook=rm -r {unread}", _DEBIAN, str(rootfs))
        container = self.buildah("from", "scratch").strip()
        self.buildah("add", "--quiet", container, str(rootfs), "/")
        self.buildah("config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin", "--cmd", "python3", container)
        self.buildah("commit", "--quiet", "--rm", "--format", "oci", container, REGISTRY + name)
        rootfs.unlink()

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
            for layer in self._layers(name):
                _lay_over(layer, unfinished)
            unfinished.rename(rootfs)
        return rootfs

    def size(self, name: str) -> Size:
        """Measure an image."""
        files = (path.lstat() for path in self.unpack(name).rglob("*"))
        unpacked = {(one.st_dev, one.st_ino): one.st_size for one in files}
        compressed = sum(layer.stat().st_size for layer in self._layers(name))
        return Size(compressed, sum(unpacked.values()))

    def _layers(self, name: str) -> list[Path]:
        """Return an image's layers, compressed tar files, in one layout: they share their base's."""
        if name not in self._known:  # buildah compresses them anew each time
            layout = self.work / "layout"
            self.buildah("push", "--quiet", REGISTRY + name, f"oci:{layout}:{name}")
            index = json.loads((layout / "index.json").read_bytes())
            (digest,) = (
                one["digest"] for one in index["manifests"] if one.get("annotations", {}).get(_NAME) == name
            )
            manifest = json.loads(_blob(layout, digest).read_bytes())
            self._known[name] = [_blob(layout, layer["digest"]) for layer in manifest["layers"]]
        return self._known[name]

    def buildah(self, *arguments: str) -> str:
        """Return what buildah says on standard output.

        Raises:
            BuildError: it is not installed, or failed; its words are in the message.

        """
        places = ("--root", str(self.work / "storage"), "--runroot", str(self.work / "run"))
        return _run("buildah", *places, "--storage-driver", self.driver, *arguments)

    def clean(self) -> None:
        """Remove what was unpacked; the images stay."""
        for left in ("unpacked", "layout", "containers"):
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
            f"{program} is not installed (Debian: apt-get install buildah runc mmdebstrap); it needs root"
        )
    done = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise BuildError(f"`{program} {' '.join(arguments)}` failed:\n{last}")
    return done.stdout
