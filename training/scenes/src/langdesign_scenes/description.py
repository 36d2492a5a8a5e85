"""A scene as plain data: what renders to one picture, and nothing that does not.

Metres and degrees; x to the right, y away from the front wall (into the room), z up. The room spans
x in -width/2..width/2, y in 0..depth, z in 0..height; the camera looks from small y towards the back wall.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import SceneError

VERSION = 1


@dataclass(frozen=True)
class Finish:
    """How a surface looks: words of the vocabulary."""

    colour: str
    material: str
    pattern: str = "plain"


@dataclass(frozen=True)
class Thing:
    """One object of a scene."""

    id: str  # unique in the scene and the same in all its variants, such as "chair-1"
    kind: str  # a name of `vocabulary.KINDS`
    style: int  # seed of its shape: proportions, legs, arms, ...
    position: tuple[float, float, float]  # of the middle of its footprint; for a hanging one, of its middle
    yaw: float  # degrees about z; at 0 its front looks towards the camera (-y)
    scale: float  # of all its sides
    finish: Finish
    on: str = "floor"  # "floor", "ceiling", "back|left|right wall", or the id of what carries it


@dataclass(frozen=True)
class Window:
    """An opening with daylight behind it."""

    wall: str  # "back wall", "left wall" or "right wall"
    centre: tuple[float, float]  # along the wall (x or y) and above the floor
    size: tuple[float, float]  # width and height


@dataclass(frozen=True)
class Camera:
    """A pinhole camera."""

    position: tuple[float, float, float]
    target: tuple[float, float, float]
    fov: float  # degrees, horizontal; pictures are square


@dataclass(frozen=True)
class Light:
    """Daylight and the lamps' strength."""

    sun: tuple[float, float]  # azimuth and elevation, degrees
    warmth: float  # 0 overcast blue .. 1 evening gold
    daylight: float  # 0 night .. 1 noon
    lamps: float  # 0 off .. 1 bright


@dataclass(frozen=True)
class Scene:
    """All that a picture shows."""

    seed: int  # of textures and noise
    room: str  # a name of `vocabulary.ROOMS`, or "" for a single object on a plain background
    size: tuple[float, float, float]  # width, depth and height of the room
    wall: Finish
    floor: Finish
    windows: tuple[Window, ...]
    things: tuple[Thing, ...]
    camera: Camera
    light: Light

    def to_json(self) -> str:
        """Return the scene as one line of JSON that `from_json` reads back equal."""
        return json.dumps({"version": VERSION, **dataclasses.asdict(self)}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Scene:
        """Read a scene.

        Raises:
            SceneError: it is no JSON, of another version, or a field is missing or unknown.

        """
        try:
            data = dict(json.loads(text))
            version = data.pop("version")
            if version != VERSION:
                raise SceneError(f"The scene is of version {version}; this library reads {VERSION}")
            return cls(
                wall=Finish(**data.pop("wall")),
                floor=Finish(**data.pop("floor")),
                windows=tuple(Window(**_tuples(window)) for window in data.pop("windows")),
                things=tuple(
                    Thing(finish=Finish(**thing.pop("finish")), **_tuples(thing))
                    for thing in data.pop("things")
                ),
                camera=Camera(**_tuples(data.pop("camera"))),
                light=Light(**_tuples(data.pop("light"))),
                **_tuples(data),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SceneError(f"The scene cannot be read ({error}); write it with Scene.to_json") from error


def _tuples(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
