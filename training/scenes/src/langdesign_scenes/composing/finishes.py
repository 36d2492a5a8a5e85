"""Colours, materials and patterns that go together: palettes, and what may be drawn in a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..description import Finish
from ..vocabulary import COLOURS, FLOOR, KINDS, SIMILAR_COLOURS, WALL, Holdout, Kind

Rng = np.random.Generator

SURFACES: Mapping[str, Kind] = {"wall": WALL, "floor": FLOOR}

NEUTRALS: Mapping[str, float] = {"white": 3, "beige": 3, "grey": 3, "brown": 3, "black": 1.5}

COMPANIONS: Mapping[str, tuple[str, ...]] = {
    "white": ("blue", "green", "yellow", "black", "red", "teal"),
    "beige": ("green", "orange", "teal", "navy", "brown", "pink"),
    "grey": ("yellow", "pink", "teal", "orange", "blue", "purple"),
    "black": ("yellow", "red", "white", "orange", "pink", "green"),
    "brown": ("teal", "orange", "green", "beige", "blue", "yellow"),
    "red": ("navy", "white", "beige", "teal", "grey", "black"),
    "orange": ("navy", "teal", "blue", "brown", "green", "grey"),
    "yellow": ("grey", "blue", "navy", "purple", "teal", "black"),
    "green": ("pink", "orange", "beige", "yellow", "brown", "purple"),
    "teal": ("orange", "yellow", "pink", "red", "beige", "white"),
    "blue": ("orange", "yellow", "white", "pink", "red", "beige"),
    "navy": ("red", "orange", "yellow", "pink", "white", "beige"),
    "purple": ("yellow", "green", "pink", "grey", "white", "orange"),
    "pink": ("green", "teal", "grey", "navy", "blue", "purple"),
}
"""Accents that a designer would set beside each accent."""

WOODS: Mapping[str, float] = {"brown": 5, "beige": 3, "white": 1, "grey": 1, "black": 1}

NATURAL_FLOORS: Mapping[str, Mapping[str, float]] = {
    "wood": {"brown": 4, "beige": 4, "grey": 1.5, "white": 1, "black": 0.7},
    "tile": {
        "white": 3,
        "grey": 3,
        "beige": 2,
        "black": 1,
        "blue": 0.7,
        "green": 0.7,
        "teal": 0.7,
        "red": 0.5,
    },
    "marble": {"white": 3, "grey": 2, "black": 1.5, "beige": 2, "green": 0.7, "pink": 0.7},
    "stone": {"grey": 3, "beige": 3, "brown": 1, "black": 1},
    "fabric": {
        "grey": 2,
        "beige": 2,
        "blue": 1,
        "navy": 1,
        "green": 1,
        "purple": 0.8,
        "pink": 0.8,
        "teal": 0.8,
    },
}
LIGHT_WALLS: Mapping[str, float] = {"white": 5, "beige": 3.5, "grey": 1.5, "pink": 0.7, "yellow": 0.7}
DRESSED_WALLS: Mapping[str, Mapping[str, float]] = {
    "paint": {},
    "wood": WOODS,
    "brick": {"red": 2, "white": 2, "brown": 1, "grey": 1, "beige": 1},
    "tile": {"white": 4, "grey": 1, "green": 1, "blue": 1, "teal": 1, "beige": 1, "pink": 0.7},
    "marble": {"white": 3, "grey": 1, "beige": 1, "green": 0.5},
}
PLAIN = {"rug": 0.45, "curtain": 0.6, "bed": 0.6, "sofa": 0.8, "armchair": 0.8, "wall": 0.93, "floor": 0.9}
"""How often what may have a pattern has none."""

DARK = ("black", "brown", "navy")
BACKDROPS: Mapping[str, float] = {
    "white": 3,
    "beige": 2.5,
    "grey": 2.5,
    "pink": 1,
    "yellow": 1,
    "green": 0.7,
    "blue": 0.8,
    "teal": 0.7,
}


@dataclass(frozen=True)
class Words:
    """What may be drawn, and how eagerly.

    Args:
        general: whether what the general split leaves out is forbidden; else it is drawn twice as often.

    """

    general: bool
    holdout: Holdout = field(default_factory=Holdout)

    def allowed(self, word: str) -> bool:
        """Whether a room, colour or material may occur."""
        return not self.general or not self.held_out(word)

    def held_out(self, word: str) -> bool:
        """Whether the general split leaves the room, colour or material out."""
        return word in self.holdout.rooms + self.holdout.colours + self.holdout.materials

    def draw(self, rng: Rng, words: Mapping[str, float] | Sequence[str]) -> str:
        """Draw a word that is allowed; at least one of them must be."""
        weights = words if isinstance(words, Mapping) else dict.fromkeys(words, 1.0)
        names = [word for word in weights if self.allowed(word)]
        mass = np.array([weights[word] * (2 if self.held_out(word) else 1) for word in names])
        return names[int(rng.choice(len(names), p=mass / mass.sum()))]


def similar(one: str, other: str) -> bool:
    """Whether two colours are the same or hard to tell apart."""
    return one == other or frozenset({one, other}) in SIMILAR_COLOURS


@dataclass(frozen=True)
class Palette:
    """The colours of one room."""

    neutrals: tuple[str, str]
    accents: tuple[str, str]
    wood: str

    def colour(self, rng: Rng, kind: str, material: str, words: Words) -> str:
        """Draw the colour of a thing: mostly of the palette, now and then any that the kind may have."""
        wood = material in {"wood", "rattan"}
        bag = dict.fromkeys(KINDS[kind].colours, 0.12)
        for names, mass in ((self.neutrals, 1.0), (self.accents, 2.6), ((self.wood,), 3.0 if wood else 0.0)):
            for name in names:
                if name in bag:
                    bag[name] += mass
        return words.draw(rng, bag)


def draw_palette(rng: Rng, words: Words) -> Palette:
    """Draw two neutrals, an accent and one that goes with it, and a wood tone."""
    accent = words.draw(rng, tuple(COLOURS))
    partner = words.draw(rng, COMPANIONS[accent])
    first = words.draw(rng, NEUTRALS)
    second = words.draw(rng, {name: mass for name, mass in NEUTRALS.items() if name != first})
    return Palette((first, second), (accent, partner), words.draw(rng, WOODS))


def draw_pattern(rng: Rng, name: str, patterns: Sequence[str]) -> str:
    """Draw the pattern of a kind or surface: mostly plain."""
    others = [pattern for pattern in patterns if pattern != "plain"]
    if not others or rng.random() < PLAIN.get(name, 0.7):
        return "plain"
    return others[int(rng.integers(len(others)))]


def draw_finish(rng: Rng, kind: str, palette: Palette, words: Words, behind: str = "") -> Finish:
    """Draw the finish of a thing that stands out from the colour behind it."""
    known = KINDS[kind]
    material = words.draw(rng, known.materials)
    colour = palette.colour(rng, kind, material, words)
    for _ in range(4):
        if not similar(colour, behind):
            break
        colour = palette.colour(rng, kind, material, words)
    return Finish(colour, material, draw_pattern(rng, kind, known.patterns))


def draw_wall(rng: Rng, palette: Palette, words: Words, materials: Mapping[str, float]) -> Finish:
    """Draw the walls: mostly light paint, now and then an accent or another material."""
    material = words.draw(rng, materials)
    colours = DRESSED_WALLS[material] or (
        LIGHT_WALLS
        if rng.random() < 0.7
        else {name: 0.25 if name in DARK else 1.0 for name in (*palette.accents, *palette.neutrals)}
    )
    pattern = draw_pattern(rng, "wall", WALL.patterns) if material == "paint" else "plain"
    return Finish(words.draw(rng, colours), material, pattern)


def draw_floor(rng: Rng, words: Words, materials: Mapping[str, float]) -> Finish:
    """Draw the floor in a colour that its material has."""
    material = words.draw(rng, materials)
    pattern = draw_pattern(rng, "floor", FLOOR.patterns) if material in {"tile", "marble"} else "plain"
    return Finish(words.draw(rng, NATURAL_FLOORS[material]), material, pattern)
