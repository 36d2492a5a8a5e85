"""Beds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from ..parts import Role
from .draws import between, chance, pick
from .legs import legs
from .mesh import Array, Assembly, Mesh
from .primitives import box, cushion, ellipsoid, prism, rounded_rectangle, shell, tube


def bed(rng: Generator) -> Assembly:
    """Return a single or double bed: headboard, mattress, duvet, pillows and perhaps a throw."""
    made = Assembly()
    width = pick(rng, 0.95, 1.4, 1.6, 1.6) + between(rng, -0.05, 0.05)
    length, base, mattress = between(rng, 1.98, 2.08), between(rng, 0.26, 0.34), between(rng, 0.2, 0.24)
    top = base + mattress
    _frame(made, rng, width, length, base)
    _headboard(made, rng, width, length, top)
    made.add(
        "paper", cushion((width - 0.04, length - 0.03, mattress), (0, 0, base - 0.02), 0.05, (0, 0, 0.01))
    )
    _bedding(made, rng, _cover(rng, width, length, top))
    _pillows(made, rng, width, length, top)
    return made


def _frame(made: Assembly, rng: Generator, width: float, length: float, base: float) -> None:
    leg = between(rng, 0.1, 0.18)
    if chance(rng, 0.25):
        made.add("frame", box((width + 0.02, length, base - 0.03), (0, 0, 0.03), 0.02))
        made.add("frame", box((width - 0.1, length - 0.1, 0.04), (0, 0, 0)))
        return
    made.add("frame", box((width + 0.03, length + 0.02, base - leg), (0, 0, leg), 0.015))
    made.add("frame", legs(pick(rng, "tapered", "square", "turned", "block"), width, length, leg, 0.06))


def _headboard(made: Assembly, rng: Generator, width: float, length: float, top: float) -> None:
    y = length / 2 + 0.02
    tall = top + between(rng, 0.4, 0.62)
    wide = width + between(rng, 0.04, 0.1)
    style = pick(rng, "panel", "padded", "channels", "slats", "arch", "buttons")
    if style == "panel":
        made.add("frame", box((wide, 0.05, tall - 0.08), (0, y, 0.08), 0.012))
    elif style == "padded":
        made.add("main", cushion((wide, 0.1, tall - 0.12), (0, y, 0.12), 0.045, (0, 0.015, 0.01), uv=True))
    elif style == "channels":
        count = round(wide / 0.19)
        each = wide / count
        xs = [-wide / 2 + each * (i + 0.5) for i in range(count)]
        size, swell = (each, 0.1, tall - 0.12), (0, 0.012, 0.008)
        made.add("main", [cushion(size, (x, y, 0.12), 0.045, swell, uv=True, fine=False) for x in xs])
    elif style == "slats":
        _slat_headboard(made, wide, y, tall)
    elif style == "arch":
        _arched_headboard(made, wide, y, tall + 0.08)
    else:
        made.add("main", cushion((wide, 0.09, tall - 0.12), (0, y, 0.12), 0.04, (0, 0.012, 0), uv=True))
        columns = np.linspace(-wide / 2, wide / 2, round(wide / 0.24) + 2)[1:-1]
        spots = [(float(x), z) for x in columns for z in (tall - 0.16, tall - 0.34)]
        made.add("frame", [ellipsoid((0.035, 0.03, 0.035), (x, y - 0.056, z), 8) for x, z in spots])


def _slat_headboard(made: Assembly, wide: float, y: float, tall: float) -> None:
    posts = [tube([(x, y, 0), (x, y, tall)], 0.028, 10) for x in (-wide / 2, wide / 2)]
    rails = [box((wide, 0.03, 0.06), (0, y, z), 0.01) for z in (tall - 0.07, tall - 0.42)]
    xs = np.linspace(-wide / 2, wide / 2, round(wide / 0.13) + 1)[1:-1]
    bars = [tube([(float(x), y, tall - 0.4), (float(x), y, tall - 0.04)], 0.012, 6) for x in xs]
    made.add(
        "frame",
        posts,
        rails,
        bars,
        [ellipsoid((0.07, 0.07, 0.07), (x, y, tall - 0.015), 10) for x in (-wide / 2, wide / 2)],
    )


def _arched_headboard(made: Assembly, wide: float, y: float, tall: float) -> None:
    outline = rounded_rectangle(wide, 2 * (tall - 0.1), min(0.48 * wide, 0.55), 9)
    board = prism(outline[outline[:, 1] >= -1e-9], 0.06, (0, 0, 0), 0.012)
    made.add("frame", board.turned("x", 90).moved(0, y + 0.03, 0.1))


@dataclass(frozen=True, eq=False)
class _Cover:
    """How a duvet lies on a mattress; what lies on the duvet follows it."""

    width: float  # of the mattress, which the cloth hangs down from
    length: float
    top: float  # height of the mattress
    side: float  # how far from the middle it goes to each side, measured on the cloth
    foot: float  # where it ends along y, measured on the cloth
    head: float
    puff: float  # how much it swells in its middle
    waves: Array  # [N, 3]: wave numbers along x and y, and phase, of its folds

    def layer(self, near: float, far: float, lift: float, spare: float = 0.0) -> Mesh:
        """Return a cloth from `near` to `far` along y `lift` above the mattress; uv runs along it."""
        reach = self.side + spare
        columns, rows = 25, max(6, round((far - near) / 0.075))
        a, b = np.meshgrid(np.linspace(-reach, reach, columns), np.linspace(near, far, rows), indexing="ij")
        out_x, drop_x = _over_edge(np.abs(a) - self.width / 2)
        out_y, drop_y = _over_edge(-b - self.length / 2)
        drop = (drop_x**4 + drop_y**4) ** 0.25
        ripple = 0.008 * np.sin(
            self.waves[:, 0] * a[..., None] + self.waves[:, 1] * b[..., None] + self.waves[:, 2]
        )
        fold = ripple.sum(axis=-1)
        flare = lift + np.clip(drop - 0.03, 0, None) * (0.12 + 2.2 * fold)
        x = np.sign(a) * (self.width / 2 + out_x + flare * np.clip(drop_x / 0.05, 0, 1))
        y = -(self.length / 2 + out_y) - flare * np.clip(drop_y / 0.05, 0, 1)
        u, v = a / reach, np.clip((b - self.foot) / (self.head - self.foot) * 2 - 1, -1, 1)
        swell = self.puff * (1 - u**4) * (1 - v**6) + 0.5 * fold * np.clip(1 - drop / 0.04, 0, 1)
        points = np.stack([x, y, self.top + lift + swell - drop], axis=-1)
        return shell(points, 0.022, np.stack([a, b], axis=-1))


def _cover(rng: Generator, width: float, length: float, top: float) -> _Cover:
    hang, share = between(rng, 0.22, 0.32), between(rng, 0.7, 0.79)
    turn, wave = rng.uniform(0, np.pi, 5), 2 * np.pi / rng.uniform(0.25, 0.7, 5)
    waves = np.column_stack([wave * np.cos(turn), wave * np.sin(turn), rng.uniform(0, 2 * np.pi, 5)])
    foot, head = -length / 2 - hang, length * (share - 0.5)
    return _Cover(
        width + 0.02, length + 0.01, top, width / 2 + hang, foot, head, between(rng, 0.035, 0.06), waves
    )


def _bedding(made: Assembly, rng: Generator, cover: _Cover) -> None:
    """Return the duvet, its end turned back, and perhaps a blanket across the foot."""
    made.add("main", cover.layer(cover.foot, cover.head, 0.015))
    fold = between(rng, 0.1, 0.17)
    role: Role = pick(rng, "cushion", "paper")
    made.add(role, cover.layer(cover.head - fold, cover.head + 0.02, 0.036, -0.015))
    if chance(rng, 0.35):
        near = -cover.length / 2 + between(rng, 0.12, 0.3)
        made.add("cushion", cover.layer(near, near + between(rng, 0.3, 0.42), 0.036, 0.03))


def _over_edge(past: Array, bend: float = 0.05) -> tuple[Array, Array]:
    """Return how far out and how far down a cloth is that goes `past` an edge by so much."""
    angle = np.clip((past + bend) / bend, 0, np.pi / 2)
    straight = np.clip(past + bend - bend * np.pi / 2, 0, None)
    flat = np.minimum(past, -bend)
    return flat + bend * np.sin(angle), bend * (1 - np.cos(angle)) + straight


def _pillows(made: Assembly, rng: Generator, width: float, length: float, top: float) -> None:
    places = (0.0,) if width < 1.2 else (-0.25, 0.25)
    each = min(0.7, width * (0.75 if width < 1.2 else 0.44))
    lean = between(rng, 18, 50)
    front = chance(rng, 0.55)
    for place in places:
        pillow = _pillow(each, 0.44, 0.13).turned("x", lean).turned("z", between(rng, -4, 4))
        made.add("paper", pillow.moved(place * width, length / 2 - 0.26, top + 0.1 + 0.001 * lean))
        if front:
            small = _pillow(each * 0.82, 0.36, 0.12).turned("x", lean + 6).turned("z", between(rng, -6, 6))
            made.add("cushion", small.moved(place * width, length / 2 - 0.42, top + 0.1 + 0.001 * lean))
    if chance(rng, 0.4):
        roll = _pillow(0.45, 0.28, 0.11).turned("x", 48)
        made.add("main", roll.moved(0, length / 2 - (0.56 if front else 0.42), top + 0.13).flat_uv())


def _pillow(width: float, depth: float, thick: float) -> Mesh:
    """Return a soft pillow about the origin, lying flat, its corners drawn out."""
    mesh = cushion((width, depth, 0.03), (0, 0, -0.015), 0.014, (0, 0, (thick - 0.03) / 2))
    vertices = mesh.vertices.copy()
    u, v = vertices[:, 0] / (width / 2), vertices[:, 1] / (depth / 2)
    vertices[:, 0] *= 1 - 0.06 * (1 - v**2).clip(0)
    vertices[:, 1] *= 1 - 0.08 * (1 - u**2).clip(0)
    return Mesh(vertices, mesh.faces, mesh.uv)
