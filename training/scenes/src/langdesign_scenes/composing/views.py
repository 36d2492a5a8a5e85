"""Cameras: into a room from among many the one that shows most, and three-quarter views of one object."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..description import Camera, Thing
from .draft import Draft
from .geometry import Solid, solid
from .projection import Sight, project, sights

CANDIDATES = 18
NEAREST = 0.55  # metres that nothing may come near the camera
NARROWEST, WIDEST = 46.0, 70.0  # degrees
LARGE = 0.3  # share of the picture beyond which a thing is too much


def room_view(draft: Draft) -> Camera:
    """Return the candidate that shows the most things, large and unhidden."""
    return max((_candidate(draft) for _ in range(CANDIDATES)), key=lambda one: _worth(draft.things, one))


def _candidate(draft: Draft) -> Camera:
    width, depth, _ = draft.size
    x = draft.between(-0.42, 0.42) * width
    position = (x, draft.between(-0.9, 0.35), draft.between(1.2, 1.8))
    middle = np.mean([thing.position[:2] for thing in draft.things], axis=0)
    across = 0.75 * float(middle[0]) + draft.between(-0.35, 0.35) - 0.1 * x
    target = (across, max(float(middle[1]), 0.55 * depth), draft.between(0.55, 1.0))
    return _framing(draft, Camera(position, target, WIDEST), draft.between(0.72, 0.95))


def _framing(draft: Draft, camera: Camera, share: float) -> Camera:
    """Zoom in until no more than a share of the things' corners lies within the frame."""
    corners = np.concatenate([solid(thing).corners() for thing in draft.things if thing.kind != "rug"])
    spots = project(camera, corners)
    reach = 2 * np.abs(spots[spots[:, 2] > 0, :2] - 0.5).max(axis=1)
    tangent = math.tan(math.radians(WIDEST) / 2) * (np.quantile(reach, share) if len(reach) else 1.0)
    fov = 2 * math.degrees(math.atan(float(tangent)))
    return replace(camera, fov=min(WIDEST, max(NARROWEST, fov)))


def _worth(things: Sequence[Thing], camera: Camera) -> float:
    if any(distance(camera, solid(thing)) < NEAREST for thing in things):
        return -100.0
    seen = sights(things, camera, side=32)
    return sum(_value(thing, seen[thing.id]) for thing in things)


def _value(thing: Thing, sight: Sight) -> float:
    if sight.share < 0.004:
        return -0.1
    too_much = max(0.0, sight.share - LARGE) * 6
    if thing.kind == "rug":
        return math.sqrt(min(sight.share, 0.1)) + 0.05 * sight.framed - too_much
    hidden, cut = 0.25 * (1 - sight.clear), (0.1 + 1.5 * sight.share) * (1 - sight.framed)
    return math.sqrt(min(sight.share, 0.12)) - hidden - cut - too_much


def distance(camera: Camera, box: Solid) -> float:
    """Return how far the camera is from a box, metres; 0 within it."""
    offset = np.subtract(camera.position, box.centre)
    angle = math.radians(box.yaw)
    local = (
        offset[0] * math.cos(angle) + offset[1] * math.sin(angle),
        -offset[0] * math.sin(angle) + offset[1] * math.cos(angle),
        offset[2],
    )
    return float(np.linalg.norm(np.maximum(np.abs(local) - np.array(box.size) / 2, 0.0)))


def single_view(rng: np.random.Generator, thing: Thing) -> Camera:
    """Return a three-quarter view in which one object fills most of the picture."""
    box = solid(thing)
    fov = float(rng.uniform(38, 48))
    rise = {"rug": (28, 50), "bed": (14, 30)}.get(thing.kind, (6, 24))
    if thing.on != "floor":
        rise = (-6, 8)
    turn = math.radians(float(rng.uniform(-24, 24)))
    lift = math.radians(float(rng.uniform(*rise)))
    target = (box.centre[0] + float(rng.uniform(-0.04, 0.04)) * max(box.size), *box.centre[1:])
    fill, reach = float(rng.uniform(0.37, 0.45)), 3.0
    for _ in range(3):  # the object's corners spread nearly as the inverse of the distance
        spots = project(_orbit(target, turn, lift, reach, fov), box.corners())
        reach *= float(abs(spots[:, :2] - 0.5).max()) / fill
    return _orbit(target, turn, lift, reach, fov)


def _orbit(target: tuple[float, float, float], turn: float, lift: float, reach: float, fov: float) -> Camera:
    """Return a camera so many metres from its target, turned and lifted by radians."""
    x, y, z = target
    flat = math.cos(lift) * reach
    position = (x + math.sin(turn) * flat, y - math.cos(turn) * flat, max(0.2, z + math.sin(lift) * reach))
    return Camera(position, target, fov)
