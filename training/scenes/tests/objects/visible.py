"""What of an object is seen: its parts' shares of the picture, without a renderer."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from langdesign_scenes.parts import Part

_CELLS = 48


def shares(parts: Sequence[Part], azimuth: float = 25.0, elevation: float = 16.0) -> dict[str, float]:
    """Share of each role in an orthographic view: of points on the surfaces, the nearest in each cell."""
    rng = np.random.default_rng(0)
    points, roles = [], []
    for part in parts:
        corners = part.vertices[part.faces].astype(float)
        areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
        chosen = rng.choice(len(areas), 5000, p=areas / areas.sum())
        weights = rng.dirichlet((1, 1, 1), 5000)
        points.append((corners[chosen] * weights[..., None]).sum(axis=1))
        roles += [part.role] * 5000
    seen = _nearest(np.concatenate(points), np.deg2rad(azimuth), np.deg2rad(elevation))
    counts = Counter(np.array(roles)[seen].tolist())
    return {role: count / len(seen) for role, count in counts.items()}


def _nearest(points: np.ndarray, azimuth: float, elevation: float) -> np.ndarray:
    towards = np.array(
        [np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation), np.sin(elevation)]
    )
    right = np.array([np.cos(azimuth), np.sin(azimuth), 0])
    plane = np.column_stack([points @ right, points @ np.cross(towards, right)])
    low, high = plane.min(axis=0), plane.max(axis=0)
    cells = ((plane - low) / (high - low).max() * (_CELLS - 1)).astype(int)
    number = cells[:, 0] * _CELLS + cells[:, 1]
    order = np.lexsort((-(points @ towards), number))
    return order[np.unique(number[order], return_index=True)[1]]
