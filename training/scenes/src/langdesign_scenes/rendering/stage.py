"""What stands around the things: the shell of a room with its daylight, or a studio's backdrop."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..description import Scene, Window
from ..errors import SceneError
from .looks import CREAM, Colour, Look, Weave, finish_look, floor_look, linear, mix, scaled, wall_look
from .surfaces import Surface, box, joined, rectangle

WALLS = ("back wall", "left wall", "right wall")

_PAINT = Look(linear((240, 238, 232)), model="diffuse")
_WHITE = Look(linear((236, 234, 228)), roughness=0.4, specular=0.4)
_BLACK: Colour = (0.0, 0.0, 0.0)
_NOON = linear((214, 230, 255))
_OVERCAST = linear((226, 234, 244))
_GOLD = linear((255, 222, 176))
_NIGHT = linear((60, 76, 120))
_SOFTBOX = linear((255, 246, 232))

_SUN = linear((255, 244, 224))
_SUN_STRENGTH = 4.0

_REVEAL = 0.12  # metres of wall around a window
_ASIDE = 0.9  # metres of sky beside a window
_BEHIND = 1.6  # metres of room behind the camera


def room_surfaces(scene: Scene) -> list[Surface]:
    """Return walls, floor, ceiling, skirting, windows and soft lights of a room."""
    front = min(0.0, scene.camera.position[1] - _BEHIND)
    width, depth, height = scene.size
    floor = rectangle(
        "floor", (-width / 2, front, 0), (width, 0, 0), (0, depth - front, 0), floor_look(scene.floor)
    )
    ceiling = rectangle("ceiling", (-width / 2, front, height), (0, depth - front, 0), (width, 0, 0), _PAINT)
    surfaces = [floor, ceiling, *_walls(scene, front), _skirting(scene, front)]
    for place, window in enumerate(scene.windows):
        surfaces += _window(scene, window, f"window-{place + 1}")
    return [*surfaces, *_soft_lights(scene, front)]


class _Frame:
    """A wall's own axes: along it, up, and out of the room."""

    def __init__(self, scene: Scene, wall: str, front: float) -> None:
        width, depth, height = scene.size
        self.height = height
        if wall == "back wall":
            self.low, self.high = -width / 2, width / 2
            self._plane, self.axis, self.sign = depth, 1, 1.0
        elif wall in WALLS:
            side = -1.0 if wall == "left wall" else 1.0
            self.low, self.high = front, depth
            self._plane, self.axis, self.sign = side * width / 2, 0, side
        else:
            raise SceneError(f"There is no {wall!r}; a window is in one of {', '.join(WALLS)}")

    def point(self, along: float, up: float, out: float = 0.0) -> tuple[float, float, float]:
        """Return a place on the wall in the world; `out` is metres behind its plane."""
        plane = self._plane + self.sign * out
        return (along, plane, up) if self.axis == 1 else (plane, along, up)

    def panel(
        self, id_: str, area: tuple[float, float, float, float], look: Look, out: float = 0.0
    ) -> Surface:
        """Return the part low..high, bottom..top of the wall, facing into the room."""
        low, high, bottom, top = area
        start, end = (high, low) if self.turned else (low, high)
        corner = self.point(start, bottom, out)
        side = np.subtract(self.point(end, bottom, out), corner)
        panel = rectangle(id_, corner, side.tolist(), (0.0, 0.0, top - bottom), look)
        # Bricks and boards go on around a window.
        offset = np.array([-start if self.turned else start, bottom], dtype=np.float32)
        return replace(panel, uv=panel.uv + offset)

    @property
    def turned(self) -> bool:
        """Whether its coordinate falls from left to right, seen from the room."""
        return self.axis == 0 and self.sign > 0

    def block(
        self, id_: str, area: tuple[float, float, float, float], out: tuple[float, float], look: Look
    ) -> Surface:
        """Return a box over a part of the wall, from `out[0]` to `out[1]` metres behind its plane."""
        low, high, bottom, top = area
        first, second = self.point(low, bottom, out[0]), self.point(high, top, out[1])
        return box(id_, np.minimum(first, second).tolist(), np.maximum(first, second).tolist(), look)


def _area(window: Window) -> tuple[float, float, float, float]:
    (along, up), (width, height) = window.centre, window.size
    return along - width / 2, along + width / 2, up - height / 2, up + height / 2


def _walls(scene: Scene, front: float) -> list[Surface]:
    look = wall_look(scene.wall)
    panels = []
    for wall in WALLS:
        frame = _Frame(scene, wall, front)
        holes = [_area(window) for window in scene.windows if window.wall == wall]
        panels += [frame.panel("wall", area, look) for area in _around(frame, holes)]
    width, _, height = scene.size
    panels.append(rectangle("wall", (width / 2, front, 0), (-width, 0, 0), (0, 0, height), look))
    return [joined(panels)]


def _around(
    frame: _Frame, holes: list[tuple[float, float, float, float]]
) -> list[tuple[float, float, float, float]]:
    """Cut a wall into rectangles that leave the holes free."""
    across = sorted({frame.low, frame.high, *(edge for hole in holes for edge in hole[:2])})
    up = sorted({0.0, frame.height, *(edge for hole in holes for edge in hole[2:])})
    cells = [(low, high, bottom, top) for low, high in pairwise(across) for bottom, top in pairwise(up)]
    return [cell for cell in cells if not any(_inside(cell, hole) for hole in holes)]


def _inside(cell: tuple[float, float, float, float], hole: tuple[float, float, float, float]) -> bool:
    along, up = (cell[0] + cell[1]) / 2, (cell[2] + cell[3]) / 2
    return hole[0] < along < hole[1] and hole[2] < up < hole[3]


def _skirting(scene: Scene, front: float) -> Surface:
    boards = []
    for wall in WALLS:
        frame = _Frame(scene, wall, front)
        boards.append(frame.block("wall", (frame.low, frame.high, 0.0, 0.09), (-0.015, 0.0), _WHITE))
    return joined(boards)


def _window(scene: Scene, window: Window, id_: str) -> list[Surface]:
    """Return a window's frame, the reveal around it and its bright panes."""
    frame = _Frame(scene, window.wall, scene.camera.position[1] - _BEHIND)
    low, high, bottom, top = _area(window)
    bar, deep = 0.045, (_REVEAL - 0.05, _REVEAL)
    bars = [
        (low, low + bar, bottom, top), (high - bar, high, bottom, top),
        (low, high, bottom, bottom + bar), (low, high, top - bar, top),
    ]  # fmt: skip
    panes = max(1, round(window.size[0] / 0.75))
    for place in range(1, panes):
        middle = low + window.size[0] * place / panes
        bars.append((middle - bar / 2, middle + bar / 2, bottom, top))
    reveal = [
        (low - 0.02, low, bottom, top), (high, high + 0.02, bottom, top),
        (low, high, top, top + 0.02), (low, high, bottom - 0.02, bottom),
    ]  # fmt: skip
    blocks = [frame.block(id_, area, deep, _WHITE) for area in bars]
    blocks += [frame.block(id_, area, (0.0, _REVEAL), _WHITE) for area in reveal]
    blocks.append(
        frame.block(id_, (low - 0.05, high + 0.05, bottom - 0.03, bottom), (-0.06, _REVEAL), _WHITE)
    )
    return [joined(blocks), *_sky(scene, frame, (low, high, bottom, top), id_)]


def _sky(scene: Scene, frame: _Frame, area: tuple[float, float, float, float], id_: str) -> list[Surface]:
    """Return the panes: slats that shine into the room and let the sun pass along them.

    Shadow rays know no transparency, so a bright pane would keep the sun out. Slats that lie in the sun's
    direction do not, and seen from the room they cover each other like one pane.
    """
    low, high = area[:2]
    look = Look(_BLACK, Weave("view", _BLACK, _BLACK, scene.seed % 64), model="diffuse",
                emission=pane_radiance(scene))  # fmt: skip
    rise = _rise(frame, scene)
    if rise is None:
        return [_viewed(frame.panel(id_, area, look, out=_REVEAL), frame, area)]
    # Looking along the wall, one sees past the window's width; what only the eye needs is not sampled.
    unseen = replace(look, sampled=False)
    return [
        _slats(frame, area, (low, high), rise, look, id_),
        _slats(frame, area, (low - _ASIDE, low), rise, unseen, id_),
        _slats(frame, area, (high, high + _ASIDE), rise, unseen, id_),
    ]


def _slats(
    frame: _Frame,
    area: tuple[float, float, float, float],
    ends: tuple[float, float],
    rise: float,
    look: Look,
    id_: str,
) -> Surface:
    _, _, bottom, top = area
    count = max(3, round((top - bottom) / 0.16))
    step = (top - bottom) / count
    run = 1.7 * step / rise
    slats = []
    for place in range(-1, count):
        foot = bottom + place * step
        corner, end = frame.point(ends[0], foot, _REVEAL), frame.point(ends[1], foot, _REVEAL)
        head = frame.point(ends[0], foot + run * rise, _REVEAL + run)
        side, up = np.subtract(end, corner).tolist(), np.subtract(head, corner).tolist()
        pair = (up, side) if frame.turned else (side, up)
        slats.append(_viewed(rectangle(id_, corner, *pair, look), frame, area))
    return joined(slats)


def _viewed(panel: Surface, frame: _Frame, area: tuple[float, float, float, float]) -> Surface:
    """Lay the view once over a window: u along it, v upwards."""
    low, high, bottom, top = area
    along = (panel.vertices[:, 1 - frame.axis] - low) / (high - low)
    up = (panel.vertices[:, 2] - bottom) / (top - bottom)
    return replace(panel, uv=np.stack([along, np.clip(up, 0.01, 0.99)], axis=1).astype(np.float32))


def sun_direction(scene: Scene) -> tuple[float, float, float]:
    """Return the unit vector to the sun; azimuth is counted from the back wall's outside to the right."""
    azimuth, elevation = (math.radians(angle) for angle in scene.light.sun)
    level = math.cos(elevation)
    return math.sin(azimuth) * level, math.cos(azimuth) * level, math.sin(elevation)


def _rise(frame: _Frame, scene: Scene) -> float | None:
    """Return by how much the sun rises with each metre out of a wall; None where it does not shine in."""
    x, y, z = sun_direction(scene)
    out = frame.sign * (x if frame.axis == 0 else y)
    return z / out if out > 0.25 and scene.light.daylight > 0.5 else None


def sun_radiance(scene: Scene) -> Colour | None:
    """Return the sun's irradiance on a surface that faces it; None if it shines through no window."""
    walls = {window.wall for window in scene.windows}
    if all(_rise(_Frame(scene, wall, 0.0), scene) is None for wall in walls):
        return None
    return scaled(mix(_SUN, _GOLD, scene.light.warmth), _SUN_STRENGTH * scene.light.daylight)


def pane_radiance(scene: Scene) -> Colour:
    """Return the radiance of the windows' panes."""
    light = scene.light
    day = mix(mix(_OVERCAST, _NOON, light.daylight), _GOLD, light.warmth)
    return scaled(mix(_NIGHT, day, light.daylight), 0.3 + 8.0 * light.daylight)


def _soft_lights(scene: Scene, front: float) -> list[Surface]:
    """Return a large light behind the camera's view and one over it, as a photographer would set them."""
    width, _, height = scene.size
    y = scene.camera.position[1]
    strength = 0.45 + 0.35 * scene.light.daylight + 0.3 * scene.light.lamps
    colour = mix(mix(_SOFTBOX, _GOLD, 0.6 * scene.light.warmth), CREAM, 0.2)
    look = Look(_BLACK, model="diffuse", emission=scaled(colour, strength))
    reach = max(0.8, min(y - front + 0.9, 2.6))
    over = rectangle("", (-0.4 * width, front + 0.1, height - 0.02), (0, reach, 0), (0.8 * width, 0, 0), look)
    return [over]


def studio_surfaces(scene: Scene) -> list[Surface]:
    """Return the seamless backdrop of a single object, and its soft lights."""
    look = replace(finish_look(replace(scene.wall, material="paint")), model="diffuse")
    back = max(scene.size[1], 2.0)
    return [_sweep(look, back), *_studio_lights(scene)]


def _sweep(look: Look, back: float) -> Surface:
    """Return a floor that bends up into a wall."""
    radius, half, front, steps = 1.0, 8.0, -6.0, 16
    angles = [math.pi / 2 * step / steps for step in range(steps + 1)]
    bend = [(back + radius * math.sin(a), radius * (1 - math.cos(a))) for a in angles]
    profile = [(front, 0.0), *bend, (back + radius, 7.0)]
    normals = [(0.0, 1.0), *((-math.sin(a), math.cos(a)) for a in angles), (-1.0, 0.0)]
    vertices = np.array([(x, y, z) for y, z in profile for x in (-half, half)], dtype=np.float32)
    facing = np.array([(0.0, y, z) for y, z in normals for _ in range(2)], dtype=np.float32)
    rows = 2 * np.arange(len(profile) - 1, dtype=np.int32)
    faces = np.concatenate([rows[:, None] + [0, 1, 3], rows[:, None] + [0, 3, 2]]).astype(np.int32)
    return Surface("wall", vertices, faces, facing, vertices[:, [0, 1]], look)


def _studio_lights(scene: Scene) -> list[Surface]:
    warm = mix(_SOFTBOX, _GOLD, 0.4 * scene.light.warmth)
    azimuth = math.radians(scene.light.sun[0])
    side = -1.0 if math.sin(azimuth) < 0 else 1.0
    key = _softbox((side * 2.6, -2.2, 3.4), (0.0, 0.6, 0.4), 2.4, scaled(warm, 5.0))
    fill = _softbox((-side * 3.4, -2.0, 2.4), (0.0, 0.6, 0.5), 3.0, scaled(_OVERCAST, 1.4))
    top = _softbox((0.0, 0.4, 5.2), (0.0, 0.8, 0.0), 4.0, scaled(_SOFTBOX, 1.6))
    return [key, fill, top]


def _softbox(
    place: tuple[float, float, float], target: tuple[float, float, float], side: float, radiance: Colour
) -> Surface:
    """Return a square light that faces a target."""
    toward = np.subtract(target, place)
    toward = toward / np.linalg.norm(toward)
    level = np.cross(toward, (0.0, 1.0, 0.0) if abs(toward[2]) > 0.9 else (0.0, 0.0, 1.0))
    level = level / np.linalg.norm(level)
    upward = np.cross(level, toward)
    corner = np.asarray(place) - side / 2 * (level + upward)
    look = Look(_BLACK, model="diffuse", emission=radiance)
    return rectangle("", corner.tolist(), (side * upward).tolist(), (side * level).tolist(), look)
