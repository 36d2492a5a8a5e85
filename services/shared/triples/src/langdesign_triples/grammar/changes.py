"""One change of a picture: its instruction, the picture after, and expressions of what changes."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..context import Context
from ..schema import Thing, slots_of
from ..triple import Change
from .looks import FIELDS, PLAIN, Look, article, draw_look, draw_noun, expression, phrase, words_of
from .scenes import Scene, alike, confusable

BARE = 0.6  # how often a noun alone refers to a thing
PLACED = 0.6  # how often an addition says where
STRANGER = 0.3  # how often a no-op names what no picture of the context shows
UNLIKE = 0.25  # how often it names a thing that is there, by a colour that it has not


@dataclass(frozen=True)
class Draft:
    """An edit before its captions are written."""

    before: Scene
    after: Scene
    edit: str
    target_before: str = ""
    target_after: str = ""


def draw_change(rng: random.Random, context: Context, scene: Scene, change: Change) -> Draft | None:
    """Draw an edit of a picture; None where the picture allows none of its kind."""
    return _DRAWS[change](rng, context, scene)


def _alter(rng: random.Random, context: Context, scene: Scene) -> Draft | None:
    if scene.background and rng.random() < 0.6:
        return _alter_background(rng, context, scene)
    old = rng.choice([look for look in scene.things if look.count == 1] or [None])
    choices = _alterations(context, old) if old else []
    if old is None or not choices:
        return None
    field, value = rng.choice(choices)
    old = replace(old, said=_told(rng, field), plain=field == "pattern")
    new = _altered(old, field, value)
    if field == "pattern" and PLAIN not in (old.pattern, value):
        old, new = replace(old, plain=False), replace(new, plain=False)
    edit = _worded_alteration(rng, context, old, new, field)
    return Draft(
        _with(scene, old),
        _with(scene, new),
        edit,
        expression(context.ontology, old, (field,)),
        expression(context.ontology, new, (field,)),
    )


def _altered(look: Look, field: str, value: str) -> Look:
    if field == "colour":
        return replace(look, colour=value)
    return replace(look, material=value) if field == "material" else replace(look, pattern=value)


def _told(rng: random.Random, field: str) -> tuple[str, ...]:
    return FIELDS if field != "colour" or rng.random() < 0.5 else ("pattern", "colour")


def _alterations(context: Context, look: Look) -> list[tuple[str, str]]:
    """Return field and value of each alteration; the rarer kinds stand there more than once."""
    ontology = context.ontology
    thing = ontology.things[look.kind]
    colours = [
        one for one in thing.colours or tuple(ontology.colours) if not alike(ontology, one, look.colour)
    ]
    materials = [one for one in thing.materials if not alike(ontology, one, look.material)]
    patterns = [one for one in (PLAIN, *thing.patterns) if one != look.pattern] if thing.patterns else []
    return (
        [("colour", one) for one in colours]
        + [("material", one) for one in materials] * 2
        + [("pattern", one) for one in patterns] * 2
    )


def _worded_alteration(rng: random.Random, context: Context, old: Look, new: Look, field: str) -> str:
    ontology, phrases = context.ontology, context.phrases
    thing = ontology.things[old.kind]
    x = _reference(rng, context, old)
    if field == "colour":
        colour = rng.choice(ontology.colours[new.colour])
        slots = {"x": x, "colour": colour, "a_colour": article(colour)}
        if thing.part and thing.part.colour:
            return _fill(rng, phrases.colour_part, {**slots, "x": _bare(rng, thing), "part": thing.part.noun})
        surface = thing.stands == "surface"
        return _fill(rng, phrases.colour_surface if surface else phrases.colour, slots)
    if field == "material":
        material = ontology.materials[new.material]
        slots = {
            "x": x,
            "material": material.adjective,
            "a_material": article(material.adjective),
            "stuff": rng.choice(material.stuff),
        }
        if thing.part and thing.part.material:
            return _fill(
                rng, phrases.material_part, {**slots, "x": _bare(rng, thing), "part": thing.part.noun}
            )
        return _fill(rng, phrases.material, slots)
    if new.pattern == PLAIN:
        return _fill(rng, phrases.plain, {"x": x})
    marks = rng.choice(ontology.patterns[new.pattern].marks)
    return _fill(rng, phrases.pattern, {"x": x, "pattern": new.pattern, "marks": marks})


def _alter_background(rng: random.Random, context: Context, scene: Scene) -> Draft:
    ontology = context.ontology
    looks = (scene.background, *(look.colour for look in scene.things))
    new = rng.choice(
        [one for one in ontology.colours if not any(alike(ontology, one, look) for look in looks)]
    )
    x = rng.choice(("the background", "the background", "the backdrop"))
    colour = rng.choice(ontology.colours[new])
    slots = {"x": x, "colour": colour, "a_colour": article(colour)}
    edit = _fill(rng, context.phrases.colour_surface, slots)
    return Draft(scene, replace(scene, background=new), edit, "the background", "the background")


def _add(rng: random.Random, context: Context, scene: Scene) -> Draft | None:
    if not scene.room:
        new = scene.things[0]
        empty = replace(scene, things=(), background="")
        edit = _fill(rng, context.phrases.add, {"new": phrase(context.ontology, new)})
        return Draft(
            empty, replace(scene, background=""), edit, "", expression(context.ontology, new, new.said)
        )
    new_look = _newcomer(rng, context, scene)
    if new_look is None:
        return None
    edit = _worded_addition(rng, context, scene, new_look)
    things = list(scene.things)
    surfaces = sum(context.ontology.things[look.kind].stands == "surface" for look in things)
    things.insert(rng.randint(0, len(things) - surfaces), new_look)
    after = replace(scene, things=tuple(things))
    return Draft(scene, after, edit, "", expression(context.ontology, new_look, new_look.said))


def _newcomer(rng: random.Random, context: Context, scene: Scene, *, stands: str = "") -> Look | None:
    """Draw a thing that a picture does not show and could."""
    ontology, agent = context.ontology, context.agents[scene.subject]
    present = [look.kind for look in scene.things]
    fitting = [
        kind
        for kind in (*agent.essential, *agent.usual)
        if ontology.things[kind].stands != "surface"
        and (not stands or ontology.things[kind].stands == stands)
        and not confusable(ontology, kind, present)
    ]
    return draw_look(rng, ontology, rng.choice(fitting)) if fitting else None


def _worded_addition(rng: random.Random, context: Context, scene: Scene, new: Look) -> str:
    ontology, phrases = context.ontology, context.phrases
    stands = ontology.things[new.kind].stands
    text = phrase(ontology, new)
    anchors = [
        look for look in scene.things if look.count == 1 and stands in ontology.things[look.kind].takes
    ]
    if anchors and stands in phrases.places and rng.random() < PLACED:
        where = rng.choice(phrases.places[stands])
        anchor = _reference(rng, context, rng.choice(anchors))
        return _fill(rng, phrases.add_at, {"new": text, "where": where, "x": anchor})
    room = scene.room.removeprefix("a ").removeprefix("an ")
    return _fill(rng, (*phrases.add, *phrases.add_room), {"new": text, "scene": room})


def _remove(rng: random.Random, context: Context, scene: Scene) -> Draft | None:
    old = _movable(rng, context, scene)
    if old is None or (scene.room and len(scene.things) < 2):
        return None
    after = replace(scene, things=tuple(look for look in scene.things if look.kind != old.kind))
    after = after if scene.room else replace(after, background="")
    before = scene if scene.room else replace(scene, background="")
    edit = _fill(rng, context.phrases.remove, {"x": _reference(rng, context, old)})
    return Draft(before, after, edit, expression(context.ontology, old, _short(old)))


def _replace(rng: random.Random, context: Context, scene: Scene) -> Draft | None:
    needed = context.agents[scene.subject].essential  # a bedroom without a bed is none
    old = _movable(rng, context, scene, needed)
    if old is None:
        return None
    stands = context.ontology.things[old.kind].stands if scene.room else ""
    new = _newcomer(rng, context, scene, stands=stands)
    if new is None:
        return None
    if not scene.room:
        new = replace(new, said=FIELDS)
    x = _reference(rng, context, old)
    edit = _fill(rng, context.phrases.replace, {"x": x, "new": phrase(context.ontology, new)})
    return Draft(
        scene,
        _with(scene, new, old.kind),
        edit,
        expression(context.ontology, old, _short(old)),
        expression(context.ontology, new, _short(new)),
    )


def _movable(rng: random.Random, context: Context, scene: Scene, fixed: Sequence[str] = ()) -> Look | None:
    things = context.ontology.things
    found = [
        one
        for one in scene.things
        if one.count == 1 and things[one.kind].stands != "surface" and one.kind not in fixed
    ]
    return rng.choice(found) if found else None


def _none(rng: random.Random, context: Context, scene: Scene) -> Draft | None:
    x = _absent(rng, context, scene)
    if not x:
        return None
    ontology = context.ontology
    material = rng.choice(tuple(ontology.materials.values()) or (None,))
    newcomer = _newcomer(rng, context, scene)
    colours = [one for one in ontology.colours if ontology.colours[one][0] not in x]
    slots = {"x": x, "colour": rng.choice(ontology.colours[rng.choice(colours)])}
    if newcomer:
        slots["new"] = phrase(ontology, replace(newcomer, said=("colour",)))
    if material and material.adjective not in x:
        slots |= {"material": material.adjective, "stuff": rng.choice(material.stuff)}
    return Draft(scene, scene, _fill(rng, context.phrases.none, slots), x)


def _absent(rng: random.Random, context: Context, scene: Scene) -> str:
    """Draw an expression of what a picture does not show."""
    ontology, agent = context.ontology, context.agents[scene.subject]
    chance = rng.random()
    if ontology.strangers and chance < STRANGER:
        return f"the {rng.choice(ontology.strangers)}"
    coloured = [
        one
        for one in scene.things
        if "colour" in one.said and one.count == 1 and not ontology.things[one.kind].part
    ]
    if coloured and chance < STRANGER + UNLIKE:
        there = rng.choice(coloured)
        others = [one for one in ontology.colours if not alike(ontology, one, there.colour)]
        return expression(ontology, replace(there, colour=rng.choice(others)), ("colour",))
    # In a room, what the room may well hold is not called absent: captions do not name everything.
    held = {*agent.essential, *agent.usual} if scene.room else set[str]()
    held |= {look.kind for look in scene.things}
    absent = [
        kind
        for kind, thing in ontology.things.items()
        if thing.stands != "surface" and not confusable(ontology, kind, held)
    ]
    if not absent:
        return ""
    look = draw_look(rng, ontology, rng.choice(absent))
    return expression(ontology, look, ("colour",) if rng.random() < 0.2 else ())


def _reference(rng: random.Random, context: Context, look: Look) -> str:
    """Draw an expression that refers to a thing by what its caption says of it."""
    thing = context.ontology.things[look.kind]
    noun = draw_noun(rng, thing)
    said = [field for field in look.said if words_of(context.ontology, look, field)]
    if not said or rng.random() < BARE:
        return expression(context.ontology, look, (), noun)
    return expression(context.ontology, look, rng.sample(said, rng.randint(1, len(said))), noun)


def _bare(rng: random.Random, thing: Thing) -> str:
    return f"the {draw_noun(rng, thing)}"


def _short(look: Look) -> tuple[str, ...]:
    """Return which fields tell a thing best: its colour, or else what is said of it."""
    return ("colour",) if "colour" in look.said else look.said


def _with(scene: Scene, look: Look, kind: str = "") -> Scene:
    """Return a picture with one thing in the place of the one of that kind."""
    kind = kind or look.kind
    return replace(scene, things=tuple(look if one.kind == kind else one for one in scene.things))


def _fill(rng: random.Random, templates: Sequence[str], slots: Mapping[str, str]) -> str:
    usable = [one for one in templates if slots_of(one) <= slots.keys()]
    return rng.choice(usable).format(**slots)


_DRAWS: Mapping[Change, Callable[[random.Random, Context, Scene], Draft | None]] = {
    Change.ALTER: _alter,
    Change.ADD: _add,
    Change.REMOVE: _remove,
    Change.REPLACE: _replace,
    Change.NONE: _none,
}
