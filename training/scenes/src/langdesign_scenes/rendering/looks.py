"""Which look a finish has in the light: reflectance models as data, and nothing of the renderer.

Words become a `Look`; `engine` turns a look into a reflectance model. The principled model is Burley's
(Physically-Based Shading at Disney, 2012).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ..description import Finish
from ..errors import SceneError
from ..vocabulary import COLOURS, MATERIALS

Colour = tuple[float, float, float]
"""Linear RGB, 0..1."""


@dataclass(frozen=True)
class Weave:
    """A texture by name: `textures.paint` draws it."""

    name: str
    colour: Colour
    second: Colour
    seed: int = 0


@dataclass(frozen=True)
class Look:
    """How one surface reflects and shines."""

    colour: Colour
    texture: Weave | None = None  # in place of the colour
    roughness: float = 1.0  # 0..1
    specular: float = 0.0  # 0..1; 0.5 is common glass or plastic
    metallic: float = 0.0
    sheen: float = 0.0
    clearcoat: float = 0.0
    opacity: float = 1.0
    model: Literal["principled", "diffuse", "mirror"] = "principled"
    emission: Colour | None = None  # radiance
    sampled: bool = True  # whether paths look for its light


def linear(colour: tuple[float, ...]) -> Colour:
    """Return sRGB 0..255 as linear RGB 0..1 (IEC 61966-2-1)."""
    value = np.asarray(colour, dtype=np.float64) / 255.0
    low, high = value / 12.92, ((value + 0.055) / 1.055) ** 2.4
    red, green, blue = np.where(value <= 0.04045, low, high).tolist()
    return (red, green, blue)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return `first` with a share 0..1 of `second`."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return (red, green, blue)


def luminance(colour: Colour) -> float:
    """Return the relative luminance of a linear colour (Rec. 709)."""
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


CREAM = linear((238, 228, 208))
INK = linear((58, 54, 52))
OAK = linear((208, 180, 140))
WALNUT = linear((104, 68, 44))
_HEARTWOOD = linear((58, 36, 24))
BRASS = linear((196, 158, 88))
STEEL = linear((176, 176, 178))
IRON = linear((46, 45, 46))
WOODS = {"beige": OAK, "brown": WALNUT}
"""Colours that natural wood has; in any other, wood is painted."""

_LAMP = linear((255, 214, 160))
_GLASS = linear((206, 222, 220))


def second_tone(colour: Colour) -> Colour:
    """Return what stripes, checks and dots on a colour are drawn in: cream on dark, darker on light."""
    return CREAM if luminance(colour) < 0.45 else mix(colour, INK, 0.55)


def finish_look(finish: Finish, seed: int = 0) -> Look:
    """Return the look of a finish.

    Raises:
        SceneError: the vocabulary lacks its colour or material.

    """
    if finish.colour not in COLOURS or finish.material not in MATERIALS:
        raise SceneError(f"{finish} is not of the vocabulary; see vocabulary.COLOURS and MATERIALS")
    colour = linear(COLOURS[finish.colour])
    if finish.material == "wood":
        return _wood(finish.colour, colour)
    look = _MATERIALS[finish.material]
    name = finish.material if finish.pattern == "plain" else finish.pattern
    look = replace(look, colour=colour)
    if name in _TEXTURED:
        return replace(look, texture=Weave(name, colour, _second(finish, colour), seed))
    return look


def _second(finish: Finish, colour: Colour) -> Colour:
    if finish.pattern == "plain" and finish.material in _SECOND:
        return mix(colour, *_SECOND[finish.material])
    return second_tone(colour)


_MATERIALS: Mapping[str, Look] = {
    "fabric": Look(CREAM, model="diffuse"),
    "velvet": Look(CREAM, roughness=0.7, specular=0.2, sheen=1.0),
    "leather": Look(CREAM, roughness=0.3, specular=0.75),
    "metal": Look(CREAM, roughness=0.26, metallic=0.8, specular=0.6),
    "plastic": Look(CREAM, roughness=0.3, specular=0.5),
    "glass": Look(CREAM, roughness=0.12, specular=0.9, opacity=0.62),
    "ceramic": Look(CREAM, roughness=0.18, specular=0.6),
    "marble": Look(CREAM, roughness=0.16, specular=0.5),
    "stone": Look(CREAM, roughness=0.7, specular=0.3),
    "rattan": Look(CREAM, roughness=0.6, specular=0.3),
    "paint": Look(CREAM, model="diffuse"),
    "tile": Look(CREAM, roughness=0.25, specular=0.5),
    "brick": Look(CREAM, model="diffuse"),
    "leaf": Look(CREAM, roughness=0.5, specular=0.3),
}

_TEXTURED = (
    "fabric", "velvet", "leather", "marble", "stone", "rattan", "tile", "brick", "leaf",
    "striped", "checked", "dotted",
)  # fmt: skip

_SECOND: Mapping[str, tuple[Colour, float]] = {
    "marble": (mix(CREAM, INK, 0.7), 0.85),  # veins
    "tile": (linear((205, 200, 190)), 0.8),  # grout
    "brick": (linear((196, 188, 176)), 0.85),  # mortar
    "rattan": (INK, 0.75),  # gaps
    "stone": (INK, 0.35),  # speckles
}


def _wood(name: str, colour: Colour) -> Look:
    natural = WOODS.get(name)
    if natural is None:
        grain = Weave("painted wood", colour, mix(colour, INK, 0.22))
        return Look(colour, grain, roughness=0.45, specular=0.4)
    return natural_wood(natural)


def natural_wood(colour: Colour) -> Look:
    """Return oiled wood with a visible grain."""
    return Look(colour, Weave("wood", colour, mix(colour, _HEARTWOOD, 0.5)), roughness=0.42, specular=0.4)


def floor_look(finish: Finish) -> Look:
    """Return the look of a floor: planks, tiles, slabs or carpet."""
    look = finish_look(finish)
    if finish.pattern == "plain" and finish.material in ("wood", "marble", "stone"):
        colour = look.colour
        joint = mix(colour, INK, 0.6 if finish.material == "wood" else 0.45)
        look = replace(look, texture=Weave(f"{finish.material} floor", colour, joint))
    return replace(look, roughness=max(look.roughness, 0.35), specular=min(look.specular, 0.4))


def wall_look(finish: Finish) -> Look:
    """Return the look of a wall: paint, panels, brick, tiles or slabs."""
    look = finish_look(finish)
    if finish.pattern == "plain" and finish.material in ("wood", "marble"):
        joint = mix(look.colour, INK, 0.55 if finish.material == "wood" else 0.45)
        look = replace(look, texture=Weave(f"{finish.material} wall", look.colour, joint))
    if finish.pattern == "striped":
        pale = mix(look.colour, CREAM if luminance(look.colour) < 0.6 else INK, 0.35)
        look = replace(look, texture=Weave("wallpaper", look.colour, pale))
    return replace(look, roughness=max(look.roughness, 0.3))


def part_look(role: str, kind: str, style: int, finish: Finish, lamps: float) -> Look:
    """Return the look of one part of a thing.

    Args:
        role: of the part.
        kind: of the thing.
        style: of the thing; chooses among woods and metals that go with any colour.
        finish: of the thing.
        lamps: strength of the lamps, 0..1.

    """
    if kind == "picture":
        return _picture(role, finish, style)
    main = finish_look(finish)
    match role:
        case "main":
            look = _shade(main, lamps) if _is_shade(kind, finish) else main
        case "frame":
            look = _frame(kind, finish, main, style)
        case "cushion":
            look = _cushion(finish, main, style)
        case "metal":
            look = _metal(style)
        case "art":
            weave = Weave("art", main.colour, second_tone(main.colour), style)
            look = replace(_FIXED["paper"], texture=weave)
        case "glow":
            look = replace(_FIXED["paper"], colour=_LAMP, emission=scaled(_LAMP, 0.6 + 11.0 * lamps))
        case _:
            look = _FIXED[role]
    return look


_FIXED: Mapping[str, Look] = {
    "mirror": Look((0.9, 0.9, 0.9), model="mirror"),
    "glass": Look(_GLASS, roughness=0.08, specular=0.8, opacity=0.35),
    "leaf": Look(
        linear((62, 112, 52)),
        Weave("leaf", linear((66, 118, 54)), linear((38, 82, 40))),
        roughness=0.45,
        specular=0.35,
    ),
    "soil": Look(linear((64, 46, 34)), Weave("stone", linear((66, 48, 36)), linear((36, 26, 20)))),
    "paper": Look(linear((240, 236, 226)), model="diffuse"),
    "screen": Look(linear((18, 20, 24)), roughness=0.12, specular=0.6),
}


def scaled(colour: Colour, strength: float) -> Colour:
    """Return a colour times a strength."""
    return (colour[0] * strength, colour[1] * strength, colour[2] * strength)


def _picture(role: str, finish: Finish, style: int) -> Look:
    """Return the look of a picture: the colour is the artwork's, the material its frame's."""
    colour = finish_look(finish).colour
    ground = Weave("canvas", colour, mix(colour, INK, 0.3), style % 16)
    match role:
        case "main":
            return replace(_FIXED["paper"], texture=ground)
        case "art":
            tone = second_tone(colour) if style % 2 else mix(colour, INK, 0.6)
            return replace(_FIXED["paper"], colour=tone)
        case "frame":
            woods = (natural_wood(OAK), natural_wood(WALNUT), Look(IRON, roughness=0.5, specular=0.4))
            return _metal(style) if finish.material == "metal" else woods[style % 3]
        case _:
            return _FIXED[role]


def _is_shade(kind: str, finish: Finish) -> bool:
    return kind in ("lamp", "table lamp") and finish.material == "fabric"


def _shade(look: Look, lamps: float) -> Look:
    """Let a lampshade shine through: a large soft light is what an eye expects, and it makes no noise."""
    warm = mix(scaled(look.colour, 1.15), _LAMP, 0.18)
    return replace(look, emission=scaled(warm, 0.15 + 2.1 * lamps))


def _frame(kind: str, finish: Finish, main: Look, style: int) -> Look:
    if finish.material == "wood":
        return replace(main, roughness=0.5)
    if finish.material == "metal" and kind not in ("lamp", "table lamp"):
        return main
    if kind in ("lamp", "table lamp", "pendant") or (finish.material in ("marble", "glass") and style % 2):
        return _metal(style)
    return natural_wood(WALNUT if style % 3 == 0 else OAK)


def _metal(style: int) -> Look:
    colour = (BRASS, STEEL, IRON)[zlib.crc32(str(style).encode()) % 3]
    return Look(colour, roughness=0.3, metallic=0.85, specular=0.6)


def _cushion(finish: Finish, main: Look, style: int) -> Look:
    textile = finish.material in ("fabric", "velvet", "leather")
    plain = mix(main.colour, CREAM, 0.62) if textile and style % 2 else CREAM
    return Look(plain, Weave("fabric", plain, second_tone(plain)), model="diffuse")
