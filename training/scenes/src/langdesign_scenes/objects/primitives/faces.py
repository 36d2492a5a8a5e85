"""Faces over regular arrangements of points."""

from __future__ import annotations

import numpy as np

from ..mesh import Indices


def quads(corners: Indices) -> Indices:
    """Return two triangles of each row of four corners."""
    return np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]])


def strip_faces(rows: int, around: int) -> Indices:
    """Return the faces of a tube: rings of `around` points each, counter-clockwise about its axis."""
    low = np.arange((rows - 1) * around).reshape(rows - 1, around)
    after = np.roll(low, -1, axis=1)
    return quads(np.stack([low, after, after + around, low + around], axis=-1).reshape(-1, 4))


def grid_faces(rows: int, columns: int) -> Indices:
    """Return the faces of a grid of points; the outside is where columns turn left from rows."""
    index = np.arange(rows * columns).reshape(rows, columns)
    cells = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], axis=-1)
    return quads(cells.reshape(-1, 4))
