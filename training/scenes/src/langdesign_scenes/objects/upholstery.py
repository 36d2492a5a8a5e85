"""Sofas, armchairs and ottomans: upholstery with uv, so that patterns run over the cushions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from .draws import between, chance, pick
from .legs import legs
from .mesh import Array, Assembly, Mesh
from .primitives import cushion, cylinder, ellipsoid, grid_faces, lathe


@dataclass(frozen=True)
class _Seat:
    """Measures of a sofa or an armchair."""

    width: float
    depth: float
    height: float  # of the back
    seat: float  # height of the seat cushions' top
    leg: float  # height of the legs
    arm: float  # width of an arm
    arm_height: float
    arms: str  # "square", "round", "slope", "none"
    places: int  # seat cushions
    back: str  # "cushions", "tight", "tufted"


def sofa(rng: Generator) -> Assembly:
    """Return a sofa of two or three places."""
    places = pick(rng, 2, 2, 3)
    arms = pick(rng, "square", "square", "round", "slope", "none")
    arm = 0.0 if arms == "none" else between(rng, 0.12, 0.22)
    width = places * between(rng, 0.6, 0.7) + 2 * arm
    seat = _Seat(
        width, between(rng, 0.84, 0.94), between(rng, 0.74, 0.9), between(rng, 0.42, 0.46),
        between(rng, 0.1, 0.17), arm, between(rng, 0.54, 0.64), arms, pick(rng, places, places, 1),
        pick(rng, "cushions", "cushions", "tight", "tufted"),
    )  # fmt: skip
    return _upholstered(rng, seat)


def armchair(rng: Generator) -> Assembly:
    """Return an armchair, square or a rounded tub."""
    if chance(rng, 0.3):
        return _tub(rng)
    arms = pick(rng, "square", "round", "slope", "slope")
    arm = between(rng, 0.1, 0.18)
    seat = _Seat(
        between(rng, 0.52, 0.6) + 2 * arm, between(rng, 0.76, 0.86), between(rng, 0.76, 1.0),
        between(rng, 0.42, 0.46), between(rng, 0.12, 0.2), arm, between(rng, 0.56, 0.64), arms, 1,
        pick(rng, "cushions", "tight", "tufted"),
    )  # fmt: skip
    return _upholstered(rng, seat)


def _upholstered(rng: Generator, s: _Seat) -> Assembly:
    made = Assembly()
    inner = s.width - 2 * s.arm
    thick_back, thick_seat = 0.16, between(rng, 0.14, 0.18)
    base = s.seat - thick_seat
    made.add(
        "main", cushion((s.width - 0.02, s.depth - 0.03, base - s.leg), (0, 0.005, s.leg), 0.03, uv=True)
    )
    rear = s.depth / 2 - thick_back / 2
    tall = s.height - s.leg - 0.02
    made.add("main", cushion((s.width - 0.01, thick_back, tall), (0, rear, s.leg + 0.02), 0.05, uv=True))
    made.add("main", _arms(s))
    _seat_cushions(made, rng, s, inner, base, thick_seat)
    _back(made, rng, s, inner)
    made.add(
        "frame",
        legs(
            pick(rng, "tapered", "splayed", "square", "bun" if s.leg < 0.13 else "turned"),
            s.width - 0.06,
            s.depth - 0.06,
            s.leg + 0.01,
            0.05,
        ),
    )
    if s.width > 1.3:
        _throw_pillows(made, rng, s, inner)
    return made


def _arms(s: _Seat) -> list[Mesh]:
    if s.arms == "none":
        return []
    x = (s.width - s.arm) / 2
    low = s.leg + 0.005
    tall = s.arm_height - low
    if s.arms == "round":
        body = cushion((s.arm * 0.86, s.depth - 0.02, tall - s.arm * 0.4), (0, 0, low), 0.03, uv=True)
        roll = cushion(
            (s.arm * 1.15, s.depth, s.arm * 1.1), (0, -0.005, low + tall - s.arm * 1.1), s.arm * 0.55, uv=True
        )
        pieces = [body, roll]
    else:
        pieces = [
            cushion((s.arm, s.depth, tall), (0, 0, low), min(0.05, s.arm * 0.4), (0, 0, 0.012), uv=True)
        ]
    if s.arms == "slope":
        pieces = [_sloped(piece, s.depth, low, 0.16) for piece in pieces]
    return [piece.moved(side * x) for piece in pieces for side in (-1, 1)]


def _sloped(mesh: Mesh, depth: float, low: float, drop: float) -> Mesh:
    """Lower a mesh's top towards the front."""
    vertices = mesh.vertices.copy()
    above = np.clip(vertices[:, 2] - low, 0, None)
    front = np.clip(0.5 - vertices[:, 1] / depth, 0, 1)
    vertices[:, 2] -= above * front * drop / max(float(above.max()), 1e-6)
    return Mesh(vertices, mesh.faces, mesh.uv)


def _seat_cushions(made: Assembly, rng: Generator, s: _Seat, inner: float, base: float, thick: float) -> None:
    gap = 0.012
    each = (inner - gap * (s.places + 1)) / s.places
    deep = s.depth - 0.15
    for index in range(s.places):
        x = -inner / 2 + gap + each / 2 + index * (each + gap)
        made.add(
            "main",
            cushion(
                (each, deep, thick),
                (x, -s.depth / 2 + deep / 2 - 0.012, base + 0.004),
                0.045,
                (0.004, 0.008, 0.022),
                uv=True,
            ),
        )


def _back(made: Assembly, rng: Generator, s: _Seat, inner: float) -> None:
    front = s.depth / 2 - 0.16
    if s.back == "tight":
        return
    tall = s.height - s.seat + between(rng, 0.0, 0.05)
    if s.back == "tufted":
        _tufts(made, s, inner, front)
        return
    count = max(s.places, 1 if inner < 0.8 else 2)
    each = (inner - 0.012 * (count + 1)) / count
    for index in range(count):
        x = -inner / 2 + 0.012 + each / 2 + index * (each + 0.012)
        pad = cushion((each, 0.17, tall), (0, 0, 0), 0.06, (0.004, 0.03, 0.012), uv=True)
        made.add("main", pad.turned("x", -11).moved(x, front - 0.07, s.seat - 0.005))


def _tufts(made: Assembly, s: _Seat, inner: float, front: float) -> None:
    """Return a back of upholstered squares, puffed, with buttons where they meet."""
    columns, rows = max(2, round(inner / 0.22)), 2
    wide, tall = inner / columns, (s.height - s.seat - 0.02) / rows
    for column in range(columns):
        for row in range(rows):
            x = -inner / 2 + wide * (column + 0.5)
            z = s.seat + row * tall
            made.add(
                "main",
                cushion((wide, 0.1, tall), (x, front - 0.02, z), 0.03, (0, 0.016, 0), uv=True, fine=False),
            )
    xs = [-inner / 2 + wide * column for column in range(1, columns)]
    made.add(
        "cushion", [ellipsoid((0.03, 0.02, 0.03), (x, front - 0.062, s.seat + tall - 0.015), 8) for x in xs]
    )


def _throw_pillows(made: Assembly, rng: Generator, s: _Seat, inner: float) -> None:
    """Loose pillows of a contrasting tone in the corners."""
    sides = pick(rng, (), (-1,), (-1, 1), (-1, 1))
    y = s.depth / 2 - (0.36 if s.back == "cushions" else 0.27)
    for side in sides:
        size = between(rng, 0.36, 0.42)
        pad = cushion((size, 0.1, size), (0, 0, 0), 0.045, (0.0, 0.045, 0.0))
        pad = (
            _pinched(pad, size)
            .turned("y", side * between(rng, 0, 12))
            .turned("x", -22)
            .turned("z", -side * 12)
        )
        made.add("cushion", pad.moved(side * (inner / 2 - size / 2 - 0.03), y, s.seat + 0.012))


def _pinched(mesh: Mesh, size: float) -> Mesh:
    """Draw a pillow's edges in between its corners."""
    vertices = mesh.vertices.copy()
    x, z = vertices[:, 0] / (size / 2), vertices[:, 2] / (size / 2) - 1
    vertices[:, 0] *= 1 - 0.07 * (1 - z**2).clip(0)
    vertices[:, 2] -= size / 2 * z * 0.07 * (1 - x**2).clip(0)
    return Mesh(vertices, mesh.faces, mesh.uv)


def _tub(rng: Generator) -> Assembly:
    """Return a rounded chair whose back runs on into its arms."""
    made = Assembly()
    width, depth = between(rng, 0.7, 0.8), between(rng, 0.68, 0.76)
    leg, seat = between(rng, 0.12, 0.18), between(rng, 0.42, 0.45)
    made.add("main", _tub_wall(width, depth, leg + 0.02, between(rng, 0.68, 0.78), between(rng, 0.56, 0.62)))
    base = cylinder(0.5, 1.0, bevel=0.02, segments=28).scaled(width * 0.9, depth * 0.92, seat - 0.14 - leg)
    made.add("main", base.moved(0, -0.01, leg).flat_uv(0, 2))
    seat_pad = cushion(
        (width * 0.7, depth * 0.86, 0.15), (0, -0.05, seat - 0.15), 0.06, (0.01, 0.01, 0.02), uv=True
    )
    made.add("main", seat_pad)
    made.add("frame", legs(pick(rng, "tapered", "splayed"), width * 0.72, depth * 0.72, leg + 0.02, 0.04))
    return made


def _tub_wall(width: float, depth: float, low: float, back: float, arm: float) -> Mesh:
    """Return a padded wall around the sides and the back; its cross-section is a rounded bar."""
    angles = np.deg2rad(np.linspace(-28, 208, 29))
    turn = np.linspace(0, 2 * np.pi, 13)
    thick = 0.055
    squareness = np.array(
        [np.abs([np.cos(t), np.sin(t)]) ** 0.45 * np.sign([np.cos(t), np.sin(t)]) for t in turn]
    )
    rise = np.clip((np.sin(angles) + 0.1) / 0.9, 0, 1) ** 1.2
    top = arm + (back - arm) * rise
    ring = np.column_stack([np.cos(angles) * (width / 2 - thick), np.sin(angles) * (depth / 2 - thick)])
    outward = ring / np.linalg.norm(ring, axis=1, keepdims=True)
    half = (top - low) / 2
    points = np.empty((len(angles), len(turn), 3))
    points[..., :2] = ring[:, None] + outward[:, None] * (squareness[:, 0] * thick)[None, :, None]
    points[..., 2] = (low + half)[:, None] + squareness[:, 1] * half[:, None]
    return _closed_bar(points)


def _closed_bar(points: Array) -> Mesh:
    rows, columns, _ = points.shape
    ends = [points[0, :-1], points[-1, :-1]]
    flat = points.reshape(-1, 3)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points[:, 0], axis=0), axis=1))])
    round_ = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points[rows // 2], axis=0), axis=1))])
    uv = np.stack(np.meshgrid(length, round_, indexing="ij"), axis=-1).reshape(-1, 2)
    count, ring = rows * columns, columns - 1
    fan = np.array([(0, i, i + 1) for i in range(1, ring - 1)])
    faces = np.concatenate([grid_faces(rows, columns), fan[:, ::-1] + count, fan + count + ring])
    vertices = np.concatenate([flat, *ends])
    cap_uv = np.concatenate([end[:, [0, 2]] for end in ends])
    return Mesh(vertices, faces[:, ::-1], np.concatenate([uv, cap_uv]))


def ottoman(rng: Generator) -> Assembly:
    """Return a footstool: round or square, on legs or as a pouffe on the floor."""
    made = Assembly()
    shape = pick(rng, "round", "square", "long", "pouffe")
    if shape == "pouffe":
        width, tall = between(rng, 0.48, 0.6), between(rng, 0.32, 0.4)
        made.add("main", _pouffe(width, tall))
        return made
    leg, tall = between(rng, 0.1, 0.18), between(rng, 0.2, 0.28)
    width = between(rng, 0.5, 0.68) if shape != "long" else between(rng, 0.8, 1.05)
    depth = width if shape != "long" else between(rng, 0.45, 0.55)
    if shape == "round":
        made.add("main", cylinder(width / 2, tall, (0, 0, leg), 0.03, segments=32))
        made.add("main", ellipsoid((width * 0.9, width * 0.9, 0.07), (0, 0, leg + tall - 0.036), 24))
    else:
        made.add("main", cushion((width, depth, tall - 0.09), (0, 0, leg), 0.025))
        made.add(
            "main", cushion((width + 0.01, depth + 0.01, 0.11), (0, 0, leg + tall - 0.1), 0.04, (0, 0, 0.02))
        )
    shrink = 0.72 if shape == "round" else 0.94
    made.add(
        "frame",
        legs(
            pick(rng, "tapered", "splayed", "square", "turned"),
            width * shrink,
            depth * shrink,
            leg + 0.01,
            0.045,
        ),
    )
    return made


def _pouffe(width: float, tall: float) -> Mesh:
    """Return a round bag sewn of gores, flat below and above."""
    turn = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 13)
    rise = np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** 0.75
    profile = np.column_stack([np.abs(np.cos(turn)) ** 0.5 * width / 2, (1 + rise) * tall / 2])
    profile[[0, -1], 0] = 0.0
    mesh = lathe([(r, z) for r, z in profile.tolist()], segments=48)
    angle = np.arctan2(mesh.vertices[:, 1], mesh.vertices[:, 0])
    seams = 1 - 0.035 * np.abs(np.cos(4 * angle)) ** 8
    return Mesh(mesh.vertices * np.column_stack([seams, seams, np.ones_like(seams)]), mesh.faces)
