"""What it costs to check a request, paired with another revision.

`python tests/benchmark/checking.py --against REV`

A request is made as the client makes it, held against the contract's rules, turned into the service's words,
and its picture and region are decoded and checked: all that is done before an edit begins, but for the peers'
calls. Both revisions run in processes of their own, and take turns, so that what else the machine does
strikes both.
"""

import argparse
import asyncio
import inspect
import io
import os
import random
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("protos/python", "clients/python", "services")


def main() -> int:
    """Print a line for each kind of request, and return 1 where one surely costs more."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--against", metavar="REV", help="the revision to pair with")
    parser.add_argument("--pairs", type=int, default=1000, help="calls of each, of all kinds (%(default)s)")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        asyncio.run(_work())
        return 0
    if not given.against:
        parser.error("name a revision with --against")
    with tempfile.TemporaryDirectory() as folder:
        before = _sources_of(given.against, Path(folder))
        seconds = _paired(before, ROOT, given.pairs)
    return _told(seconds, given.against)


def _sources_of(revision: str, folder: Path) -> Path:
    packed = subprocess.run(
        ["git", "-C", str(ROOT), "archive", revision, *SOURCES], check=True, capture_output=True
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as tree:
        tree.extractall(folder, filter="data")
    return folder


def _paired(before: Path, now: Path, pairs: int) -> dict[str, tuple[list[float], list[float]]]:
    """Return the seconds of each kind of request, before and now."""
    workers = [_Worker(before), _Worker(now)]
    try:
        kinds = workers[0].kinds
        found: dict[str, tuple[list[float], list[float]]] = {kind: ([], []) for kind in kinds}
        for kind in kinds:
            for worker in workers * 5:  # the first calls load what later ones find loaded
                worker.call(kind)
        draw = random.Random(1)
        for number in range(pairs // len(kinds)):
            # In an order of its own each time: what a picture leaves in memory helps or hinders the next one.
            for kind in draw.sample(kinds, len(kinds)):
                for place in (0, 1) if number % 2 else (1, 0):
                    found[kind][place].append(workers[place].call(kind))
    finally:
        for worker in workers:
            worker.end()
    return found


def _told(seconds: dict[str, tuple[list[float], list[float]]], revision: str) -> int:
    more = 0
    for kind, (before, now) in seconds.items():
        low, ratio, high = _ratio(before, now)
        more += low > 1
        one, other = (statistics.median(each) * 1e3 for each in (before, now))
        line = f"{kind:<18} {one:8.3f} ms at {revision}, {other:8.3f} ms now: {ratio:.3f}x"
        sys.stdout.write(f"{line} [{low:.3f}..{high:.3f}] ({len(before)} pairs)\n")
    return int(more > 0)


def _ratio(before: list[float], now: list[float]) -> tuple[float, float, float]:
    """Return the median of the pairs' ratios, between the bounds of its 95% interval (bootstrap)."""
    ratios = [other / one for one, other in zip(before, now, strict=True)]
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(1000))
    return medians[25], statistics.median(ratios), medians[974]


class _Worker:
    """A process on the sources of one revision."""

    def __init__(self, root: Path) -> None:
        paths = [
            root / "protos/python",
            *sorted(root.glob("*/python/src")),
            *sorted(root.glob("services/**/src")),
        ]
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))},
        )
        self.kinds = self._answer().split(",")

    def call(self, kind: str) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{kind}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


async def _work() -> None:
    """Check a request for every line of standard input, and answer how many seconds that took."""
    import langdesign_client as lc
    import numpy as np
    from langdesign_chassis.interceptors.validation import Validation
    from langdesign_client.edit_requests import edit_request
    from langdesign_editing.convert import source_from_message, spec_from_message
    from langdesign_editing.intake import Intake
    from langdesign_editing.places import Places
    from langdesign_editing.plans import Asked, PlannedEdit
    from langdesign_media import ImageGuard, encode, mask_to_png

    class Reading:
        async def read(self, spec, plan):
            return Asked((PlannedEdit("", False, (), spec.instruction),))

    grain = np.random.default_rng(1).integers(0, 255, (512, 512, 4)).astype(np.uint8)
    grain[:, 256:, 3] = 0
    colours, cut_out = encode(np.ascontiguousarray(grain[..., :3])), encode(grain)
    inside = np.zeros((512, 512), np.bool_)
    inside[100:300, 50:200] = True
    requests = {
        "the message alone": (f"sha256:{'0' * 64}", lc.Box(50, 100, 150, 200)),
        "box": (colours, lc.Box(50, 100, 150, 200)),
        "mask": (colours, lc.Mask(mask_to_png(inside))),
        "whole": (colours, lc.Whole()),
        "box on a cut-out": (cut_out, lc.Box(50, 100, 150, 200)),
    }
    options = lc.EditOptions(seed=7, preserve=lc.Preserve.STRICT, editor=lc.InstructPix2PixOptions(steps=20))
    validation, places = Validation(), Places(4, 10**9)
    async with ImageGuard(workers=1) as guard:
        ignored = [None] * (len(inspect.signature(Intake).parameters) - 2)
        intake = Intake(guard, *ignored, Reading())  # of what differs between revisions, nothing is used here

        async def check(picture, region):
            message = edit_request(picture, "make it red", region=region, options=options)
            validation.inspect(message)
            spec, source = spec_from_message(message), source_from_message(message.image)
            if isinstance(source, bytes):
                with places.reserved() as place:
                    await intake.read(spec, source, "t", place)

        sys.stdout.write(f"{','.join(requests)}\n")
        sys.stdout.flush()
        while line := await asyncio.to_thread(sys.stdin.readline):
            start = time.perf_counter()
            await check(*requests[line.strip()])
            sys.stdout.write(f"{time.perf_counter() - start:.9f}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
