"""Another kind of thing in a thing's place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from ..description import Scene, Thing
from ..vocabulary import KINDS
from .draft import STYLES, collide, moved
from .finishes import Words, draw_finish, draw_palette
from .geometry import measures, solid, within

Rng = np.random.Generator

EXCHANGES: Mapping[str, tuple[str, ...]] = {
    "chair": ("stool", "armchair", "ottoman", "plant", "basket"),
    "armchair": ("chair", "ottoman", "plant", "lamp", "stool"),
    "stool": ("chair", "plant", "basket", "ottoman"),
    "ottoman": ("stool", "chair", "basket", "plant", "coffee table"),
    "bench": ("ottoman", "coffee table", "chair", "dresser", "cabinet"),
    "sofa": ("armchair", "bench", "bed"),
    "bed": ("sofa", "bench", "desk"),
    "table": ("desk", "coffee table", "bench", "sofa"),
    "coffee table": ("ottoman", "bench", "stool"),
    "desk": ("dresser", "cabinet", "table", "bench"),
    "nightstand": ("stool", "plant", "basket", "lamp", "chair"),
    "dresser": ("cabinet", "desk", "bench", "bookshelf", "sofa"),
    "wardrobe": ("bookshelf", "dresser", "cabinet", "plant", "lamp"),
    "cabinet": ("dresser", "bookshelf", "desk", "bench", "plant"),
    "bookshelf": ("wardrobe", "cabinet", "plant", "lamp", "dresser"),
    "shelf": ("picture", "mirror", "clock"),
    "lamp": ("plant", "chair", "stool", "bookshelf"),
    "table lamp": ("vase", "plant"),
    "pendant": (),
    "plant": ("lamp", "stool", "basket", "chair"),
    "vase": ("table lamp", "plant"),
    "picture": ("mirror", "clock", "shelf"),
    "mirror": ("picture", "clock", "shelf"),
    "clock": ("picture", "mirror"),
    "basket": ("stool", "plant", "ottoman"),
    "television": ("vase", "plant"),
}
"""Kinds of like size that may take a thing's place."""


def exchanged(rng: Rng, words: Words, scene: Scene, thing: Thing) -> Thing | None:
    """Return another kind of thing in this one's place, scaled until it fits, or None where none does."""
    options = EXCHANGES.get(thing.kind, ())
    palette = draw_palette(rng, words)
    others = [one for one in scene.things if one.id != thing.id]
    for place in rng.permutation(len(options)):
        kind, style = options[int(place)], int(rng.integers(STYLES))
        if not any(map(words.allowed, KINDS[kind].materials)):
            continue
        finish = draw_finish(rng, kind, palette, words, behind=scene.wall.colour)
        for scale in _scales(thing, kind, style):
            new = replace(moved(thing, kind, style, scale, wall=_backed(scene, thing)), finish=finish)
            inside = not scene.room or within(solid(new), scene.size)
            if inside and not any(collide(new, one) for one in others):
                return new
    return None


def _scales(thing: Thing, kind: str, style: int) -> Iterator[float]:
    """Propose scales of a substitute: to the thing's own measures where both are small, else natural."""
    if KINDS[thing.kind].stands == "top":
        old, new = measures(thing.kind, thing.style, thing.scale), measures(kind, style, 1.0)
        yield min(1.25, max(old) / max(new))
        return
    yield from (1.0, 0.9, 0.8)


def _backed(scene: Scene, thing: Thing) -> bool:
    """Whether a thing stands with its back at a wall."""
    box = solid(thing)
    x, y, _ = box.centre
    if abs(thing.yaw) < 1:
        return scene.size[1] - (y + box.size[1] / 2) < 0.1
    side = scene.size[0] / 2 - (abs(x) + box.size[1] / 2)
    return abs(abs(thing.yaw) - 90) < 1 and side < 0.1
