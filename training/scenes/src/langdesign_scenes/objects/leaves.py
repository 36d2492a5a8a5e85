"""Leaf blades."""

from __future__ import annotations

import numpy as np

from .mesh import Array, Mesh, Point
from .primitives import grid_faces


def blade(outline: Array, length: float, width: float, droop: float, fold: float) -> Mesh:
    """Return a leaf along +x, its face up: `outline` is the half width at even steps, 0..1."""
    t = np.linspace(0, 1, len(outline))
    angle = droop * t
    step = length / (len(outline) - 1)
    x = np.concatenate([[0], np.cumsum(step * np.cos(angle[1:]))])
    z = -np.concatenate([[0], np.cumsum(step * np.sin(angle[1:]))])
    side = np.array((-1.0, 0.0, 1.0))
    y = outline[:, None] * side * width / 2
    lift = fold * np.abs(y)
    points = np.stack([np.broadcast_to(x[:, None], y.shape), y, z[:, None] + lift], axis=-1)
    return Mesh(points.reshape(-1, 3), grid_faces(len(outline), 3))


FIDDLE = np.array((0.08, 0.55, 0.62, 0.7, 1.0, 0.92, 0.05))
OVAL = np.array((0.06, 0.7, 1.0, 0.9, 0.5, 0.04))
SWORD = np.array((0.7, 0.85, 1.0, 1.0, 0.85, 0.5, 0.05))


def placed(leaf: Mesh, at: Point, heading: float, rise: float) -> Mesh:
    """Raise a leaf by degrees, turn it to its heading and put its foot at `at`."""
    (cos, sin), (up, out) = (_cos_sin(heading), _cos_sin(rise))
    turn = np.array(((cos * up, -sin, -cos * out), (sin * up, cos, -sin * out), (out, 0.0, up)))
    return Mesh(leaf.vertices @ turn.T + at, leaf.faces)


def _cos_sin(degrees: float) -> tuple[float, float]:
    angle = np.deg2rad(degrees)
    return float(np.cos(angle)), float(np.sin(angle))
