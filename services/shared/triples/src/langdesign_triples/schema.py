"""What the files of a context may say, checked where they are read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from .triple import LONGEST_CAPTION, LONGEST_INSTRUCTION, Change

Word = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-zA-Z][a-zA-Z0-9 -]*$")]
Caption = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CAPTION)]
Instruction = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_INSTRUCTION)]
Template = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Words = Annotated[tuple[Word, ...], Field(min_length=1)]
Stand = Literal["floor", "wall", "window", "top", "ceiling", "ground", "surface"]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class Strict(BaseModel):
    """Refuses what it does not know, and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(Strict):
    """The part of a thing that bears its colour or its material, such as the pot of a plant."""

    noun: Word
    link: Word  # between the thing and the part: "a plant in a red pot"
    colour: bool = True  # whether the thing's colour is the part's
    material: bool = True


class Material(Strict):
    """What things are made of."""

    adjective: Word  # "wooden"
    stuff: Words  # "wood": made of it


class Pattern(Strict):
    """How things are decorated."""

    marks: Words  # "stripes"


class Thing(Strict):
    """One kind of thing."""

    nouns: Words  # the first is its own, the others are synonyms for instructions
    plural: Word
    colours: tuple[Word, ...] = ()  # that it may have; none means all
    materials: tuple[Word, ...] = ()  # that it may be made of; of a single one nothing is said
    patterns: tuple[Word, ...] = ()  # that it may have, beside none
    stands: Stand = "floor"  # "surface": a wall or a floor, which is altered only
    takes: tuple[Stand, ...] = ()  # what may be put next to, above or on it
    part: Part | None = None
    several: bool = False  # whether a scene may have more than one
    paired: bool = False  # named in the plural, without article: "white walls"


class Ontology(Strict):
    """The words of a context: what there is, and how it may look."""

    colours: Annotated[dict[Word, Words], Field(min_length=2)]  # by name, with other words for them
    materials: dict[Word, Material] = {}
    patterns: dict[Word, Pattern] = {}
    things: Annotated[dict[Word, Thing], Field(min_length=2)]
    strangers: tuple[Word, ...] = ()  # things that no picture of the context shows
    similar: tuple[Words, ...] = ()  # colours or materials that a small picture does not tell apart
    confused: tuple[Words, ...] = ()  # things that could be taken for each other

    @model_validator(mode="after")
    def _known(self) -> Ontology:
        for name, thing in self.things.items():
            for field, known in (
                ("colours", self.colours),
                ("materials", self.materials),
                ("patterns", self.patterns),
            ):
                if strange := set(getattr(thing, field)) - known.keys():
                    raise ValueError(f"things.{name}.{field} names {_listed(strange)}; add it to [{field}]")
        looks = self.colours.keys() | self.materials.keys()
        if strange := {word for group in self.similar for word in group} - looks:
            raise ValueError(f"similar names {_listed(strange)}; only colours and materials may stand there")
        if strange := {word for group in self.confused for word in group} - self.things.keys():
            raise ValueError(f"confused names {_listed(strange)}; add it to [things]")
        return self


class Shot(Strict):
    """An example of a triple, as an agent is shown it."""

    input: Caption
    edit: Instruction
    output: Caption
    change: Change
    target_before: str = ""
    target_after: str = ""


class Agent(Strict):
    """Who writes for one subject."""

    subject: Word
    scene: str = ""  # how a caption begins: "a bedroom"; empty for a single object
    essential: tuple[Word, ...] = ()  # things of which each caption names one
    usual: tuple[Word, ...] = ()  # things that it may name too
    system: Sentence  # prompt of the language model
    rules: tuple[Sentence, ...] = ()
    shots: Annotated[tuple[Shot, ...], Field(min_length=1)]


class Curriculum(Strict):
    """What is written for first: single objects, then rooms, again and again."""

    objects: Annotated[tuple[Word, ...], Field(max_length=100)]
    rooms: Annotated[tuple[Word, ...], Field(max_length=100)]
    objects_first: Annotated[int, Field(ge=0, le=1000)] = 4  # triples of objects in a round
    rooms_after: Annotated[int, Field(ge=0, le=1000)] = 6  # triples of rooms in the same round

    @model_validator(mode="after")
    def _fits(self) -> Curriculum:
        if not (self.objects and self.objects_first) and not (self.rooms and self.rooms_after):
            raise ValueError("name objects or rooms, and how many triples of them a round has")
        if twice := {name for name in self.objects if name in self.rooms}:
            raise ValueError(f"{_listed(twice)} is an object and a room; name it once")
        return self


class Header(Strict):
    """`context.toml`."""

    format: Literal["langdesign-context/1"]
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    description: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    rendered: bool = False  # whether the renderer's scenes show this context, as a second source of pairs
    curriculum: Curriculum
    operations: dict[Change, Annotated[float, Field(gt=0, allow_inf_nan=False)]]  # weights

    @model_validator(mode="after")
    def _mixed(self) -> Header:
        if not self.operations:
            raise ValueError("[operations] must name at least one of " + ", ".join(Change))
        return self


class Captions(Strict):
    """How captions are built."""

    object: Template
    object_coloured: Template
    nothing: Template
    room: Template


class Phrases(Strict):
    """How instructions are worded; {x} stands for what changes, {new} for what comes."""

    captions: Captions
    colour: tuple[Template, ...]
    colour_part: tuple[Template, ...]
    colour_surface: tuple[Template, ...]
    material: tuple[Template, ...]
    material_part: tuple[Template, ...]
    pattern: tuple[Template, ...]
    plain: tuple[Template, ...]
    remove: tuple[Template, ...]
    add: tuple[Template, ...]
    add_room: tuple[Template, ...]
    add_at: tuple[Template, ...]
    replace: tuple[Template, ...]
    none: tuple[Template, ...]
    places: dict[Stand, Words]  # where a new thing goes, by how it stands: "next to"

    @model_validator(mode="after")
    def _slots(self) -> Phrases:
        for name, slots in SLOTS.items():
            templates = getattr(self, name)
            if not templates:
                raise ValueError(f"{name} has no template; write one, or leave the field out")
            for template in templates:
                if strange := slots_of(template) - slots:
                    raise ValueError(
                        f"{name}: {template!r} has the slot {_listed(strange)}; known are {_listed(slots)}"
                    )
        return self


_LOOK = {"x", "colour", "a_colour", "part"}
_STUFF = {"x", "material", "a_material", "stuff", "part"}
_MARKS = {"x", "pattern", "marks"}
SLOTS: dict[str, set[str]] = {
    "colour": _LOOK - {"part"},
    "colour_part": _LOOK,
    "colour_surface": _LOOK - {"part"},
    "material": _STUFF - {"part"},
    "material_part": _STUFF,
    "pattern": _MARKS,
    "plain": {"x"},
    "remove": {"x"},
    "add": {"new"},
    "add_room": {"new", "scene"},
    "add_at": {"new", "where", "x"},
    "replace": {"x", "new"},
    "none": {"x", "new", "colour", "material", "stuff"},
}
"""Slots that each kind of template may have."""


def slots_of(template: str) -> set[str]:
    """Return the names of a template's slots."""
    return {piece.split("}")[0] for piece in template.split("{")[1:]}


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
