"""Hand-made scenes of known geometry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from langdesign_scenes import Camera, Finish, Light, Scene, Thing, Window
from langdesign_scenes.parts import Part

PLAIN = Finish("white", "paint")
DAY = Light(sun=(0.0, 40.0), warmth=0.2, daylight=1.0, lamps=0.3)


def board(kind: str, style: int) -> tuple[Part, ...]:
    """Return a board of 1 m x 1 m whose front is at y = 0."""
    corners = np.array([(-0.5, 0, 0), (0.5, 0, 0), (0.5, 0, 1), (-0.5, 0, 1)], dtype=np.float32)
    return (Part(corners, np.array([(0, 1, 2), (0, 2, 3)], dtype=np.int32), "main"),)


def thing(colour: str = "red", **changes: object) -> Thing:
    made = Thing("board-1", "board", 0, (0.3, 2.0, 0.4), 0.0, 1.0, Finish(colour, "paint"))
    return replace(made, **changes)


def room(*things: Thing, **changes: object) -> Scene:
    made = Scene(
        seed=7,
        room="living room",
        size=(4.0, 4.0, 2.6),
        wall=PLAIN,
        floor=Finish("beige", "wood"),
        windows=(),
        things=things,
        camera=Camera((0.0, -0.5, 1.2), (0.0, 3.0, 1.2), 60.0),
        light=DAY,
    )
    return replace(made, **changes)


WINDOW = Window("back wall", (-1.2, 1.4), (1.0, 1.2))


def centre_rays(scene: Scene, size: int) -> np.ndarray:
    """Return the unit directions through the middles of the pixels, [H, W, 3], of a camera facing +y."""
    tangent = np.tan(np.deg2rad(scene.camera.fov) / 2)
    line = ((np.arange(size) + 0.5) / size * 2 - 1) * tangent
    right, down = np.meshgrid(line, line)
    rays = np.stack([right, np.ones_like(right), -down], axis=-1)
    return rays / np.linalg.norm(rays, axis=-1, keepdims=True)
