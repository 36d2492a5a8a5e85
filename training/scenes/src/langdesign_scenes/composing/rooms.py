"""What rooms hold and where, as data; `placing` knows the places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Range = tuple[float, float]
BACK = ("back wall",)
SIDES = ("left wall", "right wall")
WALLS = BACK + SIDES
MOSTLY_BACK = BACK * 3 + SIDES


@dataclass(frozen=True)
class Item:
    """One entry of a room: some things of one kind at one place."""

    name: str  # by which later entries refer to it
    kinds: tuple[str, ...]  # one is drawn; a kind may be named twice to come more often
    place: str  # a name of `placing.PLACES`
    anchor: str = ""  # the entry that it goes with; without that one, this one is left out
    chance: float = 1.0
    counts: tuple[int, ...] = (1,)  # one is drawn
    walls: tuple[str, ...] = WALLS  # one is drawn, where it goes against a wall
    scales: Range = (0.95, 1.08)
    same: float = 0.65  # how often several look the same
    needed: bool = False


@dataclass(frozen=True)
class RoomType:
    """One type of room."""

    width: Range
    depth: Range
    items: tuple[Item, ...]  # in the order in which they are placed
    walls: Mapping[str, float]  # materials and how often
    floors: Mapping[str, float]


PICTURES: Range = (1.0, 1.45)
SMALL: Range = (1.1, 1.35)
PAINTED: Mapping[str, float] = {"paint": 12, "wood": 1.2, "brick": 1.2, "marble": 0.5}
TILED: Mapping[str, float] = {"paint": 4, "tile": 4, "marble": 1, "brick": 0.6}
LIVED: Mapping[str, float] = {"wood": 6, "fabric": 2, "tile": 1, "stone": 0.7, "marble": 0.7}
WASHED: Mapping[str, float] = {"tile": 6, "stone": 1.5, "marble": 1.2, "wood": 1.5}

_WINDOW = Item("window", ("curtain", "curtain", "blind"), "window", chance=0.75, walls=BACK + WALLS)
_PLANT = Item(
    "green",
    ("plant", "plant", "plant", "lamp", "basket"),
    "corner",
    chance=0.6,
    counts=(1, 1, 1, 2),
    same=0.3,
)

BEDROOM = RoomType(
    (3.3, 4.4),
    (3.7, 4.7),
    (
        Item("bed", ("bed",), "wall", walls=MOSTLY_BACK, needed=True),
        Item(
            "nightstand",
            ("nightstand", "nightstand", "nightstand", "stool"),
            "beside",
            "bed",
            0.85,
            (1, 2),
        ),
        _WINDOW,
        Item(
            "lamp", ("table lamp", "table lamp", "table lamp", "vase"), "on", "nightstand", 0.7, scales=SMALL
        ),
        Item(
            "art",
            ("picture", "picture", "picture", "mirror", "shelf"),
            "above",
            "bed",
            0.6,
            (1, 2, 2, 3),
            scales=PICTURES,
        ),
        Item("storage", ("wardrobe", "dresser", "bookshelf", "cabinet", "desk"), "wall", chance=0.75),
        Item("chair", ("chair", "chair", "stool"), "facing", "storage:desk", 0.9),
        Item(
            "vase", ("vase", "table lamp", "plant"), "on", "storage:dresser,desk,cabinet", 0.5, scales=SMALL
        ),
        Item(
            "over",
            ("mirror", "picture", "clock", "shelf"),
            "above",
            "storage:dresser,desk,cabinet",
            0.6,
            scales=PICTURES,
        ),
        Item("foot", ("bench", "ottoman", "ottoman"), "before", "bed", 0.22, (1, 2)),
        Item("rug", ("rug",), "under", "bed", 0.65, scales=(1.0, 1.3)),
        Item("seat", ("armchair", "chair", "ottoman"), "corner", chance=0.35),
        _PLANT,
        Item("light", ("pendant",), "over", "bed", 0.2),
    ),
    PAINTED,
    LIVED,
)
LIVING_ROOM = RoomType(
    (3.6, 5.0),
    (3.9, 5.0),
    (
        Item("sofa", ("sofa",), "wall", walls=MOSTLY_BACK, needed=True),
        Item("table", ("coffee table", "coffee table", "coffee table", "ottoman"), "before", "sofa", 0.8),
        Item("seats", ("armchair", "armchair", "chair", "ottoman"), "flank", "table", 0.65, (1, 2)),
        _WINDOW,
        Item(
            "art",
            ("picture", "picture", "picture", "mirror", "clock", "shelf"),
            "above",
            "sofa",
            0.65,
            (1, 2, 2, 3),
            scales=PICTURES,
        ),
        Item("lamp", ("lamp", "lamp", "plant", "nightstand"), "beside", "sofa", 0.65, (1, 2)),
        Item("media", ("cabinet", "dresser", "bench"), "wall", chance=0.45, walls=SIDES),
        Item("screen", ("television",), "on", "media", 0.8),
        Item("case", ("bookshelf", "cabinet", "bookshelf", "desk"), "wall", chance=0.4),
        Item("vase", ("vase", "plant", "vase"), "on", "table:coffee table", 0.35, scales=SMALL),
        Item("rug", ("rug",), "beneath", "table", 0.75, scales=(1.1, 1.5)),
        _PLANT,
        Item("light", ("pendant",), "over", "table", 0.15),
    ),
    PAINTED,
    LIVED,
)
KITCHEN = RoomType(
    (3.2, 4.4),
    (3.5, 4.6),
    (
        Item(
            "run",
            ("fridge", "oven", "sink", "cabinet", "cabinet"),
            "run",
            walls=BACK,
            needed=True,
            scales=(1, 1),
        ),
        Item("table", ("table",), "centre", chance=0.6, scales=(0.85, 1.0)),
        Item("seats", ("chair", "chair", "stool"), "around", "table", 0.95, (2, 2, 3, 4)),
        Item("window", ("blind", "blind", "curtain"), "window", chance=0.6),
        Item("up", ("shelf", "shelf", "clock", "picture"), "above", "run", 0.6, (1, 2), scales=(1.0, 1.3)),
        Item("light", ("pendant",), "over", "table", 0.4, (1, 2)),
        Item("vase", ("vase", "vase", "plant"), "on", "table", 0.35, scales=SMALL),
        Item("side", ("cabinet", "bench", "stool", "basket"), "wall", chance=0.3, walls=SIDES),
        Item("rug", ("rug",), "fore", "run", 0.35, scales=(0.8, 1.0)),
        _PLANT,
    ),
    TILED,
    {"wood": 4, "tile": 5, "stone": 1.5, "marble": 1},
)
BATHROOM = RoomType(
    (3.0, 3.6),
    (3.2, 3.9),
    (
        Item("tub", ("bathtub",), "wall", chance=0.9, walls=WALLS),
        Item("sink", ("sink",), "wall", walls=BACK * 2 + SIDES, needed=True, scales=(1.0, 1.2)),
        Item("toilet", ("toilet",), "wall", chance=0.85),
        Item("mirror", ("mirror",), "above", "sink", 0.8, scales=(0.9, 1.1)),
        Item("window", ("blind", "blind", "curtain"), "window", chance=0.5),
        Item("mat", ("rug",), "fore", "tub", 0.55, scales=(0.55, 0.75)),
        Item("store", ("cabinet", "shelf", "stool", "basket"), "wall", chance=0.55, scales=(0.9, 1.05)),
        Item("art", ("picture", "shelf", "clock"), "above", "toilet", 0.35, scales=(1.0, 1.3)),
        Item("green", ("plant", "basket", "stool"), "corner", chance=0.6),
    ),
    {"tile": 6, "paint": 3, "marble": 1.5},
    WASHED,
)
HALLWAY = RoomType(
    (3.0, 3.5),
    (3.4, 4.4),
    (
        Item(
            "console", ("cabinet", "dresser", "bench", "desk", "bookshelf"), "wall", walls=WALLS, needed=True
        ),
        Item(
            "over",
            ("mirror", "mirror", "picture", "clock", "shelf"),
            "above",
            "console:cabinet,dresser,bench,desk",
            0.75,
            scales=PICTURES,
        ),
        Item(
            "top",
            ("table lamp", "vase", "plant"),
            "on",
            "console:cabinet,dresser,desk",
            0.6,
            (1, 2),
            scales=SMALL,
            same=0.3,
        ),
        Item(
            "second",
            ("bench", "wardrobe", "bookshelf", "chair", "stool", "ottoman", "armchair"),
            "wall",
            chance=0.7,
            counts=(1, 2),
        ),
        Item("window", ("curtain", "blind"), "window", chance=0.35),
        Item("art", ("picture",), "hung", chance=0.6, counts=(1, 2, 3), scales=PICTURES, same=0.3),
        Item("runner", ("rug",), "runner", chance=0.7, scales=(0.9, 1.15)),
        _PLANT,
        Item("basket", ("basket", "plant", "lamp"), "corner", chance=0.4),
        Item("light", ("pendant",), "middle", chance=0.3),
    ),
    PAINTED,
    {"wood": 5, "tile": 3, "stone": 1.5, "marble": 1},
)
DINING_ROOM = RoomType(
    (3.5, 4.6),
    (3.8, 4.8),
    (
        Item("table", ("table",), "centre", needed=True),
        Item(
            "seats",
            ("chair", "chair", "chair", "armchair", "stool"),
            "around",
            "table",
            1.0,
            (2, 3, 4, 4),
            needed=True,
        ),
        Item("bench", ("bench",), "wall", chance=0.15),
        Item("side", ("cabinet", "dresser", "bookshelf"), "wall", chance=0.6, walls=MOSTLY_BACK),
        _WINDOW,
        Item(
            "over",
            ("picture", "mirror", "clock"),
            "above",
            "side:cabinet,dresser",
            0.6,
            (1, 2),
            scales=PICTURES,
        ),
        Item("light", ("pendant",), "over", "table", 0.65, (1, 2, 2, 3)),
        Item("vase", ("vase", "vase", "plant"), "on", "table", 0.5, scales=SMALL),
        Item("art", ("picture",), "hung", chance=0.4, counts=(1, 2), scales=PICTURES),
        Item("rug", ("rug",), "beneath", "table", 0.55, scales=(1.2, 1.5)),
        _PLANT,
    ),
    PAINTED,
    LIVED,
)
ROOM_TYPES: Mapping[str, RoomType] = {
    "bedroom": BEDROOM,
    "living room": LIVING_ROOM,
    "kitchen": KITCHEN,
    "bathroom": BATHROOM,
    "hallway": HALLWAY,
    "dining room": DINING_ROOM,
}
