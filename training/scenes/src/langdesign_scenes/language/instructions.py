"""The words of an instruction: its template, the reference in it and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..dataset import Instance
from .describing import phrase
from .lexicon import Rng, article, lexicon, pick
from .queries import Query, meant
from .referring import KNOWN, colour_word, draw_noun, ways
from .seeing import SURFACES, Instances, beside, left_of, over, shown

VAGUE = 0.55  # how often an ambiguous reference is taken where several of a kind show
BARE = 0.6  # how often the noun alone is taken where it is enough


@dataclass(frozen=True)
class Reference:
    """A phrase of an instruction and what it means in the picture before."""

    text: str
    located: tuple[str, ...]

    @property
    def ambiguous(self) -> bool:
        """Whether it could mean more than one thing."""
        return len(self.located) > 1


@dataclass(frozen=True)
class Said:
    """An instruction and the reference in it."""

    text: str
    reference: Reference | None = None


def refer(rng: Rng, one: Instance, instances: Instances) -> Reference | None:
    """Return a phrase that means a thing; at times, or where there is no other, an ambiguous one.

    Args:
        rng: draws.
        one: the thing.
        instances: what the picture shows.

    Returns:
        None where nothing could be said beyond doubt.

    """
    found = [(query, meant(query, instances)) for query in ways(rng, one, instances)]
    clear = [query for query, ids in found if ids == (one.id,)]
    vague = [
        (query, ids)
        for query, ids in found
        if ids and len(ids) > 1 and one.id in ids and not query.noun.paired
    ]
    if vague and (not clear or rng.random() < VAGUE):
        query, ids = vague[0]
        return Reference(query.text, ids or ())
    if one.kind in lexicon().parts:  # "the pot of the plant in the red pot" is clumsy
        clear.sort(key=lambda query: bool(query.colour or query.material))
    bare = [query for query in clear if query.bare] if rng.random() < BARE else []
    return Reference((bare or clear)[0].text, (one.id,)) if clear else None


def fill(rng: Rng, name: str, slots: Mapping[str, str], reference: Reference | None) -> Said:
    """Draw a template that has the slots, and fill it; the reference stays a literal part of the text."""
    words = {**slots, **({"x": reference.text} if reference else {})}
    usable = tuple(one for one in lexicon().instructions[name] if _slots(one) <= words.keys())
    template = pick(rng, usable)
    return Said(template.format(**words), reference if "{x}" in template else None)


def _slots(template: str) -> set[str]:
    return {piece.split("}")[0] for piece in template.split("{")[1:]}


def recolour(rng: Rng, new: Instance, reference: Reference) -> Said:
    """Ask for another colour."""
    part = lexicon().parts.get(new.kind)
    colour = colour_word(rng, new.colour)
    if part and part.colour:
        slots = {"colour": colour, "a_colour": article(colour), "part": part.colour}
        return fill(rng, "recolour_part", slots, reference)
    return fill(rng, "recolour", {"colour": colour, "a_colour": article(colour)}, reference)


def material(rng: Rng, new: Instance, reference: Reference) -> Said:
    """Ask for another material."""
    part = lexicon().parts.get(new.kind)
    adjective = lexicon().adjective(new.material)
    stuff = pick(rng, lexicon().stuff.get(new.material, (new.material,)))
    slots = {"material": adjective, "a_material": article(adjective), "stuff": stuff}
    if part:
        return fill(rng, "material_part", {**slots, "part": part.material}, reference)
    return fill(rng, "material", slots, reference)


def pattern(rng: Rng, new: Instance, reference: Reference) -> Said:
    """Ask for another pattern, or for none."""
    if new.pattern == "plain":
        return fill(rng, "plain", {}, reference)
    marks = pick(rng, lexicon().patterns[new.pattern])
    return fill(rng, "pattern", {"pattern": new.pattern, "marks": marks}, reference)


def restyle(rng: Rng, old: Instance, new: Instance, reference: Reference) -> Said:
    """Ask for another look of the wall, the floor or the backdrop."""
    colour = colour_word(rng, new.colour)
    same = (old.material, old.pattern) == (new.material, new.pattern)
    if same:
        return fill(rng, "restyle_colour", {"colour": colour}, reference)
    if (old.colour, old.material) == (new.colour, new.material):
        return pattern(rng, new, reference)
    covering = lexicon().covering[new.kind]
    words = [new.pattern if new.pattern != "plain" else "plain" if old.pattern != "plain" else "", colour]
    stuff = " ".join(word for word in (*words, pick(rng, covering[new.material])) if word)
    return fill(rng, "restyle_stuff", {"stuff": stuff}, reference)


def novelty(rng: Rng, new: Instance) -> str:
    """Return a new thing with its article, its colour and mostly its material: "a red leather sofa"."""
    fields = ("colour", "material", "pattern") if rng.random() < 0.75 else ("colour", "pattern")
    return phrase(new, fields)


def replace(rng: Rng, new: Instance, reference: Reference) -> Said:
    """Ask for another kind of thing in a thing's place."""
    return fill(rng, "replace", {"new": novelty(rng, new)}, reference)


def add(rng: Rng, room: str, new: Instance, place: tuple[str, Reference] | None) -> Said:
    """Ask for a new thing, somewhere or at another thing."""
    slots = {"new": novelty(rng, new), "room": room}
    if place is None:
        return fill(rng, "add_room" if room and rng.random() < 0.35 else "add", slots, None)
    where, reference = place
    hangs = new.kind in KNOWN and KNOWN[new.kind].stands in {"wall", "ceiling"}
    return fill(rng, "hang_at" if hangs else "add_at", {**slots, "where": where}, reference)


def anchor(
    rng: Rng, new: Instance, carrier: str, before: Instances, after: Instances
) -> tuple[str, Reference] | None:
    """Return where a new thing goes and the phrase of what it goes at, or None where nothing suits.

    Args:
        rng: draws.
        new: the thing in the picture after.
        carrier: id of what it stands on, or the wall, floor or ceiling.
        before: what the picture before shows.
        after: what the picture after shows.

    """
    there = {one.id: one for one in shown(before)}
    for where, one in _spots(rng, new, carrier, after):
        if one.id not in there:
            continue
        query = Query(draw_noun(rng, there[one.id].kind))
        if meant(query, before) == (one.id,):
            return where, Reference(query.text, (one.id,))
    return None


def _spots(rng: Rng, new: Instance, carrier: str, after: Instances) -> list[tuple[str, Instance]]:
    """Return where a new thing is, told by the things around it, the nearest first."""
    others = [one for one in shown(after) if one.id != new.id]
    carriers = [("on", one) for one in others if one.id == carrier and one.kind not in SURFACES]
    if carriers:
        return carriers
    near = sorted(
        (one for one in others if one.kind not in SURFACES), key=lambda one: abs(one.depth - new.depth)
    )
    spots = [("above", one) for one in near if over(new, one)]
    for one in near:
        if beside(new, one):
            sides = ["to the left of"] * left_of(new, one) + ["to the right of"] * left_of(one, new)
            spots.append((pick(rng, ("next to", "next to", "beside", *sides)), one))
    if new.kind in {"curtain", "blind"}:
        spots += [("at", one) for one in others if one.kind == "window" and _dresses(new, one)]
    if carrier.endswith("wall"):
        spots += [("on", one) for one in others if one.kind == "wall"]
    if new.kind == "rug":
        spots += [("on", one) for one in others if one.kind == "floor"]
    return spots


def _dresses(new: Instance, window: Instance) -> bool:
    """Whether a curtain or blind hangs at a window: the middle of what shows of it is within its width."""
    centre = window.box[0] + window.box[2] / 2
    return new.box[0] - 2 <= centre <= new.box[0] + new.box[2] + 2
