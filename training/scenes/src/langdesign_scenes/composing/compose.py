"""From a seed to a scene: a furnished room with its view and light, or one object on a plain backdrop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..description import Camera, Finish, Light, Scene, Thing
from ..errors import SceneError
from ..vocabulary import KINDS, SINGLES
from .draft import Draft
from .finishes import BACKDROPS, Words, draw_finish, draw_floor, draw_palette, draw_wall, similar
from .furnishing import furnish
from .geometry import measures
from .projection import Sight, sights
from .rooms import ROOM_TYPES
from .views import room_view, single_view

Rng = np.random.Generator

ROOM_SHARES: Mapping[str, float] = {
    "bedroom": 5,
    "living room": 5,
    "kitchen": 4,
    "hallway": 3,
    "bathroom": 2,
    "dining room": 2,
}
SEEN = 0.0035  # share of the picture below which a thing is left out: nobody could point at it
FEWEST = 4
FILLED = 0.21  # share of the picture that things other than rugs fill, at least
ATTEMPTS = 60
STUDIO = (4.0, 2.0, 4.0)
SWEEP = 1.0  # metres behind a studio's depth at which its backdrop stands upright, from that height on


def compose(rng: Rng, *, general: bool, single: bool) -> Scene:
    """Draw a scene.

    Args:
        rng: draws everything.
        general: whether it must hold nothing that the general split leaves out; else it holds something.
        single: whether it is one object on a plain backdrop.

    Raises:
        SceneError: no attempt gave a room that is worth showing.

    """
    words = Words(general)
    room = words.draw(rng, ROOM_SHARES)
    for _ in range(ATTEMPTS):
        scene = _single(rng, words) if single else _room(rng, words, room)
        if scene is not None:
            return scene if general else _with_something_held_out(rng, scene, words)
    raise SceneError("No attempt gave a room with enough to see; take another seed")


def held_out(scene: Scene) -> bool:
    """Whether a scene holds a room, colour or material that the general split leaves out."""
    words = Words(general=False)
    finishes = [scene.wall, scene.floor, *(thing.finish for thing in scene.things)]
    said = [scene.room, *(word for one in finishes for word in (one.colour, one.material))]
    return any(words.held_out(word) for word in said)


def _with_something_held_out(rng: Rng, scene: Scene, words: Words) -> Scene:
    """Give one of the larger things a colour or material that the general split leaves out, if need be."""
    if held_out(scene):
        return scene
    shown = sights(scene.things, scene.camera)
    thing = max(scene.things, key=lambda one: shown[one.id].share)
    options = [(field, word) for field, word in _options(thing) if words.held_out(word)]
    if not options:
        return replace(scene, wall=replace(scene.wall, colour=words.draw(rng, words.holdout.colours)))
    field, word = options[int(rng.integers(len(options)))]
    new = replace(thing, finish=replace(thing.finish, **{field: word}))
    return replace(scene, things=tuple(new if one is thing else one for one in scene.things))


def _options(thing: Thing) -> list[tuple[str, str]]:
    known = KINDS[thing.kind]
    return [("colour", word) for word in known.colours] + [("material", word) for word in known.materials]


def _room(rng: Rng, words: Words, room: str) -> Scene | None:
    known = ROOM_TYPES[room]
    palette = draw_palette(rng, words)
    draft = Draft(
        size=(
            float(rng.uniform(*known.width)),
            float(rng.uniform(*known.depth)),
            float(rng.uniform(2.45, 2.75)),
        ),
        wall=draw_wall(rng, palette, words, known.walls),
        floor=draw_floor(rng, words, known.floors),
        palette=palette,
        words=words,
        rng=rng,
    )
    if not furnish(draft, known):
        return None
    camera = room_view(draft)
    things = visible(draft.things, camera)
    if len(things) < FEWEST or filled(things, camera) < FILLED:
        return None
    return Scene(
        seed=int(rng.integers(2**31)),
        room=room,
        size=draft.size,
        wall=draft.wall,
        floor=draft.floor,
        windows=tuple(draft.windows),
        things=named(things),
        camera=camera,
        light=draw_light(rng),
    )


def filled(things: Sequence[Thing], camera: Camera) -> float:
    """Return the share of the picture that shows things other than rugs."""
    seen = sights(things, camera, side=32)
    return sum(seen[one.id].share for one in things if one.kind != "rug")


def visible(things: Sequence[Thing], camera: Camera) -> list[Thing]:
    """Return what shows well enough to be pointed at, and what carries it."""
    kept = list(things)
    while True:
        seen = sights(kept, camera, side=64)
        carrying = {one.on for one in kept}
        left = [one for one in kept if one.id in carrying or _shows(seen[one.id])]
        if len(left) == len(kept):
            return kept
        kept = left


def _shows(sight: Sight) -> bool:
    return sight.share >= SEEN and sight.clear >= 0.2


def named(things: Sequence[Thing]) -> tuple[Thing, ...]:
    """Return the things numbered anew within their kinds."""
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for thing in things:
        counts[thing.kind] = counts.get(thing.kind, 0) + 1
        names[thing.id] = f"{thing.kind.replace(' ', '-')}-{counts[thing.kind]}"
    return tuple(replace(one, id=names[one.id], on=names.get(one.on, one.on)) for one in things)


def draw_light(rng: Rng) -> Light:
    """Draw the light: mostly a bright day, at times an evening with the lamps on."""
    sun = (float(rng.uniform(0, 360)), float(rng.uniform(25, 65)))
    if rng.random() < 0.18:
        return Light(
            sun, float(rng.uniform(0.6, 1)), float(rng.uniform(0.3, 0.5)), float(rng.uniform(0.8, 1))
        )
    return Light(sun, float(rng.uniform(0.1, 0.6)), float(rng.uniform(0.75, 1)), float(rng.uniform(0.2, 0.6)))


def _single(rng: Rng, words: Words) -> Scene:
    kind = SINGLES[int(rng.integers(len(SINGLES)))]
    palette = draw_palette(rng, words)
    finish = draw_finish(rng, kind, palette, words)
    clear = {name: mass for name, mass in BACKDROPS.items() if not similar(name, finish.colour)}
    backdrop = Finish(words.draw(rng, clear), "paint")
    thing = single_thing(kind, int(rng.integers(1000)), finish, float(rng.uniform(-32, 32)))
    return Scene(
        seed=int(rng.integers(2**31)),
        room="",
        size=STUDIO,
        wall=backdrop,
        floor=backdrop,
        windows=(),
        things=(thing,),
        camera=single_view(rng, thing),
        light=replace(draw_light(rng), daylight=1.0, lamps=0.4),
    )


def single_thing(kind: str, style: int, finish: Finish, yaw: float) -> Thing:
    """Return an object in the middle of the studio, or on its backdrop where that stands upright."""
    id_ = f"{kind.replace(' ', '-')}-1"
    if KINDS[kind].stands == "wall":
        height = measures(kind, style, 1.0)[2]
        place = (0.0, STUDIO[1] + SWEEP, SWEEP + 0.1 + height / 2)
        return Thing(id_, kind, style, place, 0.0, 1.0, finish, on="back wall")
    return Thing(id_, kind, style, (0.0, 0.6, 0.0), yaw, 1.0, finish)
