"""How one thing looks, and the phrases that name it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..schema import Ontology, Thing

PLAIN = "plain"
FIELDS = ("pattern", "colour", "material")  # in the order of English adjectives


@dataclass(frozen=True)
class Look:
    """One thing of a picture, and what a caption says of it."""

    kind: str  # name in the ontology's things
    colour: str
    material: str  # "" where it has none
    pattern: str = PLAIN
    said: tuple[str, ...] = ()  # which of its fields a caption says
    plain: bool = False  # whether to say that it has no pattern
    count: int = 1


def draw_look(rng: random.Random, ontology: Ontology, kind: str) -> Look:
    """Draw how a thing looks and what is said of it."""
    thing = ontology.things[kind]
    patterned = thing.patterns and rng.random() < 0.35
    look = Look(
        kind,
        colour=rng.choice(thing.colours or tuple(ontology.colours)),
        material=rng.choice(thing.materials) if thing.materials else "",
        pattern=rng.choice(thing.patterns) if patterned else PLAIN,
    )
    return replace(look, said=_draw_said(rng, look, thing))


def _draw_said(rng: random.Random, look: Look, thing: Thing) -> tuple[str, ...]:
    """Draw what is said: mostly the colour, at times the material or the pattern too, or nothing."""
    chance = rng.random()
    if chance < 0.15 and thing.stands != "surface" and not thing.paired:  # "a floor" says nothing
        return ()
    if chance < 0.3 and len(thing.materials) > 1:
        fields: tuple[str, ...] = ("material",)
    else:
        fields = ("colour",) if chance < 0.65 else ("colour", "material")
    return (*fields, "pattern") if look.pattern != PLAIN else fields


def article(words: str) -> str:
    """Return words with their indefinite article."""
    return f"{'an' if words[0].lower() in 'aeiou' else 'a'} {words}"


def phrase(ontology: Ontology, look: Look) -> str:
    """Return a thing as a caption names it, such as "a striped navy leather sofa"."""
    thing = ontology.things[look.kind]
    front = " ".join([*_adjectives(ontology, look, look.said, of_part=False), _noun(thing, look)])
    if look.count > 1:
        return f"{'two' if look.count == 2 else 'three'} {front}"
    front = front if thing.paired else article(front)
    behind = _adjectives(ontology, look, look.said, of_part=True)
    if thing.part is None or not behind:
        return front
    return f"{front} {thing.part.link} {article(' '.join([*behind, thing.part.noun]))}"


def expression(ontology: Ontology, look: Look, fields: Sequence[str] = (), noun: str = "") -> str:
    """Return a referring expression of a thing by some of its fields, such as "the leather sofa"."""
    thing = ontology.things[look.kind]
    look = replace(look, plain=False)  # nobody refers to "the plain sofa"
    words = [*_adjectives(ontology, look, fields, of_part=False), noun or thing.nouns[0]]
    behind = _adjectives(ontology, look, fields, of_part=True)
    if thing.part is None or not behind:
        return f"the {' '.join(words)}"
    return f"the {' '.join(words)} {thing.part.link} the {' '.join([*behind, thing.part.noun])}"


def draw_noun(rng: random.Random, thing: Thing) -> str:
    """Draw a name of a thing: mostly its own, at times a synonym."""
    return thing.nouns[0] if rng.random() < 0.7 else rng.choice(thing.nouns)


def words_of(ontology: Ontology, look: Look, field: str) -> str:
    """Return the adjective of one field of a thing; "" where there is nothing to say."""
    if field == "colour":
        return ontology.colours[look.colour][0]
    if field == "material":
        known = len(ontology.things[look.kind].materials) > 1
        return ontology.materials[look.material].adjective if look.material and known else ""
    return look.pattern


def _noun(thing: Thing, look: Look) -> str:
    return thing.plural if look.count > 1 else thing.nouns[0]


def _adjectives(ontology: Ontology, look: Look, fields: Sequence[str], *, of_part: bool) -> list[str]:
    part = ontology.things[look.kind].part
    told = []
    for field in FIELDS:
        borne = bool(
            part and ((field == "colour" and part.colour) or (field == "material" and part.material))
        )
        hidden = field == "pattern" and look.pattern == PLAIN and not look.plain
        if field in fields and borne is of_part and not hidden:
            told.append(words_of(ontology, look, field))
    return [word for word in told if word]
