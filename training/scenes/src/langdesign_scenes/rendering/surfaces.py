"""Triangles in the world with a look: what a picture is traced from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..description import Scene, Thing
from ..parts import Part
from .looks import Look, part_look

Floats = NDArray[np.float32]
Faces = NDArray[np.int32]
Build = Callable[[str, int], Sequence[Part]]
"""Makes the parts of an object class in a style."""


@dataclass(frozen=True, eq=False)
class Surface:
    """One mesh in the world."""

    id: str  # of what it shows; "" for nothing that has a name
    vertices: Floats  # [V, 3], metres
    faces: Faces  # [F, 3]
    normals: Floats | None  # [V, 3]; None: flat faces
    uv: Floats  # [V, 2], metres
    look: Look


@dataclass(frozen=True, eq=False)
class _Mesh:
    """The parts of one role, in the object's frame, each face with vertices of its own."""

    role: str
    vertices: Floats
    normals: Floats
    uv: Floats


def thing_surfaces(scene: Scene, build: Build) -> list[Surface]:
    """Return the surfaces of all things of a scene."""
    return [surface for thing in scene.things for surface in _thing(thing, scene, build)]


def _thing(thing: Thing, scene: Scene, build: Build) -> list[Surface]:
    turn = _rotation(thing.yaw)
    surfaces = []
    for mesh in _meshes(build, thing.kind, thing.style, thing.scale):
        vertices = mesh.vertices @ turn.T + np.asarray(thing.position, dtype=np.float32)
        look = part_look(mesh.role, thing.kind, thing.style, thing.finish, scene.light.lamps)
        faces = np.arange(len(vertices), dtype=np.int32).reshape(-1, 3)
        surfaces.append(Surface(thing.id, vertices, faces, mesh.normals @ turn.T, mesh.uv, look))
    return surfaces


def _rotation(yaw: float) -> Floats:
    cosine, sine = math.cos(math.radians(yaw)), math.sin(math.radians(yaw))
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]], dtype=np.float32)


@lru_cache(maxsize=256)
def _meshes(build: Build, kind: str, style: int, scale: float) -> tuple[_Mesh, ...]:
    """Return one mesh for each role of an object; the states of a family share most of their objects."""
    roles: dict[str, list[_Mesh]] = {}
    for part in build(kind, style):
        roles.setdefault(part.role, []).append(_spread(part, scale))
    return tuple(
        _Mesh(
            role,
            np.concatenate([one.vertices for one in meshes]),
            np.concatenate([one.normals for one in meshes]),
            np.concatenate([one.uv for one in meshes]),
        )
        for role, meshes in roles.items()
    )


def _spread(part: Part, scale: float) -> _Mesh:
    vertices = part.vertices * np.float32(scale)
    corners = vertices[part.faces]
    flat = _face_normals(corners)
    normals = np.repeat(flat, 3, axis=0)
    if part.smooth:
        normals = _smooth_normals(vertices, part.faces, corners)[part.faces].reshape(-1, 3)
    if part.role == "art":
        uv = _fitted(corners)
    elif part.uv is None:
        uv = box_uv(corners, flat)
    else:
        uv = (part.uv * np.float32(scale))[part.faces]
    return _Mesh(part.role, corners.reshape(-1, 3), normals, uv.reshape(-1, 2))


def _face_normals(corners: Floats) -> Floats:
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return _unit(cross)


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32(1e-12))
    return unit


def _smooth_normals(vertices: Floats, faces: Faces, corners: Floats) -> Floats:
    """Return normals of vertices, each face weighted by its area."""
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(total, faces[:, corner], cross)
    return _unit(total)


def box_uv(corners: Floats, normals: Floats) -> Floats:
    """Project each face along the axis that it faces most; u runs along the longer side of the whole.

    Args:
        corners: [F, 3, 3], metres.
        normals: [F, 3].

    Returns:
        [F, 3, 2], metres.

    """
    length = np.ptp(corners.reshape(-1, 3), axis=0)
    uv = np.empty((*corners.shape[:2], 2), dtype=np.float32)
    facing = np.argmax(np.abs(normals), axis=1)
    for axis in range(3):
        along, across = sorted((other for other in range(3) if other != axis), key=lambda k: -length[k])
        uv[facing == axis] = corners[facing == axis][..., [along, across]]
    return uv


def _fitted(corners: Floats) -> Floats:
    """Stretch one repetition of a texture over the whole front."""
    front = corners[..., [0, 2]]
    low, span = front.min(axis=(0, 1)), np.ptp(front, axis=(0, 1))
    fitted: Floats = (front - low) / np.maximum(span, np.float32(1e-6))
    return fitted


def rectangle(
    id_: str, origin: Sequence[float], side: Sequence[float], other: Sequence[float], look: Look
) -> Surface:
    """Return a parallelogram whose normal is `side` x `other`; its uv start at the origin, in metres."""
    start, first, second = (np.asarray(v, dtype=np.float32) for v in (origin, side, other))
    vertices = np.stack([start, start + first, start + first + second, start + second])
    width, height = float(np.linalg.norm(first)), float(np.linalg.norm(second))
    uv = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    return Surface(id_, vertices, np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32), None, uv, look)


def box(id_: str, low: Sequence[float], high: Sequence[float], look: Look) -> Surface:
    """Return an upright box between two corners, normals outwards."""
    x0, y0, z0 = low
    x, y, z = (top - bottom for bottom, top in zip(low, high, strict=True))
    across, along, up = (x, 0.0, 0.0), (0.0, y, 0.0), (0.0, 0.0, z)
    sides = [
        rectangle(id_, (x0, y0, z0), along, across, look),
        rectangle(id_, (x0, y0, z0 + z), across, along, look),
        rectangle(id_, (x0, y0, z0), across, up, look),
        rectangle(id_, (x0, y0 + y, z0), up, across, look),
        rectangle(id_, (x0, y0, z0), up, along, look),
        rectangle(id_, (x0 + x, y0, z0), along, up, look),
    ]
    return joined(sides)


def joined(surfaces: Sequence[Surface]) -> Surface:
    """Join surfaces of one look and id into one mesh; flat ones stay flat."""
    starts = np.cumsum([0, *(len(one.vertices) for one in surfaces)])
    faces = [one.faces + np.int32(start) for one, start in zip(surfaces, starts, strict=False)]
    return replace(
        surfaces[0],
        vertices=np.concatenate([one.vertices for one in surfaces]),
        faces=np.concatenate(faces),
        uv=np.concatenate([one.uv for one in surfaces]),
    )
