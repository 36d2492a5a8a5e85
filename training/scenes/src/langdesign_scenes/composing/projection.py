"""What a pinhole camera sees of boxes: enough to choose a view and what to change, without a renderer."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..description import Camera, Thing
from .geometry import Solid, front, right, solid

Array = NDArray[np.float64]

Block = tuple[float, float, float, float, float, float]

BLOCKS: Mapping[str, tuple[Block, ...]] = {
    "table": ((0, 1, 0, 1, 0.88, 1),),
    "coffee table": ((0, 1, 0, 1, 0.8, 1),),
    "desk": ((0, 1, 0, 1, 0.85, 1),),
    "chair": ((0.05, 0.95, 0, 1, 0.45, 0.55), (0.05, 0.95, 0.85, 1, 0.5, 1)),
    "stool": ((0, 1, 0, 1, 0.8, 1),),
    "bench": ((0, 1, 0, 1, 0.75, 1),),
    "lamp": ((0, 1, 0, 1, 0.75, 1), (0.45, 0.55, 0.45, 0.55, 0, 0.75)),
    "table lamp": ((0, 1, 0, 1, 0.5, 1), (0.3, 0.7, 0.3, 0.7, 0, 0.5)),
    "pendant": ((0, 1, 0, 1, 0, 0.4),),
    "plant": ((0.25, 0.75, 0.25, 0.75, 0, 0.3), (0.1, 0.9, 0.1, 0.9, 0.3, 1)),
    "vase": ((0.15, 0.85, 0.15, 0.85, 0, 0.8),),
    "armchair": ((0, 1, 0, 1, 0.05, 0.55), (0, 1, 0.7, 1, 0.5, 1)),
    "sofa": ((0, 1, 0, 1, 0.05, 0.6), (0, 1, 0.7, 1, 0.5, 1)),
    "bed": ((0, 1, 0, 1, 0.05, 0.5), (0, 1, 0.93, 1, 0.5, 1)),
    "curtain": ((0, 0.3, 0, 1, 0, 1), (0.7, 1, 0, 1, 0, 1)),
}
"""Which parts of its box an object roughly fills, as shares of width (left to right), depth (front to back)
and height (bottom to top); kinds that are missing fill it."""


@dataclass(frozen=True)
class Sight:
    """How a thing shows in a picture."""

    share: float  # of the picture
    clear: float  # share of itself, within the frame, that nothing else hides
    framed: float  # share of the corners of its box that lie within the frame


@functools.lru_cache(maxsize=64)
def axes(camera: Camera) -> tuple[Array, Array, Array]:
    """Return the camera's unit vectors to the right, up and forward."""
    forward = np.subtract(camera.target, camera.position)
    forward = forward / np.linalg.norm(forward)
    across = np.cross(forward, (0.0, 0.0, 1.0))
    across = across / np.linalg.norm(across)
    return across, np.cross(across, forward), forward


def project(camera: Camera, points: Array) -> Array:
    """Project points [N, 3] in metres.

    Returns:
        [N, 3]: from the left and from the top of the picture, 0..1 within it, and the depth in metres; where
        the depth is not positive, a point lies behind the camera and its place means nothing.

    """
    across, up, forward = axes(camera)
    rays = points - np.array(camera.position)
    depth = rays @ forward
    reach = 2 * math.tan(math.radians(camera.fov) / 2) * np.where(abs(depth) < 1e-6, 1e-6, depth)
    return np.column_stack([0.5 + rays @ across / reach, 0.5 - rays @ up / reach, depth])


def rays(camera: Camera, side: int) -> Array:
    """Return the directions through side x side pixels, row by row, [side * side, 3], of depth 1."""
    across, up, forward = axes(camera)
    reach = math.tan(math.radians(camera.fov) / 2)
    steps = ((np.arange(side) + 0.5) / side * 2 - 1) * reach
    v, u = np.meshgrid(-steps, steps, indexing="ij")
    return forward + u.reshape(-1, 1) * across + v.reshape(-1, 1) * up


def blocks(thing: Thing) -> list[Solid]:
    """Return the boxes that a thing roughly fills."""
    whole = solid(thing)
    return [_part(whole, block) for block in BLOCKS.get(thing.kind, ((0, 1, 0, 1, 0, 1),))]


def _part(whole: Solid, block: Block) -> Solid:
    low, high = np.array(block[0::2]), np.array(block[1::2])
    size = np.array(whole.size) * (high - low)
    offset = ((low + high) / 2 - 0.5) * np.array(whole.size)
    flat = offset[0] * np.array(right(whole.yaw)) - offset[1] * np.array(front(whole.yaw))
    centre = np.array(whole.centre) + np.array([flat[0], flat[1], offset[2]])
    return Solid((centre[0], centre[1], centre[2]), (size[0], size[1], size[2]), whole.yaw)


def hit(box: Solid, origin: Array, directions: Array) -> Array:
    """Return how far along each ray [N, 3] a box begins, [N], infinite where it is missed (slab method)."""
    turn = np.array([[*right(box.yaw), 0.0], [*(-np.array(front(box.yaw))), 0.0], [0.0, 0.0, 1.0]])
    start = turn @ (origin - np.array(box.centre))
    ahead = turn @ directions.T
    ahead = np.where(abs(ahead) < 1e-9, 1e-9, ahead)
    half = np.array(box.size) / 2
    one, two = (-half - start)[:, None] / ahead, (half - start)[:, None] / ahead
    near, far = np.minimum(one, two), np.maximum(one, two)
    enter = np.maximum(np.maximum(near[0], near[1]), near[2])
    leave = np.minimum(np.minimum(far[0], far[1]), far[2])
    return np.where((leave >= enter) & (enter > 0), enter, np.inf)


def sights(things: Sequence[Thing], camera: Camera, side: int = 40) -> dict[str, Sight]:
    """Return by id how each thing shows, estimated from its boxes on side x side rays."""
    if not things:
        return {}
    origin, directions = np.array(camera.position), rays(camera, side)
    depths = np.stack([_nearest(blocks(thing), origin, directions) for thing in things])
    first = np.where(np.isfinite(depths.min(axis=0)), depths.argmin(axis=0), -1)
    return {
        thing.id: _sight(camera, thing, first == place, np.isfinite(depths[place]))
        for place, thing in enumerate(things)
    }


def _nearest(boxes: Sequence[Solid], origin: Array, directions: Array) -> Array:
    nearest: Array = np.min([hit(box, origin, directions) for box in boxes], axis=0)
    return nearest


def _sight(camera: Camera, thing: Thing, shown: NDArray[np.bool_], whole: NDArray[np.bool_]) -> Sight:
    spots = project(camera, solid(thing).corners())
    framed = (spots[:, 2] > 0) & (abs(spots[:, :2] - 0.5) <= 0.5).all(axis=1)
    return Sight(
        share=float(shown.mean()),
        clear=float(shown.sum() / max(1, whole.sum())),
        framed=float(framed.mean()),
    )
