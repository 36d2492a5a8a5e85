"""Triangle meshes while an object is put together, and the assembly that collects them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..parts import Part, Role

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Point = tuple[float, float, float]
Axis = Literal["x", "y", "z"]

ORIGIN: Point = (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Mesh:
    """Vertices are shared where the surface is smooth; at a hard edge each face has its own."""

    vertices: Array  # [V, 3], metres
    faces: Indices  # [F, 3], counter-clockwise seen from outside
    uv: Array | None = None  # [V, 2], metres along the surface

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Mesh:
        """Shift by metres."""
        return Mesh(self.vertices + np.array((x, y, z)), self.faces, self.uv)

    def scaled(self, x: float = 1.0, y: float = 1.0, z: float = 1.0) -> Mesh:
        """Scale about the origin; negative factors mirror, and the outside stays outside."""
        faces = self.faces[:, ::-1] if x * y * z < 0 else self.faces
        return Mesh(self.vertices * (x, y, z), faces, self.uv)

    def turned(self, axis: Axis, degrees: float) -> Mesh:
        """Turn about an axis through the origin, counter-clockwise seen from its tip."""
        angle = np.deg2rad(degrees)
        cos, sin = np.cos(angle), np.sin(angle)
        first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        vertices = self.vertices.copy()
        vertices[:, first] = cos * self.vertices[:, first] - sin * self.vertices[:, second]
        vertices[:, second] = sin * self.vertices[:, first] + cos * self.vertices[:, second]
        return Mesh(vertices, self.faces, self.uv)

    def flat_uv(self, across: int = 0, along: int = 1) -> Mesh:
        """Take two coordinates of the vertices as uv: what suits a surface that lies flat."""
        return Mesh(self.vertices, self.faces, self.vertices[:, [across, along]])


def join(meshes: Sequence[Mesh]) -> Mesh:
    """Make one mesh of many; it has uv where all of them have."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    uvs = [mesh.uv for mesh in meshes if mesh.uv is not None]
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)]),
        np.concatenate(uvs) if len(uvs) == len(meshes) else None,
    )


@dataclass
class Assembly:
    """What an object is put together from, and where others may stand on it."""

    meshes: dict[tuple[Role, bool], list[Mesh]] = field(default_factory=dict)
    top: Point | None = None  # width and depth of the area that carries others, and its height

    def add(self, role: Role, *meshes: Mesh | Iterable[Mesh]) -> None:
        """Put in meshes of one finish."""
        for item in meshes:
            for mesh in (item,) if isinstance(item, Mesh) else item:
                self.meshes.setdefault((role, mesh.uv is not None), []).append(mesh)

    def bounds(self) -> tuple[Array, Array]:
        """Return the least and the greatest corner of the whole."""
        points = [mesh.vertices for meshes in self.meshes.values() for mesh in meshes]
        return np.min([p.min(axis=0) for p in points], axis=0), np.max(
            [p.max(axis=0) for p in points], axis=0
        )

    def parts(self, shift: Array) -> tuple[Part, ...]:
        """Return one part of each finish, moved by `shift`."""
        return tuple(_part(join(meshes), role, shift) for (role, _), meshes in self.meshes.items() if meshes)


def _part(mesh: Mesh, role: Role, shift: Array) -> Part:
    arrays = (
        (mesh.vertices + shift).astype(np.float32),
        mesh.faces.astype(np.int32),
        None if mesh.uv is None else mesh.uv.astype(np.float32),
    )
    for array in arrays:
        if array is not None:
            array.flags.writeable = False
    vertices, faces, uv = arrays
    return Part(vertices, faces, role, smooth=True, uv=uv)
