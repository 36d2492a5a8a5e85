from collections.abc import Callable

import numpy as np
import pytest
from langdesign_scenes.composing import plan_family, project, sights
from langdesign_scenes.composing.geometry import solid
from langdesign_scenes.dataset import Instance
from langdesign_scenes.description import Scene
from langdesign_scenes.plan import FamilyPlan
from langdesign_scenes.vocabulary import FLOOR, KINDS, WALL

Shown = tuple[Instance, ...]
SIDE = 128


@pytest.fixture(scope="session")
def families() -> list[tuple[FamilyPlan, list[Shown]]]:
    """Families as a camera sees their boxes: no renderer is needed to speak about them."""
    plans = [plan_family(7, index, general=index % 3 > 0, single=index % 4 == 0) for index in range(16)]
    return [(plan, [_instances(scene) for scene in plan.states]) for plan in plans]


def _instances(scene: Scene) -> Shown:
    seen = sights(scene.things, scene.camera)
    things = []
    for thing in scene.things:
        spots = project(scene.camera, solid(thing).corners())
        low, high = (np.clip(edge(spots[:, :2], axis=0), 0, 1) * SIDE for edge in (np.min, np.max))
        box = (int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
        look = (thing.finish.colour, thing.finish.material, thing.finish.pattern)
        pixels = int(seen[thing.id].share * SIDE * SIDE)
        things.append(Instance(thing.id, thing.kind, *look, pixels, box, float(spots[:, 2].mean())))
    shell = (("wall", scene.wall), ("floor", scene.floor)) if scene.room else (("wall", scene.wall),)
    for name, finish in shell:
        look = (finish.colour, finish.material, finish.pattern)
        things.append(Instance(name, name, *look, 4000, (0, 0, SIDE, SIDE), 4.0))
    return tuple(things)


@pytest.fixture(scope="session")
def random_picture() -> Callable[[int], Shown]:
    """Return a maker of pictures that no room would show, with many of a kind and barely visible things."""

    def make(seed: int) -> Shown:
        rng = np.random.default_rng(seed)
        kinds = [list(KINDS)[int(place)] for place in rng.choice(len(KINDS), 4, replace=False)]
        count = int(rng.integers(3, 9))
        things = [_random(rng, kinds[int(rng.integers(4))], place) for place in range(count)]
        looks = ((_one(rng, known.colours), _one(rng, known.materials), "plain") for known in (WALL, FLOOR))
        wall = Instance("wall", "wall", *next(looks), 5000, (0, 0, 128, 90), 4.0)
        floor = Instance("floor", "floor", *next(looks), 4000, (0, 60, 128, 68), 3.0)
        return (*things, wall, floor)

    return make


def _random(rng: np.random.Generator, kind: str, place: int) -> Instance:
    known = KINDS[kind]
    left, top = (int(one) for one in rng.integers(0, 100, 2))
    width, height = (int(one) for one in rng.integers(6, 60, 2))
    pixels = int(rng.choice([0, 12, 24, 25, 200, 900], p=[0.03, 0.03, 0.04, 0.1, 0.4, 0.4]))
    look = (_one(rng, known.colours[:5]), _one(rng, known.materials), _one(rng, known.patterns))
    depth = round(float(rng.uniform(1, 5)), 2)
    return Instance(f"{kind}-{place}", kind, *look, pixels, (left, top, width, height), depth)


def _one(rng: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[int(rng.integers(len(words)))]
