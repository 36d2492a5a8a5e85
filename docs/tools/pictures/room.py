"""The demo's room, rendered larger than the network sees at once."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
from langdesign_edits import Pixels
from langdesign_scenes.description import Scene
from langdesign_scenes.rendering import render

SIDE = 512
"""Of the picture, pixels: four times the embedded family's."""


def large_room() -> Pixels:
    """Return the room of `langdesign demo`, uint8 `[512, 512, 3]`."""
    scene = Scene.from_json(files("langdesign_command.samples").joinpath("bedroom.json").read_text("utf-8"))
    return np.ascontiguousarray(render(scene, size=SIDE, samples=16).image)
