"""Sheets and plates."""

from __future__ import annotations

import itertools

import numpy as np

from ..mesh import ORIGIN, Array, Mesh, Point, join
from .faces import grid_faces, quads, strip_faces


def sheet(points: Array, uv: Array | None = None) -> Mesh:
    """Return an open surface through a grid of points [rows, columns, 3] with uv [rows, columns, 2]."""
    rows, columns, _ = points.shape
    return Mesh(points.reshape(-1, 3), grid_faces(rows, columns), None if uv is None else uv.reshape(-1, 2))


def shell(points: Array, thickness: float, uv: Array | None = None) -> Mesh:
    """Return a closed plate whose outside is a grid of points [rows, columns, 3]."""
    rows, columns, _ = points.shape
    along, across = np.gradient(points, axis=0), np.gradient(points, axis=1)
    normals = np.cross(along, across)
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-9)
    inner = points - thickness * normals
    front, count = grid_faces(rows, columns), rows * columns
    index = np.arange(count).reshape(rows, columns)
    rim = np.concatenate([index[:-1, 0], index[-1, :-1], index[:0:-1, -1], index[0, :0:-1]])
    edge = np.concatenate([points.reshape(-1, 3)[rim], inner.reshape(-1, 3)[rim]])
    ring = np.arange(len(rim))
    follow = np.roll(ring, -1)
    wall = quads(np.column_stack([ring, ring + len(rim), follow + len(rim), follow])) + 2 * count
    vertices = np.concatenate([points.reshape(-1, 3), inner.reshape(-1, 3), edge])
    faces = np.concatenate([front, front[:, ::-1] + count, wall])
    if uv is None:
        return Mesh(vertices, faces)
    flat = uv.reshape(-1, 2)
    return Mesh(vertices, faces, np.concatenate([flat, flat, flat[rim], flat[rim]]))


def rounded_rectangle(width: float, depth: float, radius: float, steps: int = 5) -> Array:
    """Outline [N, 2] of a rectangle with round corners, counter-clockwise."""
    radius = min(radius, 0.499 * width, 0.499 * depth)
    turn = np.linspace(0, np.pi / 2, steps + 1)
    arc = radius * np.column_stack([np.cos(turn), np.sin(turn)])
    corners = []
    for number, (x, y) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[number]
        centre = (x * (width / 2 - radius), y * (depth / 2 - radius))
        corners.append(arc @ np.array([[cos, sin], [-sin, cos]]) + centre)
    return np.concatenate(corners)


def prism(outline: Array, height: float, at: Point = ORIGIN, bevel: float = 0.006) -> Mesh:
    """Return a plate over a star-shaped outline [N, 2], counter-clockwise, with chamfered rims."""
    bevel = min(bevel, 0.4 * height)
    middle = outline.mean(axis=0)
    reach = np.linalg.norm(outline - middle, axis=1, keepdims=True)
    drawn = middle + (outline - middle) * (1 - bevel / np.maximum(reach, bevel * 1.01))
    levels = [(drawn, 0.0), (outline, bevel), (outline, height - bevel), (drawn, height)]
    count = len(outline)
    rings = [np.column_stack([ring, np.full(count, z)]) for ring, z in levels]
    bands = [Mesh(np.concatenate([a, b]), strip_faces(2, count)) for a, b in itertools.pairwise(rings)]
    around = np.arange(count)
    fan = np.column_stack([np.full(count, count), around, (around + 1) % count])
    bottom = Mesh(np.concatenate([rings[0], [[*middle, 0.0]]]), fan[:, ::-1])
    lid = Mesh(np.concatenate([rings[-1], [[*middle, height]]]), fan)
    return join([*bands, bottom, lid]).moved(*at)


def ring(inner: Array, outer: Array, height: float) -> Mesh:
    """Return a frame between two outlines of as many points, standing on z = 0 up to `height`."""
    bevel = 0.2 * (outer - inner)
    outside = [(outer, 0.0), (outer, height * 0.7), (outer - bevel, height)]
    rings = [(inner, 0.0), *outside, (inner + bevel, height), (inner, height * 0.7), (inner, 0.0)]
    count = len(inner)
    vertices, faces = [], []
    around = np.arange(count)
    after = (around + 1) % count
    for index, ((a, low), (b, high)) in enumerate(itertools.pairwise(rings)):
        start = 2 * count * index
        vertices += [np.column_stack([a, np.full(count, low)]), np.column_stack([b, np.full(count, high)])]
        quad = np.column_stack([around, after, after + count, around + count]) + start
        faces += [quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]]
    return Mesh(np.concatenate(vertices), np.concatenate(faces))
