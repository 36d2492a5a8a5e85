"""Write a bill of materials (CycloneDX 1.6, JSON) of every image: `make sbom`.

It names the Python packages that an image's own needs lead to, in the versions of the lock, as they are
installed here; `check.py` holds it against what an image really holds. What the base image brings, and CUDA's
packages, a scanner of the finished image adds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Set
from importlib import metadata
from pathlib import Path

from catalogue import IMAGES
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EVERY_EXTRA = frozenset({"*"})
"""Stands for all extras: an image of a service holds those of the service, too."""

BILLED = tuple(name for name, image in IMAGES.items() if image.distributions)
"""The images that have a bill: the gateway's holds no Python package."""


def needed(name: str, extras: Set[str] = EVERY_EXTRA) -> set[str]:
    """Return the canonical names of a distribution and of all that it needs, as their metadata say.

    Raises:
        PackageNotFoundError: one of them is not installed.

    """
    found: dict[str, Set[str]] = {}
    waiting = [(canonicalize_name(name), extras)]
    while waiting:
        current, wanted = waiting.pop()
        if current in found and wanted <= found[current]:
            continue
        found[current] = found.get(current, frozenset()) | wanted
        named = _named(current, wanted)  # parses the metadata, which takes most of the time
        for text in metadata.requires(current) or ():
            one = Requirement(text)
            if _applies(one, named) and _installed(one.name):
                waiting.append((canonicalize_name(one.name), frozenset(one.extras)))
    return set(found)


def _named(name: str, extras: Set[str]) -> Set[str]:
    every = metadata.metadata(name).get_all("Provides-Extra") or ()
    return frozenset(every) if extras == EVERY_EXTRA else extras


def _applies(one: Requirement, extras: Set[str]) -> bool:
    return one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras or {""})


def _installed(name: str) -> bool:
    # requirements/overrides.txt leaves some out that metadata ask for.
    return any(True for _ in metadata.distributions(name=name))


def held(image: str) -> set[str]:
    """Return the canonical names of the distributions that an image holds."""
    extras = EVERY_EXTRA if IMAGES[image].extras else frozenset()
    return set().union(*(needed(one, extras) for one in IMAGES[image].distributions))


def bill(image: str) -> Bom:
    """Return the bill of materials of an image."""
    licenses = LicenseFactory()
    own = metadata.version("langdesign-protos")
    bom = Bom()
    whole = Component(name=f"langdesign-{image}", version=own, type=ComponentType.CONTAINER, bom_ref=image)
    bom.metadata.component = whole
    for name in sorted(held(image)):
        told = metadata.metadata(name)
        expression = (told.get_all("License-Expression") or told.get_all("License") or [""])[0]
        component = Component(
            name=name,
            version=metadata.version(name).partition("+")[
                0
            ],  # a build's suffix is the index's, not the lock's
            type=ComponentType.LIBRARY,
            bom_ref=name,
            purl=PackageURL("pypi", name=name, version=metadata.version(name).partition("+")[0]),
            licenses=[licenses.make_from_string(expression)] if expression and "\n" not in expression else [],
        )
        bom.components.add(component)
    bom.register_dependency(whole, bom.components)
    return bom


def write(image: str, folder: Path) -> Path:
    """Write an image's bill into a folder, and return its file."""
    file = folder / f"{image}.cdx.json"
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(JsonV1Dot6(bill(image)).output_as_string(indent=1))
    return file


def main() -> int:
    """Write the bills of all images."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=Path("out/sbom"))
    given = parser.parse_args()
    for image in BILLED:
        print(write(image, given.folder))  # noqa: T201 - what it is for
    return 0


if __name__ == "__main__":
    sys.exit(main())
