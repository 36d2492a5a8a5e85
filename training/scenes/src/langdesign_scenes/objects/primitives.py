"""Solids that furniture is made of. Lengths are metres; `at` is the middle of a solid's bottom."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence

import numpy as np

from .mesh import Array, Indices, Mesh, Point, join

_ORIGIN = (0.0, 0.0, 0.0)
_HARD = np.cos(np.deg2rad(38.0))  # a profile that turns more has an edge there


def _quads(corners: Indices) -> Indices:
    """Two triangles of each row of four corners."""
    return np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]])


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


def box(size: Point, at: Point = _ORIGIN, bevel: float = 0.006) -> Mesh:
    """A box with chamfered edges."""
    signs, drawn_in, faces = _box_template()
    half = np.array(size) / 2
    bevel = min(bevel, 0.45 * float(half.min()) * 2)
    return Mesh(signs * (half - bevel * drawn_in) + at + (0.0, 0.0, half[2]), faces)


def block(size: Point, at: Point = _ORIGIN) -> Mesh:
    """A box with sharp edges, for what is too small for a chamfer to show."""
    signs, _, faces = _box_template()
    used = faces[:12]
    half = np.array(size) / 2
    return Mesh(signs[:24] * half + at + (0.0, 0.0, half[2]), used)


@functools.cache
def _cube_grid(lines: int, charts: bool) -> tuple[Indices, Indices, Indices]:
    """Grid steps [V, 3] on a cube's surface, faces, and each vertex's chart.

    Charts: 0 front and top, 1 back and bottom, 2 left, 3 right; one chart of all unless `charts`.
    """
    last = lines - 1
    steps, faces, chart_of = [], [], []
    names = {(1, 0): 0, (2, 1): 0, (1, 1): 1, (2, 0): 1, (0, 0): 2, (0, 1): 3}
    i, j = np.meshgrid(np.arange(lines), np.arange(lines), indexing="ij")
    cells = np.arange(lines * lines).reshape(lines, lines)
    quads = np.stack([cells[:-1, :-1], cells[1:, :-1], cells[1:, 1:], cells[:-1, 1:]], axis=-1).reshape(-1, 4)
    for number, ((axis, side), chart) in enumerate(names.items()):
        grid = np.empty((lines * lines, 3), dtype=int)
        grid[:, axis] = side * last
        grid[:, (axis + 1) % 3], grid[:, (axis + 2) % 3] = i.ravel(), j.ravel()
        steps.append(grid)
        faces.append(_quads(quads if side else quads[:, ::-1]) + number * lines * lines)
        chart_of.append(np.full(lines * lines, chart if charts else 0))
    keys = np.column_stack([np.concatenate(chart_of), np.concatenate(steps)])
    unique, inverse = np.unique(keys, axis=0, return_inverse=True)
    return unique[:, 1:], inverse.reshape(-1)[np.concatenate(faces)], unique[:, 0]


def cushion(
    size: Point,
    at: Point = _ORIGIN,
    radius: float = 0.04,
    puff: Point = _ORIGIN,
    uv: bool = False,
) -> Mesh:
    """A box with round edges whose faces swell by `puff` along x, y and z.

    With `uv`, stripes run on from the front over the top; the sides have their own.
    """
    half = np.array(size) / 2
    radius = min(radius, float(half.min()) * 0.98)
    bend = radius * (1 - np.tan(np.deg2rad((45.0, 22.5, 0.0))))
    grid, faces, charts = _cube_grid(7, uv)
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


def lathe(
    profile: Sequence[tuple[float, float]],
    at: Point = _ORIGIN,
    segments: int = 24,
    power: float = 2.0,
    size: tuple[float, float] = (1.0, 1.0),
) -> Mesh:
    """Turn a profile of (radius, height) about z: upward on the outside, downward on the inside.

    `power` above 2 makes the rings rounded squares (superellipses); `size` stretches them along x and y.
    """
    radii, heights, upper = _split_profile(np.array(profile, dtype=float))
    angles = np.linspace(0, 2 * np.pi, segments, endpoint=False) + np.pi / segments
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    ring = np.sign(ring) * np.abs(ring) ** (2 / power) * size
    vertices = np.concatenate(
        [np.append(ring * r, np.full((segments, 1), z), 1) for r, z in zip(radii, heights)]
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
    return Mesh(vertices + at, np.concatenate(faces))


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
    at: Point = _ORIGIN,
    bevel: float = 0.004,
    top: float | None = None,
    segments: int = 24,
) -> Mesh:
    """A cylinder, or a cone frustum with another radius at the `top`, with chamfered rims."""
    upper = radius if top is None else top
    bevel = min(bevel, 0.4 * height, 0.4 * min(radius, upper))
    profile = [(0, 0), (radius - bevel, 0), (radius, bevel), (upper, height - bevel), (upper - bevel, height)]
    return lathe([*profile, (0, height)], at, segments)


def ellipsoid(size: Point, at: Point = _ORIGIN, segments: int = 16) -> Mesh:
    """An ellipsoid of these outer measures."""
    turn = np.linspace(-np.pi / 2, np.pi / 2, segments // 2 + 1)
    profile = [(float(np.cos(a)), float(np.sin(a)) + 1) for a in turn]
    profile[0], profile[-1] = (0.0, 0.0), (0.0, 2.0)
    x, y, z = (s / 2 for s in size)
    return lathe(profile, segments=segments).scaled(x, y, z).moved(*at)


def tube(points: Sequence[Point] | Array, radius: float | Sequence[float], sides: int = 8) -> Mesh:
    """A round bar along a line of points, with one radius or one at each; its ends are flat."""
    path = np.asarray(points, dtype=float)
    radii = np.broadcast_to(np.asarray(radius, dtype=float), (len(path),))
    tangents = np.gradient(path, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    side = _transported(tangents)
    angles = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    up = np.cross(tangents, side)
    round_ = np.cos(angles)[None, :, None] * side[:, None] + np.sin(angles)[None, :, None] * up[:, None]
    rings = path[:, None] + radii[:, None, None] * round_
    body = _strip_faces(len(path), sides)
    fan = np.array([(0, i, i + 1) for i in range(1, sides - 1)])
    count = rings.shape[0] * sides
    vertices = np.concatenate([rings.reshape(-1, 3), rings[0], rings[-1]])
    return Mesh(vertices, np.concatenate([body, fan[:, ::-1] + count, fan + count + sides]))


def _transported(tangents: Array) -> Array:
    """Unit vectors across a curve that turn as little as they can along it."""
    start = np.eye(3)[np.argmin(np.abs(tangents[0]))]
    sides = []
    for tangent in tangents:
        start = start - tangent * (start @ tangent)
        start = start / np.linalg.norm(start)
        sides.append(start)
    return np.array(sides)


def _strip_faces(rows: int, around: int) -> Indices:
    low = np.arange((rows - 1) * around).reshape(rows - 1, around)
    after = np.roll(low, -1, axis=1)
    return _quads(np.stack([low, after, after + around, low + around], axis=-1).reshape(-1, 4))


def grid_faces(rows: int, columns: int) -> Indices:
    """Faces of a grid of points; the outside is where columns turn left from rows."""
    index = np.arange(rows * columns).reshape(rows, columns)
    cells = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], axis=-1)
    return _quads(cells.reshape(-1, 4))


def sheet(points: Array, uv: Array | None = None) -> Mesh:
    """An open surface through a grid of points [rows, columns, 3] with uv [rows, columns, 2]."""
    rows, columns, _ = points.shape
    return Mesh(points.reshape(-1, 3), grid_faces(rows, columns), None if uv is None else uv.reshape(-1, 2))


def shell(points: Array, thickness: float, uv: Array | None = None) -> Mesh:
    """A closed plate whose outside is a grid of points [rows, columns, 3]."""
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
    wall = _quads(np.column_stack([ring, ring + len(rim), follow + len(rim), follow])) + 2 * count
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


def prism(outline: Array, height: float, at: Point = _ORIGIN, bevel: float = 0.006) -> Mesh:
    """A plate over a star-shaped outline [N, 2], counter-clockwise, with chamfered rims."""
    bevel = min(bevel, 0.4 * height)
    middle = outline.mean(axis=0)
    reach = np.linalg.norm(outline - middle, axis=1, keepdims=True)
    drawn = middle + (outline - middle) * (1 - bevel / np.maximum(reach, bevel * 1.01))
    levels = [(drawn, 0.0), (outline, bevel), (outline, height - bevel), (drawn, height)]
    count = len(outline)
    rings = [np.column_stack([ring, np.full(count, z)]) for ring, z in levels]
    bands = [Mesh(np.concatenate([a, b]), _strip_faces(2, count)) for a, b in itertools.pairwise(rings)]
    around = np.arange(count)
    fan = np.column_stack([np.full(count, count), around, (around + 1) % count])
    bottom = Mesh(np.concatenate([rings[0], [[*middle, 0.0]]]), fan[:, ::-1])
    lid = Mesh(np.concatenate([rings[-1], [[*middle, height]]]), fan)
    return join([*bands, bottom, lid]).moved(*at)
