"""What scenes are made of, as data: rooms, object classes, colours, materials and patterns.

Captions, expressions and instructions use these very words, so a name here is an English noun or adjective.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ROOMS = ("bedroom", "living room", "kitchen", "bathroom", "hallway", "dining room")

COLOURS: Mapping[str, tuple[int, int, int]] = {
    "white": (236, 233, 226),
    "beige": (214, 196, 164),
    "grey": (138, 138, 138),
    "black": (32, 32, 34),
    "brown": (112, 74, 46),
    "red": (176, 36, 34),
    "orange": (222, 118, 36),
    "yellow": (232, 196, 60),
    "green": (64, 124, 62),
    "teal": (22, 122, 126),
    "blue": (48, 96, 178),
    "navy": (26, 40, 88),
    "purple": (112, 62, 142),
    "pink": (226, 146, 160),
}
"""sRGB, 0..255, of each named colour."""

SIMILAR_COLOURS = (
    frozenset({"white", "beige"}),
    frozenset({"navy", "black"}),
    frozenset({"navy", "blue"}),
    frozenset({"navy", "purple"}),
    frozenset({"teal", "green"}),
    frozenset({"teal", "blue"}),
    frozenset({"brown", "black"}),
)
"""Pairs that look alike in a small or shaded picture: no edit leads from one to the other, and no expression
tells them apart."""

MATERIALS = (
    "fabric",
    "velvet",
    "leather",
    "wood",
    "metal",
    "plastic",
    "glass",
    "ceramic",
    "marble",
    "stone",
    "rattan",
    "paint",
    "tile",
    "brick",
    "leaf",
)
"""Each has its own reflectance model; the last five are of walls, floors and plants."""

PATTERNS = ("plain", "striped", "checked", "dotted")


@dataclass(frozen=True)
class Kind:
    """One class of objects."""

    plural: str  # of its name
    colours: tuple[str, ...]  # it may have
    materials: tuple[str, ...]  # of its main finish
    patterns: tuple[str, ...] = ("plain",)
    stands: str = "floor"  # "floor", "wall" (hangs on it), "top" (on another object), "ceiling"


_ANY = tuple(COLOURS)
_TEXTILE = ("fabric", "velvet")
_SEAT = ("fabric", "velvet", "leather")
_HARD = ("wood", "metal", "plastic")
_CASE = ("wood", "metal")
_PATTERNS = PATTERNS

KINDS: Mapping[str, Kind] = {
    "chair": Kind("chairs", _ANY, ("wood", "metal", "plastic", "fabric", "leather", "velvet")),
    "armchair": Kind("armchairs", _ANY, _SEAT, ("plain", "striped", "checked")),
    "stool": Kind("stools", _ANY, _HARD),
    "bench": Kind("benches", _ANY, _CASE),
    "sofa": Kind("sofas", _ANY, _SEAT, ("plain", "striped", "checked")),
    "ottoman": Kind("ottomans", _ANY, _SEAT),
    "bed": Kind("beds", _ANY, _TEXTILE, _PATTERNS),
    "table": Kind("tables", _ANY, ("wood", "metal", "marble", "glass")),
    "coffee table": Kind("coffee tables", _ANY, ("wood", "metal", "marble", "glass")),
    "desk": Kind("desks", _ANY, _CASE),
    "nightstand": Kind("nightstands", _ANY, _CASE),
    "dresser": Kind("dressers", _ANY, _CASE),
    "wardrobe": Kind("wardrobes", _ANY, _CASE),
    "cabinet": Kind("cabinets", _ANY, _CASE),
    "bookshelf": Kind("bookshelves", _ANY, _CASE),
    "shelf": Kind("shelves", _ANY, _CASE, stands="wall"),
    "lamp": Kind("lamps", _ANY, ("fabric", "metal", "glass")),  # a floor lamp
    "table lamp": Kind("table lamps", _ANY, ("fabric", "metal", "ceramic"), stands="top"),
    "pendant": Kind("pendants", _ANY, ("metal", "glass", "rattan"), stands="ceiling"),
    "rug": Kind("rugs", _ANY, ("fabric",), _PATTERNS),
    "plant": Kind("plants", _ANY, ("ceramic", "rattan", "stone")),  # the colour is the pot's
    "vase": Kind("vases", _ANY, ("ceramic", "glass", "metal"), stands="top"),
    "picture": Kind("pictures", _ANY, _CASE, stands="wall"),  # the colour is the artwork's
    "mirror": Kind("mirrors", _ANY, _CASE, stands="wall"),  # the colour is the frame's
    "clock": Kind("clocks", _ANY, _HARD, stands="wall"),
    "curtain": Kind("curtains", _ANY, _TEXTILE, _PATTERNS, stands="wall"),
    "blind": Kind("blinds", _ANY, ("fabric", "wood"), stands="wall"),
    "television": Kind("televisions", ("black", "grey", "white"), ("plastic",)),
    "basket": Kind("baskets", _ANY, ("rattan", "fabric")),
    "fridge": Kind("fridges", _ANY, ("metal",)),
    "oven": Kind("ovens", ("white", "black", "grey", "red"), ("metal",)),
    "sink": Kind("sinks", ("white", "grey", "beige", "black"), ("ceramic", "stone", "marble")),
    "bathtub": Kind("bathtubs", ("white", "beige", "grey", "black", "pink", "teal"), ("ceramic", "stone")),
    "toilet": Kind("toilets", ("white", "beige", "grey", "black"), ("ceramic",)),
}
"""Every object class by its name."""

SINGLES = ("chair", "bed", "table", "sofa", "curtain", "blind", "lamp", "rug", "plant", "picture", "cabinet")
"""Classes that also stand alone on a plain background."""

WALL = Kind("walls", _ANY, ("paint", "wood", "brick", "tile", "marble"), ("plain", "striped"))
FLOOR = Kind("floors", _ANY, ("wood", "tile", "marble", "stone", "fabric"), ("plain", "checked"))


@dataclass(frozen=True)
class Holdout:
    """What the general split leaves out, so that specialising on the rest has something to gain."""

    rooms: tuple[str, ...] = ("bathroom", "dining room")
    colours: tuple[str, ...] = ("teal", "purple")
    materials: tuple[str, ...] = ("velvet", "marble")
