"""One picture of a scene."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .. import objects
from ..description import Scene
from ..errors import SceneError
from .engine import Sun, Traced, denoise, trace
from .film import develop, expose_outside, meter, pane_share
from .stage import pane_radiance, room_surfaces, studio_surfaces, sun_direction, sun_radiance
from .surfaces import Build, Surface, thing_surfaces

MAX_NAMED = 255
DEPTH = 4
"""Longest path, in edges: light, three surfaces, eye."""


@dataclass(frozen=True, eq=False)
class Rendering:
    """A picture and what each of its pixels shows."""

    image: NDArray[np.uint8]  # sRGB [H, W, 3]
    index: NDArray[np.uint8]  # [H, W]: 0 where nothing with a name is, else 1 + position in `ids`
    ids: tuple[str, ...]  # all things, then "wall", "floor", "ceiling", "window-1", ...
    depth: NDArray[np.float32]  # [H, W], metres from the camera; 0 where there is nothing
    exposure: float  # used; give it to the other states of a family


def render(
    scene: Scene,
    *,
    samples: int = 6,
    size: int = 128,
    exposure: float | None = None,
    build: Build = objects.build,
) -> Rendering:
    """Render a scene.

    Args:
        scene: what to show.
        samples: paths of each pixel, before denoising.
        size: pixels of a side.
        exposure: factor of radiance; None measures the light. Give the base state's to its variants, so that
            a thing of another colour leaves everything else as bright as it was.
        build: makes the objects.

    Raises:
        SceneError: the scene is wrong, or holds more than 255 things with a name.

    """
    surfaces = _surfaces(scene, build)
    ids = names(scene)
    traced = trace(
        surfaces, scene.camera, _sun(scene), size=size, samples=samples, depth=DEPTH, seed=scene.seed % 2**31
    )
    places = np.array([0, *(_place(surface, ids) for surface in surfaces)], dtype=np.uint8)
    panes = np.array([False, *(_is_pane(surface) for surface in surfaces)])[traced.shape]
    if exposure is None:
        exposure = meter(traced.colour, traced.albedo, _target(scene), panes)
    if panes.any():
        traced = _with_view(traced, scene, panes, exposure)
    colour = denoise(traced)
    return Rendering(
        image=develop(colour, exposure),
        index=places[traced.shape],
        ids=ids,
        depth=traced.depth,
        exposure=exposure,
    )


def _target(scene: Scene) -> float:
    """Return how bright paper shall be: less in the evening."""
    return 0.54 + 0.24 * scene.light.daylight if scene.room else 0.86


def _with_view(traced: Traced, scene: Scene, panes: NDArray[np.bool_], exposure: float) -> Traced:
    radiance = pane_radiance(scene)
    # A pixel whose middle is beside a pane may still show some of it.
    share = pane_share(traced.colour, radiance) * _widened(panes)
    return replace(traced, colour=expose_outside(traced.colour, traced.albedo, share, radiance, exposure))


def _widened(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask with a pixel more on every side."""
    padded = np.pad(mask, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    return rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]


def names(scene: Scene) -> tuple[str, ...]:
    """Return the ids of all that a picture of the scene can show, in the order of its index map.

    Raises:
        SceneError: they are more than an 8-bit index holds, or an id is there twice.

    """
    windows = tuple(f"window-{place + 1}" for place in range(len(scene.windows)))
    shell = ("wall", "floor", "ceiling", *windows) if scene.room else ("wall",)
    ids = (*(thing.id for thing in scene.things), *shell)
    if len(ids) > MAX_NAMED:
        raise SceneError(f"The scene names {len(ids)} things; an index map holds {MAX_NAMED}")
    if len(set(ids)) < len(ids):
        raise SceneError("Two things of the scene have one id; give each its own")
    return ids


def _surfaces(scene: Scene, build: Build) -> list[Surface]:
    stage = room_surfaces(scene) if scene.room else studio_surfaces(scene)
    return [*stage, *thing_surfaces(scene, build)]


def _place(surface: Surface, ids: tuple[str, ...]) -> int:
    return 1 + ids.index(surface.id) if surface.id else 0


def _is_pane(surface: Surface) -> bool:
    return surface.look.texture is not None and surface.look.texture.name == "view"


def _sun(scene: Scene) -> Sun | None:
    irradiance = sun_radiance(scene) if scene.room else None
    return None if irradiance is None else Sun(sun_direction(scene), irradiance)
