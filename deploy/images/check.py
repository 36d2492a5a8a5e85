"""Build the images, run them as a cluster does, and edit a picture and a design through them.

`make images-check`, or `python deploy/images/check.py --help`. It needs root, buildah and runc (or crun), and
no daemon. The table at its end tells of each image its size and how long it took from its start to SERVING,
or to the end of its help where it serves nothing.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from builder import ROOT, Builder, BuildError
from catalogue import IMAGES
from container import RunError
from inspection import CheckError, Row, inspect
from rich.console import Console
from rich.table import Table
from running import RUN, run

_BASES = {
    "python": "PYTHON_IMAGE",
    "triton": "TRITON_IMAGE",
    "node": "NODE_IMAGE",
    "envoy": "ENVOY_IMAGE",
}


def main() -> int:
    """Return 0 where every image is as it should be and the edit was seen."""
    given = _arguments()
    console = Console(width=None if sys.stdout.isatty() else 120)

    def tell(line: str) -> None:
        console.print(line, highlight=False)

    given.work.mkdir(parents=True, exist_ok=True)
    builder = Builder(given.work.resolve(), given.build_option, given.storage_driver)
    rows: list[Row] = []
    seen: list[str] = []
    try:
        _build(builder, given, console)
        for name in given.images:
            with _timed(console, f"looked into {name}"):
                rows.append(inspect(builder, name))
        if given.edit:
            seen = run(builder, given.port_offset, {row.image: row for row in rows}, tell)
    except (BuildError, RunError, CheckError) as error:
        console.print(f"[red]error:[/] {error}", highlight=False, soft_wrap=True)
        return 1
    finally:
        _report(rows, seen, console)
        if not given.keep:
            builder.clean()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=ROOT / "out/images", help="folder, some 20 GB")
    parser.add_argument(
        "--images", type=_names, default=list(IMAGES), help=f"of {', '.join(IMAGES)}; all by default"
    )
    parser.add_argument(
        "--base", action="append", default=[], metavar="NAME=IMAGE", help="a base that is there already"
    )
    parser.add_argument("--build-option", action="append", default=[], help="of buildah, for each build")
    parser.add_argument(
        "--storage-driver", default="overlay", help="of buildah; vfs where overlay is not to be had"
    )
    parser.add_argument(
        "--built", action="store_true", help="build nothing: the images are there from before"
    )
    parser.add_argument("--keep", action="store_true", help="keep what was unpacked, for the next run")
    parser.add_argument("--port-offset", type=int, default=0, help="added to every port")
    given = parser.parse_args()
    given.edit = set(RUN) <= set(given.images)
    return given


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(IMAGES):
        raise argparse.ArgumentTypeError(
            f"{', '.join(sorted(unknown))}: no such image; there are {', '.join(IMAGES)}"
        )
    return [name for name in IMAGES if name in names]


def _build(builder: Builder, given: argparse.Namespace, console: Console) -> None:
    if given.built:
        return
    bases = dict(one.split("=", 1) for one in given.base)
    made = {name: f"localhost/{name}" for name in _BASES} | bases
    wanted = {name: _arguments_of(IMAGES[name].recipe) for name in given.images}
    # The stand-ins are made of Python's.
    needed = {"python"} | {name for name in _BASES if any(_BASES[name] in one for one in wanted.values())}
    for name in (name for name in _BASES if name in needed):
        if name in bases or builder.has(name):
            continue
        with _timed(console, f"base {name}"):
            if name == "python":
                builder.bootstrap(name)
            else:
                recipe = f"deploy/images/bases/{name}.Dockerfile"
                builder.build(name, recipe, {"PYTHON_IMAGE": made["python"]})
    arguments = {_BASES[name]: image for name, image in made.items()}
    for name in given.images:
        with _timed(console, f"image {name}"):
            own = {key: arguments[key] for key in wanted[name]} | {"SERVICE": name}
            builder.build(name, IMAGES[name].recipe, own)


def _arguments_of(recipe: str) -> set[str]:
    """Return the arguments of a recipe that name its bases."""
    return set(re.findall(r"^ARG (\w+_IMAGE)=", (ROOT / recipe).read_text(), re.MULTILINE))


@contextmanager
def _timed(console: Console, what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    console.print(f"{what}: {time.monotonic() - began:.0f} s", highlight=False)


def _report(rows: Sequence[Row], seen: Sequence[str], console: Console) -> None:
    table = Table(
        "image", "compressed MB", "unpacked MB", "Python", "packages", "start, s", "checked", box=None
    )
    for row in rows:
        size = (f"{row.size.compressed / 1e6:.0f}", f"{row.size.unpacked / 1e6:.0f}")
        start = "-" if row.start is None else f"{row.start:.1f}"
        table.add_row(row.image, *size, row.python, str(row.packages or "-"), start, ", ".join(row.notes))
    console.print(table)
    for line in seen:
        console.print(line, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
