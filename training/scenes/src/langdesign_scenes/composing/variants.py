"""Variants of a scene, each of which changes one thing or surface, and the changes between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..description import Finish, Scene, Thing
from ..plan import Change
from ..vocabulary import KINDS, Kind
from .exchanges import exchanged
from .finishes import NATURAL_FLOORS, SURFACES, Words, similar
from .projection import sights

Rng = np.random.Generator

LONG: Mapping[tuple[str, ...], float] = {
    ("colour", "colour", "remove"): 2.6,
    ("colour", "colour", "colour"): 1.5,
    ("colour", "remove", "replace"): 2.8,
    ("colour", "colour", "replace"): 1.5,
    ("material", "material", "remove"): 3.6,
    ("material", "material", "material"): 2.0,
    ("colour", "material", "both"): 2.4,
    ("pattern", "pattern", "remove"): 0.7,
    ("pattern", "pattern", "colour"): 0.4,
}
"""What the first slot's variants differ in from the base state, and how often; "both" has the second state's
colour and the third's material."""

LONGER: Mapping[tuple[str, ...], float] = {
    ("colour", "colour", "material", "material", "remove"): 3.0,
    ("colour", "colour", "material", "replace", "remove"): 1.5,
    ("colour", "colour", "material", "material", "replace"): 1.0,
    ("material", "material", "material", "colour", "colour"): 1.5,
    ("colour", "colour", "colour", "pattern", "remove"): 1.0,
    ("pattern", "pattern", "colour", "colour", "colour"): 1.0,
    ("colour", "colour", "colour", "colour", "remove"): 1.0,
}
"""The same of a single object all of whose variants are its own."""

OWN = 0.7  # how often a single object's variants are all its own

SHORT: Mapping[tuple[str, ...], float] = {
    ("colour", "colour"): 2.6,
    ("remove", "colour"): 2.2,
    ("material", "material"): 4.5,
    ("material", "remove"): 2.0,
    ("remove", "replace"): 1.0,
    ("pattern", "pattern"): 0.5,
    ("surface", "surface"): 2.6,
}
"""The same of the second slot; "surface" restyles the wall or the floor."""

COMMON: Mapping[str, float] = {"rug": 0.45, "bed": 0.6, "curtain": 0.7, "cabinet": 0.7}
"""Kinds that would be changed too often, and how readily they are."""

EVEN = 0.03  # share of the picture above which no thing is changed more readily
CLEAR = 0.5  # share of itself that nothing hides, of what a slot changes
LARGE, SMALL = 0.011, 0.008  # shares of the picture that the first and the second slot's targets show


@dataclass(frozen=True)
class Draw:
    """What variants are drawn with."""

    rng: Rng
    words: Words
    scene: Scene

    def other_colour(self, known: Kind, used: Sequence[Finish]) -> Finish | None:
        """Return the first finish in a colour that none of the used ones resembles."""
        names = [name for name in known.colours if not any(similar(name, one.colour) for one in used)]
        names = [name for name in names if self.words.allowed(name)]
        return replace(used[0], colour=self.words.draw(self.rng, names)) if names else None

    def other_material(self, known: Kind, used: Sequence[Finish]) -> Finish | None:
        """Return the first finish in a material that none of the used ones has."""
        taken = {one.material for one in used}
        names = [name for name in known.materials if name not in taken and self.words.allowed(name)]
        return replace(used[0], material=self.words.draw(self.rng, names)) if names else None

    def other_pattern(self, known: Kind, used: Sequence[Finish]) -> Finish | None:
        """Return the first finish in a pattern that none of the used ones has."""
        names = [name for name in known.patterns if name not in {one.pattern for one in used}]
        return replace(used[0], pattern=names[int(self.rng.integers(len(names)))]) if names else None

    def other(self, field: str, known: Kind, used: Sequence[Finish]) -> Finish | None:
        """Return the first finish with another colour, material or pattern, or None if there is none."""
        if field == "both":
            return replace(used[1], material=used[2].material)
        drawer = {"colour": self.other_colour, "material": self.other_material, "pattern": self.other_pattern}
        return drawer[field](known, used)


def vary(rng: Rng, scene: Scene, words: Words) -> tuple[tuple[Scene, ...], tuple[Change, ...]]:
    """Return the base scene and its variants, and every ordered pair that one change tells apart."""
    draw = Draw(rng, words, scene)
    if not scene.room and rng.random() < OWN:
        variants, _ = _slot(draw, LONGER, targets(draw, LARGE), "")
        return (scene, *variants), tuple(changes((scene, *variants)))
    first, target = _slot(draw, LONG, targets(draw, LARGE), "")
    second, _ = _slot(draw, SHORT, targets(draw, SMALL), target)
    states = (scene, *first, *second)
    return states, tuple(changes(states))


def targets(draw: Draw, share: float) -> list[Thing]:
    """Return what is large and unhidden enough to change and carries nothing, in a random order."""
    seen = sights(draw.scene.things, draw.scene.camera, side=64)
    carrying = {one.on for one in draw.scene.things}
    fit = [
        one
        for one in draw.scene.things
        if one.id not in carrying and seen[one.id].share >= share and seen[one.id].clear >= CLEAR
    ]
    kinds = [one.kind for one in draw.scene.things]
    mass = np.array([min(seen[one.id].share, EVEN) ** 0.5 * _eagerness(one.kind, kinds) for one in fit])
    if not fit:
        return []
    return [
        fit[int(place)] for place in draw.rng.choice(len(fit), len(fit), replace=False, p=mass / mass.sum())
    ]


def _eagerness(kind: str, kinds: Sequence[str]) -> float:
    """How readily a thing is changed: one of several of a kind, for references that must tell them apart."""
    return 5.0 if kinds.count(kind) > 1 else COMMON.get(kind, 1.0)


def _slot(
    draw: Draw, shapes: Mapping[tuple[str, ...], float], things: Sequence[Thing], taken: str
) -> tuple[list[Scene], str]:
    """Draw a slot's shape and its target until one allows the other, and return its scenes."""
    mass = np.array(list(shapes.values()))
    order = draw.rng.choice(len(mass), len(mass), replace=False, p=mass / mass.sum())
    for shape in [list(shapes)[int(place)] for place in order]:
        if shape[0] == "surface":
            return _surfaces(draw, len(shape), taken)
        for thing in things:
            scenes = _thing_variants(draw, thing, shape) if thing.id != taken else []
            if scenes:
                return scenes, thing.id
    return _surfaces(draw, len(next(iter(shapes))), taken)


def _thing_variants(draw: Draw, thing: Thing, shape: Sequence[str]) -> list[Scene]:
    """Return a scene for each variant of a thing, or none where one of them cannot be."""
    used, scenes = [thing.finish], []
    for part in shape:
        if part == "remove":
            scenes.append(_without(draw.scene, thing))
            continue
        if part == "replace":
            new = exchanged(draw.rng, draw.words, draw.scene, thing)
        else:
            finish = draw.other(part, KINDS[thing.kind], used)
            new = replace(thing, finish=finish) if finish else None
            used += [finish] if finish else []
        if new is None:
            return []
        scenes.append(_with(draw.scene, thing, new))
    return scenes


def _without(scene: Scene, thing: Thing) -> Scene:
    return replace(scene, things=tuple(one for one in scene.things if one.id != thing.id))


def _with(scene: Scene, thing: Thing, new: Thing) -> Scene:
    return replace(scene, things=tuple(new if one.id == thing.id else one for one in scene.things))


def _surfaces(draw: Draw, count: int, taken: str) -> tuple[list[Scene], str]:
    """Restyle the wall or the floor: another colour, material or pattern, or a usual finish altogether."""
    names = [name for name in ("wall", "floor") if name != taken]
    name = names[int(draw.rng.integers(len(names)))] if draw.scene.room else "wall"
    used: list[Finish] = [getattr(draw.scene, name)]
    scenes = []
    while len(used) <= count:
        new = _restyled(draw, name, used)
        if new is None or new in used:
            continue
        used.append(new)
        scenes.append(_surfaced(draw.scene, name, new))
    return scenes, name


def _surfaced(scene: Scene, name: str, finish: Finish) -> Scene:
    """Return the scene with another wall or floor; a backdrop is both."""
    return replace(
        scene,
        wall=finish if name == "wall" else scene.wall,
        floor=finish if name == "floor" or not scene.room else scene.floor,
    )


def _restyled(draw: Draw, name: str, used: Sequence[Finish]) -> Finish | None:
    if not draw.scene.room:
        return draw.other_colour(SURFACES[name], used)
    chance = draw.rng.random()
    if name == "floor" and chance < 0.5:
        material = draw.words.draw(draw.rng, [one for one in NATURAL_FLOORS if one != used[-1].material])
        return Finish(draw.words.draw(draw.rng, NATURAL_FLOORS[material]), material)
    field = "colour" if chance < 0.7 else "material" if chance < 0.85 else "pattern"
    return draw.other(field, SURFACES[name], used)


def changes(states: Sequence[Scene]) -> Iterator[Change]:
    """Yield every ordered pair of states that differ in one thing or surface as one instruction can say."""
    for before, old in enumerate(states):
        for after, new in enumerate(states):
            found = difference(old, new) if before != after else None
            if found:
                yield Change(before, after, *found)


def difference(old: Scene, new: Scene) -> tuple[str, str] | None:
    """Return the operation and the target of the one change between two scenes, or None."""
    found = [("restyle", name) for name in SURFACES if getattr(old, name) != getattr(new, name)]
    if not old.room and len(found) == 2:  # a backdrop is both
        found = found[:1]
    before, after = ({one.id: one for one in scene.things} for scene in (old, new))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            found.append((_operation(before.get(name), after.get(name)), name))
    return found[0] if len(found) == 1 and found[0][0] else None


def _operation(old: Thing | None, new: Thing | None) -> str:
    if old is None or new is None:
        return "add" if old is None else "remove"
    if old.kind != new.kind:
        return "replace"
    differing = [field for field in ("colour", "material", "pattern") if _differs(old, new, field)]
    names = {"colour": "recolour", "material": "material", "pattern": "pattern"}
    return names[differing[0]] if len(differing) == 1 else ""


def _differs(old: Thing, new: Thing, field: str) -> bool:
    return bool(getattr(old.finish, field) != getattr(new.finish, field))
