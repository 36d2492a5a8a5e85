"""Boxes: chamfered, sharp, and soft."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence

import numpy as np

from ..mesh import ORIGIN, Array, Indices, Mesh, Point
from .faces import grid_faces


@functools.cache
def _box_template() -> tuple[Array, Array, Indices]:
    """Signs [96, 3] of a chamfered box's vertices, which coordinates draw in [96, 3], and faces [44, 3]."""
    points: list[tuple[tuple[int, ...], int]] = []  # corner signs, and the axis whose face it lies on
    faces: list[tuple[int, int, int]] = []

    def face(ring: Sequence[tuple[tuple[int, ...], int]]) -> None:
        where = np.array(
            [[s * (1.0 if a == axis else 0.8) for a, s in enumerate(sign)] for sign, axis in ring]
        )
        outward = np.cross(where[1] - where[0], where[2] - where[0]) @ where.sum(axis=0) > 0
        start = len(points)
        points.extend(ring if outward else ring[::-1])
        faces.extend((start, start + i, start + i + 1) for i in range(1, len(ring) - 1))

    for axis, sign in itertools.product(range(3), (-1, 1)):
        ring = [(-1, -1), (-1, 1), (1, 1), (1, -1)]
        face([(tuple(np.insert(pair, axis, sign)), axis) for pair in ring])
    for axis, pair in itertools.product(range(3), itertools.product((-1, 1), repeat=2)):
        low, high = (tuple(np.insert(pair, axis, end)) for end in (-1, 1))
        first, second = (a for a in range(3) if a != axis)
        face([(low, first), (high, first), (high, second), (low, second)])
    for corner in itertools.product((-1, 1), repeat=3):
        face([(corner, axis) for axis in range(3)])
    signs = np.array([sign for sign, _ in points], dtype=float)
    drawn_in = np.array([[a != axis for a in range(3)] for _, axis in points], dtype=float)
    return signs, drawn_in, np.array(faces)


def box(size: Point, at: Point = ORIGIN, bevel: float = 0.006) -> Mesh:
    """Return a box with chamfered edges."""
    signs, drawn_in, faces = _box_template()
    half = np.array(size) / 2
    bevel = min(bevel, 0.9 * float(half.min()))
    return Mesh(signs * (half - bevel * drawn_in) + at + np.array((0.0, 0.0, half[2])), faces)


def block(size: Point, at: Point = ORIGIN) -> Mesh:
    """Return a box with sharp edges, for what is too small for a chamfer to show."""
    signs, _, faces = _box_template()
    half = np.array(size) / 2
    return Mesh(signs[:24] * half + at + np.array((0.0, 0.0, half[2])), faces[:12])


@functools.cache
def _cube_grid(lines: int, charts: bool) -> tuple[Indices, Indices, Indices]:
    """Grid steps [V, 3] on a cube's surface, faces, and each vertex's chart.

    Charts: 0 front and top, 1 back and bottom, 2 left, 3 right; one chart of all unless `charts`.
    """
    last = lines - 1
    steps, faces, chart_of = [], [], []
    names = {(1, 0): 0, (2, 1): 0, (1, 1): 1, (2, 0): 1, (0, 0): 2, (0, 1): 3}
    i, j = np.meshgrid(np.arange(lines), np.arange(lines), indexing="ij")
    side_faces = grid_faces(lines, lines)
    for number, ((axis, side), chart) in enumerate(names.items()):
        grid = np.empty((lines * lines, 3), dtype=int)
        grid[:, axis] = side * last
        grid[:, (axis + 1) % 3], grid[:, (axis + 2) % 3] = i.ravel(), j.ravel()
        steps.append(grid)
        faces.append((side_faces if side else side_faces[:, ::-1]) + number * lines * lines)
        chart_of.append(np.full(lines * lines, chart if charts else 0))
    keys = np.column_stack([np.concatenate(chart_of), np.concatenate(steps)])
    unique, inverse = np.unique(keys, axis=0, return_inverse=True)
    return unique[:, 1:], inverse.reshape(-1)[np.concatenate(faces)], unique[:, 0]


def cushion(
    size: Point,
    at: Point = ORIGIN,
    radius: float = 0.04,
    puff: Point = ORIGIN,
    uv: bool = False,
    fine: bool = True,
) -> Mesh:
    """Return a box with round edges whose faces swell by `puff` along x, y and z.

    With `uv`, stripes run on from the front over the top; the sides have their own. One that is not `fine`,
    for small ones, has bends of one facet.
    """
    half = np.array(size) / 2
    radius = min(radius, float(half.min()) * 0.98)
    angles = (45.0, 22.5, 0.0) if fine else (45.0, 0.0)
    bend = radius * (1 - np.tan(np.deg2rad(angles)))
    grid, faces, charts = _cube_grid(2 * len(bend) + 1, uv)
    lines = [np.concatenate([bend - h, [0.0], h - bend[::-1]]) for h in half]
    flat = np.column_stack([lines[axis][grid[:, axis]] for axis in range(3)])
    core = np.clip(flat, radius - half, half - radius)
    out = flat - core
    vertices = core + radius * out / np.linalg.norm(out, axis=1, keepdims=True)
    ratio = flat / half
    fade = 1 - ratio**2
    for axis in range(3):
        others = fade[:, (axis + 1) % 3] * fade[:, (axis + 2) % 3]
        vertices[:, axis] += puff[axis] * ratio[:, axis] * others
    vertices += at + np.array((0.0, 0.0, half[2]))
    return Mesh(vertices, faces, _wrapped(vertices, charts) if uv else None)


def _wrapped(vertices: Array, charts: Indices) -> Array:
    x, y, z = vertices.T
    side = charts >= 2
    across = np.where(side, np.where(charts == 2, -y, y), x)
    return np.column_stack([across, np.where(side, z, np.where(charts == 0, z + y, -z - y))])
