import numpy as np
from langdesign_scenes.description import Camera
from langdesign_scenes.rendering.engine import trace
from langdesign_scenes.rendering.looks import Look
from langdesign_scenes.rendering.surfaces import Surface

CORNERS = np.array([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]], np.float32)
FACES = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def panel(name, across, look):
    at = CORNERS * 0.4 + np.array([across, 2, 0], np.float32)
    return Surface(name, at, FACES, None, np.zeros((4, 2), np.float32), look)


def test_things_of_one_look_stay_apart():
    """They are told apart by their shapes, which the renderer would join where it may."""
    look = Look((0.5, 0.5, 0.5), emission=(1.0, 1.0, 1.0))
    panels = [panel("left", -0.5, look), panel("right", 0.5, look)]

    traced = trace(panels, Camera((0, 0, 0), (0, 1, 0), 60.0), size=32, samples=1, depth=2, seed=1)

    seen = traced.shape[np.isfinite(traced.depth) & (traced.depth > 0)]
    left, right = traced.shape[16, 8], traced.shape[16, 23]
    assert set(seen.tolist()) == {left, right}
    assert left != right
