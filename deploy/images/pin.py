"""Pin the base images of every Dockerfile by the digests of their tags: `make pin-images`.

Each `ARG NAME_IMAGE=registry/name:tag` becomes `registry/name:tag@sha256:...`. Whatever builds reads it
there, and a commit says which bases changed. skopeo asks the registries (Debian: apt-get install skopeo);
where one of them does not answer, no file is changed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from catalogue import IMAGES

ROOT = Path(__file__).parents[2]
DOCKERFILES = tuple(dict.fromkeys(image.recipe for image in IMAGES.values()))

_BASE = re.compile(r"^(ARG \w+_IMAGE=)([^\s@]+)(?:@sha256:[0-9a-f]{64})?$", re.MULTILINE)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


_SECONDS = 60  # that a registry may take to answer


class PinError(RuntimeError):
    """A registry does not say which digest a tag has."""


def bases(root: Path) -> set[str]:
    """Return the base images of a checkout, `registry/name:tag`, without their digests."""
    return {found[2] for name in DOCKERFILES for found in _BASE.finditer((root / name).read_text())}


def pin(root: Path, digest: Callable[[str], str]) -> list[str]:
    """Write the digest of each base image behind its tag, and return the lines that changed.

    Args:
        root: The checkout.
        digest: Returns the digest that an image's tag has, `sha256:...`.

    Raises:
        PinError: a digest is none, or is not told; no file is changed then.

    """
    found = _digests(sorted(bases(root)), digest)
    changed = []
    for name in DOCKERFILES:
        text = (root / name).read_text()
        pinned = _BASE.sub(lambda line: f"{line[1]}{line[2]}@{found[line[2]]}", text)
        changed += [f"{name}: {line}" for line in _new_lines(text, pinned)]
        (root / name).write_text(pinned)
    return changed


def _digests(images: Iterable[str], digest: Callable[[str], str]) -> dict[str, str]:
    """Return the digest of every image, or tell of all that have none."""
    found, missing = {}, []
    for image in images:
        try:
            found[image] = _checked(image, digest(image))
        except PinError as error:
            missing.append(str(error))
    if missing:
        raise PinError("\n".join(missing))
    return found


def _new_lines(before: str, after: str) -> Iterable[str]:
    return sorted(set(after.splitlines()) - set(before.splitlines()))


def _checked(image: str, digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise PinError(f"{image}: {digest!r} is no digest")
    return digest


def ask(image: str) -> str:
    """Return the digest of an image at its registry: of all its platforms together, where it has several.

    Raises:
        PinError: skopeo is not installed, or the registry does not say.

    """
    skopeo = shutil.which("skopeo")
    if skopeo is None:
        raise PinError(f"{image}: skopeo is not installed (Debian: apt-get install skopeo)")
    command = [skopeo, f"--command-timeout={_SECONDS}s", "inspect", "--no-tags", "--format", "{{.Digest}}"]
    done = subprocess.run([*command, f"docker://{image}"], capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"skopeo ended with {done.returncode}"]
        raise PinError(f"{image}: {said[-1]}")
    return done.stdout.strip()


def main() -> int:
    """Pin, and print what changed."""
    try:
        changed = pin(ROOT, ask)
    except PinError as error:
        hosts = ", ".join(sorted({image.partition("/")[0] for image in bases(ROOT)}))
        print(  # noqa: T201 - what whoever starts it reads
            f"error: no file was changed; run it where {hosts} can be reached, or name mirrors of them in "
            f"/etc/containers/registries.conf:\n{error}",
            file=sys.stderr,
        )
        return 1
    print("\n".join(changed) or "every base is the one of today")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
