"""Solids of revolution and round bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..mesh import ORIGIN, Array, Mesh, Point
from .faces import strip_faces

_HARD = np.cos(np.deg2rad(38.0))  # a profile that turns more has an edge there


def lathe(
    profile: Sequence[tuple[float, float]],
    at: Point = ORIGIN,
    segments: int = 24,
    power: float = 2.0,
    size: tuple[float, float] = (1.0, 1.0),
) -> Mesh:
    """Return a profile of (radius, height) turned about z: upward on the outside, downward on the inside.

    `power` above 2 makes the rings rounded squares (superellipses); `size` stretches them along x and y.
    """
    radii, heights, upper = _split_profile(np.array(profile, dtype=float))
    angles = np.linspace(0, 2 * np.pi, segments, endpoint=False) + np.pi / segments
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    ring = np.sign(ring) * np.abs(ring) ** (2 / power) * size
    vertices = np.concatenate(
        [np.append(ring * r, np.full((segments, 1), z), 1) for r, z in zip(radii, heights, strict=True)]
    )
    around = np.arange(segments)
    faces = []
    for row in upper:
        low, high = row * segments, (row + 1) * segments
        after = (around + 1) % segments
        if radii[row] > 0:
            faces.append(np.column_stack([low + around, low + after, high + after]))
        if radii[row + 1] > 0:
            faces.append(np.column_stack([low + around, high + after, high + around]))
    used, faces_of_used = np.unique(
        np.concatenate(faces), return_inverse=True
    )  # none between two points on the axis
    return Mesh((vertices + at)[used], faces_of_used.reshape(-1, 3))


def _split_profile(profile: Array) -> tuple[Array, Array, list[int]]:
    """Double the points at hard edges; return radii, heights and the rows that join to the next."""
    legs = np.diff(profile, axis=0)
    legs /= np.maximum(np.linalg.norm(legs, axis=1, keepdims=True), 1e-9)
    hard = [False, *((legs[1:] * legs[:-1]).sum(axis=1) < _HARD), False]
    rows, joins = [], []
    for index, point in enumerate(profile):
        rows.append(point)
        if hard[index]:
            rows.append(point)
        if index + 1 < len(profile):
            joins.append(len(rows) - 1)
    radii, heights = np.array(rows).T
    return radii, heights, joins


def cylinder(
    radius: float,
    height: float,
    at: Point = ORIGIN,
    bevel: float = 0.004,
    top: float | None = None,
    segments: int = 24,
) -> Mesh:
    """Return a cylinder, or a cone frustum with another radius at the `top`, with chamfered rims."""
    upper = radius if top is None else top
    bevel = min(bevel, 0.4 * height, 0.4 * min(radius, upper))
    profile = [(0, 0), (radius - bevel, 0), (radius, bevel), (upper, height - bevel), (upper - bevel, height)]
    return lathe([*profile, (0, height)], at, segments)


def ellipsoid(size: Point, at: Point = ORIGIN, segments: int = 16) -> Mesh:
    """Return an ellipsoid of these outer measures."""
    turn = np.linspace(-np.pi / 2, np.pi / 2, segments // 2 + 1)
    profile = [(float(np.cos(a)), float(np.sin(a)) + 1) for a in turn]
    profile[0], profile[-1] = (0.0, 0.0), (0.0, 2.0)
    x, y, z = (s / 2 for s in size)
    return lathe(profile, segments=segments).scaled(x, y, z).moved(*at)


def tube(points: Sequence[Point | Array] | Array, radius: float | Sequence[float], sides: int = 8) -> Mesh:
    """Return a round bar along a line of points, with one radius or one at each; its ends are flat."""
    path = np.asarray(points, dtype=float)
    radii = np.broadcast_to(np.asarray(radius, dtype=float), (len(path),))
    tangents = np.gradient(path, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    side = _transported(tangents)
    angles = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    up = np.cross(tangents, side)
    round_ = np.cos(angles)[None, :, None] * side[:, None] + np.sin(angles)[None, :, None] * up[:, None]
    rings = path[:, None] + radii[:, None, None] * round_
    body = strip_faces(len(path), sides)
    fan = np.array([(0, i, i + 1) for i in range(1, sides - 1)])
    count = rings.shape[0] * sides
    vertices = np.concatenate([rings.reshape(-1, 3), rings[0], rings[-1]])
    return Mesh(vertices, np.concatenate([body, fan[:, ::-1] + count, fan + count + sides]))


def _transported(tangents: Array) -> Array:
    """Return unit vectors across a curve that turn as little as they can along it."""
    start = np.eye(3)[np.argmin(np.abs(tangents[0]))]
    sides = []
    for tangent in tangents:
        start = start - tangent * (start @ tangent)
        start = start / np.linalg.norm(start)
        sides.append(start)
    return np.array(sides)
