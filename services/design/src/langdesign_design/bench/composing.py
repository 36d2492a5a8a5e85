"""Measures what composing a deep node costs, beside a shallow one.

Run as ``python -m langdesign_design.bench.composing [128] [512] [photo]``. A chain of edits is made of a
picture in a folder of blobs; then the pictures at some depths are composed in turns, each time by a
composer that has nothing in memory, so that all see the same machine. Times are of the call as a whole:
reading blobs, decoding the root in its process, patches. It also checks that every pixel that no edit
touched is the root's.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from langdesign_edits import Pixels, feathered
from langdesign_media import BlobStore, ImageGuard, encode
from PIL import Image

from ..areas import Area
from ..composing import Composer, ComposingLimits
from ..nodes import Node, NodeState, Result
from ..patches import Patch

_TENANT = "bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A picture, and edits of it."""

    name: str
    width: int  # pixels
    height: int
    jpeg: bool  # how the root is given: as JPEG, or as PNG


CASES = {
    "128": Case(name="128", width=128, height=128, jpeg=False),
    "512": Case(name="512", width=512, height=512, jpeg=False),
    "photo": Case(name="photo", width=4000, height=3000, jpeg=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured of one case.

    Attributes:
        shallow: Median milliseconds at depth 2.
        deep: Likewise, by depth.
        ratios: Median of the pairs' ratios to depth 2, by depth.
        patch_bytes: Median size of a patch.
        keyframe_bytes: Size of the last keyframe.
        untouched: Share of the pixels that no edit touched.

    """

    shallow: float
    deep: dict[int, float]
    ratios: dict[int, float]
    patch_bytes: float
    keyframe_bytes: int
    untouched: float


def room(case: Case, rng: np.random.Generator) -> Pixels:
    """Return a picture with edges, gradients and a camera's noise, uint8 ``[H, W, 3]``."""
    rough = rng.integers(30, 226, (9, 12, 3), np.uint8)
    soft = Image.fromarray(rough).resize((case.width, case.height), Image.Resampling.BICUBIC)
    hard = Image.fromarray(rough).resize((case.width, case.height), Image.Resampling.NEAREST)
    mixed = np.asarray(Image.blend(soft, hard, 0.3)).astype(np.float32)
    mixed += rng.standard_normal(mixed.shape, np.float32) * 2
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


async def chain(composer: Composer, case: Case, depth: int, seed: int) -> tuple[Sequence[Node], Pixels, Area]:
    """Make a root and edits upon edits; return the path, the root's pixels and what was touched."""
    rng = np.random.default_rng(seed)
    data = _root_bytes(room(case, rng), jpeg=case.jpeg)
    path = [_node(None, await composer.root(_TENANT, data))]
    root = (await composer.picture(_TENANT, path)).pixels
    pixels, touched = root.copy(), Area.none((case.height, case.width))
    for _ in range(depth):
        patch = await asyncio.to_thread(_edit, pixels, rng)
        patch.apply(pixels)
        touched = touched.union(patch.touched)
        path.append(_node(path[-1], await composer.add_patch(_TENANT, path, patch)))
    return path, root, touched


async def measure(case: Case, *, depth: int, pairs: int, seed: int) -> Figures:
    """Return what composing costs at depth 2, at a depth, and at the one before, which has the most patches.

    Raises:
        RuntimeError: A pixel that no edit touched is not the root's.

    """
    with tempfile.TemporaryDirectory() as folder:
        async with ImageGuard(workers=1) as guard:
            blobs = BlobStore.open(folder)
            path, root, touched = await chain(Composer(blobs, guard), case, depth, seed)
            cold = Composer(blobs, guard, ComposingLimits(cache_bytes=0))
            _check(root, (await cold.picture(_TENANT, path)).pixels, touched)
            times = await _timed(cold, path, (2, depth - 1, depth), pairs)
            sizes = [len(await blobs.get(_TENANT, node.result.patch)) for node in path[1:] if node.result]
            keyframes = [node.result.keyframe for node in path if node.result and node.result.keyframe]
            last = len(await blobs.get(_TENANT, keyframes[-1]))
    ratios = {
        at: statistics.median(one / two for one, two in zip(times[at], times[2], strict=True)) for at in times
    }
    medians = {at: 1000 * statistics.median(spent) for at, spent in times.items()}
    untouched = 1 - touched.pixels / (case.width * case.height)
    return Figures(
        shallow=medians.pop(2),
        deep=medians,
        ratios={at: ratios[at] for at in medians},
        patch_bytes=statistics.median(sizes),
        keyframe_bytes=last,
        untouched=untouched,
    )


async def _timed(
    composer: Composer, path: Sequence[Node], depths: Sequence[int], pairs: int
) -> dict[int, list[float]]:
    times: dict[int, list[float]] = {depth: [] for depth in depths}
    for _ in range(pairs + 1):  # the first round warms up files and processes, and does not count
        for depth in depths:
            started = time.perf_counter()
            await composer.picture(_TENANT, path[: depth + 1])
            times[depth].append(time.perf_counter() - started)
    return {depth: spent[1:] for depth, spent in times.items()}


def _edit(pixels: Pixels, rng: np.random.Generator) -> Patch:
    """Return an edit that recolours an ellipse of 4 to 25% of a box in the picture's left four fifths."""
    height, width = pixels.shape[:2]
    sides = rng.uniform(0.2, 0.5, 2)
    tall, wide = max(4, round(height * sides[0])), max(4, round(width * 0.8 * sides[1]))
    top, left = int(rng.integers(0, height - tall)), int(rng.integers(0, round(width * 0.8) - wide))
    rows, columns = np.linspace(-1, 1, tall)[:, None], np.linspace(-1, 1, wide)
    mask = np.zeros((height, width), np.bool_)
    mask[top : top + tall, left : left + wide] = rows**2 + columns**2 < 0.8
    weights = feathered(mask, max(1, min(height, width) // 64))
    colour = rng.integers(0, 256, 3).astype(np.float32)
    mixed = pixels + (0.5 * weights)[..., None] * (colour - pixels)
    return Patch.between(pixels, np.rint(mixed).astype(np.uint8), Area.of(weights > 0))


def _check(root: Pixels, pixels: Pixels, touched: Area) -> None:
    outside = ~touched.on_picture()
    if not np.array_equal(root[outside], pixels[outside]):
        raise RuntimeError("a pixel that no edit touched is not the root's")


def _root_bytes(pixels: Pixels, *, jpeg: bool) -> bytes:
    if not jpeg:
        return encode(pixels)
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "JPEG", quality=92)
    return target.getvalue()


_START = Node(
    id="0",
    design="bench",
    state=NodeState.READY,
    depth=0,
    revision=1,
    create_time=datetime.fromtimestamp(0, UTC),
    update_time=datetime.fromtimestamp(0, UTC),
)


def _node(parent: Node | None, result: Result) -> Node:
    if parent is None:
        return replace(_START, result=result)
    return replace(_START, id=str(parent.depth + 1), parent=parent.id, depth=parent.depth + 1, result=result)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table of figures; return 1 where a deep picture cost more than twice a shallow one."""
    parser = argparse.ArgumentParser(description="Measure what composing a deep node costs.")
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], default=list(CASES), help="pictures")
    parser.add_argument("--depth", type=int, default=200, help="edits on the path (default 200)")
    parser.add_argument(
        "--pairs", type=int, default=20, help="times that each depth is composed (default 20)"
    )
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    worst = 0.0
    for name in asked.cases:
        figures = asyncio.run(measure(CASES[name], depth=asked.depth, pairs=asked.pairs, seed=asked.seed))
        worst = max(worst, *figures.ratios.values())
        sys.stdout.write(f"{_row(name, figures)}\n")
    return int(worst > 2)


def _row(name: str, figures: Figures) -> str:
    deep = ", ".join(
        f"{depth}: {spent:.1f} ms ({figures.ratios[depth]:.2f}x)" for depth, spent in figures.deep.items()
    )
    return (
        f"{name}: depth 2: {figures.shallow:.1f} ms, {deep}; patch {figures.patch_bytes / 1000:.0f} kB, "
        f"keyframe {figures.keyframe_bytes / 1000:.0f} kB, {figures.untouched:.0%} of the pixels untouched "
        "and the root's bit for bit"
    )


if __name__ == "__main__":
    sys.exit(main())
