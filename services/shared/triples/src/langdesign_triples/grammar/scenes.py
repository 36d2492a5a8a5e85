"""Pictures to be edited: a single object, or a room with some things."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..context import Context
from ..schema import Ontology, Thing
from .looks import Look, article, draw_look, phrase

MOST_WORDS = 30  # of a caption: text encoders read little more
COLOURED = 0.15  # how often a single object's background has a colour
SEVERAL = 0.2  # how often there are two of what a scene may have several of


@dataclass(frozen=True)
class Scene:
    """What a picture shows."""

    subject: str
    things: tuple[Look, ...]
    room: str = ""  # how its caption begins: "a bedroom"; "" for a single object
    background: str = ""  # colour that is said of a single object's background


def draw_scene(rng: random.Random, context: Context, subject: str) -> Scene:
    """Draw a picture of a subject."""
    agent, ontology = context.agents[subject], context.ontology
    if subject in context.objects:
        said = ("pattern", "colour", "material") if rng.random() < 0.8 else ("pattern", "colour")
        look = replace(draw_look(rng, ontology, subject), said=said)
        background = rng.choice(tuple(ontology.colours)) if rng.random() < COLOURED else ""
        if background and alike(ontology, background, look.colour):
            background = ""
        return Scene(subject, (look,), background=background)
    first = rng.choice(agent.essential)
    pool = [kind for kind in (*agent.essential, *agent.usual) if kind != first]
    kinds = [first]
    for kind in rng.sample(pool, min(len(pool), 8)):
        if len(kinds) <= rng.randint(1, 3) and not confusable(ontology, kind, kinds):
            kinds.append(kind)
    things = [_several(rng, draw_look(rng, ontology, kind), ontology.things[kind]) for kind in kinds]
    return Scene(subject, _ordered(rng, ontology, things), room=agent.scene)


def _several(rng: random.Random, look: Look, thing: Thing) -> Look:
    two = thing.several and rng.random() < SEVERAL
    return replace(look, count=2, said=() if thing.part else look.said) if two else look


def _ordered(rng: random.Random, ontology: Ontology, things: list[Look]) -> tuple[Look, ...]:
    rng.shuffle(things)  # walls and floors come last, as captions have them
    return tuple(sorted(things, key=lambda look: ontology.things[look.kind].stands == "surface"))


def caption(context: Context, scene: Scene) -> str:
    """Return what a picture shows, in one phrase."""
    words = context.phrases.captions
    phrases = [phrase(context.ontology, look) for look in scene.things]
    if scene.room:
        if not phrases:
            return scene.room
        listed = phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"
        return words.room.format(scene=scene.room, things=listed)
    if not phrases:
        return words.nothing
    if scene.background:
        colour = context.ontology.colours[scene.background][0]
        return words.object_coloured.format(thing=phrases[0], colour=colour, a_colour=article(colour))
    return words.object.format(thing=phrases[0])


def alike(ontology: Ontology, one: str, other: str) -> bool:
    """Whether two colours or materials are the same or look so."""
    return one == other or any(one in group and other in group for group in ontology.similar)


def confusable(ontology: Ontology, kind: str, others: Iterable[str]) -> bool:
    """Whether a thing is, or could be taken for, one of others."""
    taken = set(others)
    return kind in taken or any(kind in group and taken & set(group) for group in ontology.confused)
