"""Captions: what a picture shows, in one phrase."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from ..dataset import Instance
from .lexicon import Rng, article, lexicon
from .referring import KNOWN
from .seeing import SURFACES, Instances, shown

NAMED = 100  # pixels from which a thing may be named in a caption
MOST_WORDS = 30
SURFACE_NAMES = {"wall": "walls", "floor": "floor"}
NUMBERS = {2: "two", 3: "three", 4: "four"}


def caption(room: str, instances: Instances) -> str:
    """Return a caption of one picture: its room and its two to four most visible things.

    Args:
        room: a name of `vocabulary.ROOMS`, or "" for a single object.
        instances: what the picture shows.

    """
    rng = np.random.default_rng(zlib.crc32(repr((room, tuple(instances))).encode()))
    seen = shown(instances)
    if not room:
        return studio_caption([one for one in seen if one.kind not in SURFACES])
    groups = _groups(seen)[: int(rng.integers(2, 5))]
    phrases = [_group_phrase(rng, group) for group in groups]
    surfaces = [one for one in seen if one.kind in SURFACE_NAMES and one.pixels >= NAMED]
    if surfaces and rng.random() < 0.3:
        phrases.append(phrase(surfaces[int(rng.integers(len(surfaces)))], ("colour", "material", "pattern")))
    return within_limit(room, phrases)


def studio_caption(things: Sequence[Instance], backdrop: str = "", *, plain: bool = False) -> str:
    """Return the caption of a single object on a backdrop, whose colour is said where it is given."""
    ground = article(" ".join(word for word in ("plain", backdrop, "background") if word))
    if not things:
        return ground
    return f"{phrase(things[0], ('colour', 'material', 'pattern'), plain=plain)} on {ground}"


def within_limit(room: str, phrases: Sequence[str]) -> str:
    """Join a room and its things, leaving out the last ones where the caption would be too long."""
    kept = list(phrases)
    while len(joined(room, kept).split()) > MOST_WORDS:
        kept.pop()
    return joined(room, kept)


def joined(room: str, phrases: Sequence[str]) -> str:
    """Join a room and its things."""
    if not phrases:
        return article(room)
    listed = phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"
    return f"{article(room)} with {listed}"


def _groups(seen: Sequence[Instance]) -> list[list[Instance]]:
    """Return the things of each kind together, the most visible first."""
    groups: dict[str, list[Instance]] = {}
    for one in seen:
        if one.kind not in SURFACES and one.pixels >= NAMED:
            groups.setdefault(one.kind, []).append(one)
    return sorted(groups.values(), key=lambda group: (-sum(one.pixels for one in group), group[0].kind))


def _group_phrase(rng: Rng, group: Sequence[Instance]) -> str:
    fields = draw_fields(rng, group[0])
    if len(group) == 1:
        return phrase(group[0], fields)
    alike = len({(one.colour, one.material, one.pattern) for one in group}) == 1
    parted = group[0].kind in lexicon().parts
    words = _adjectives(group[0], fields) if alike and not parted else ""
    number = NUMBERS.get(len(group), "several")
    return " ".join(word for word in (number, words, lexicon().usual(group[0].kind).plural) if word)


def draw_fields(rng: Rng, one: Instance) -> tuple[str, ...]:
    """Draw what is said of a thing: mostly its colour, at times its material or pattern too, or nothing."""
    chance = rng.random()
    if chance < 0.15:
        return ()
    fields = ("material",) if chance < 0.3 else ("colour",) if chance < 0.65 else ("colour", "material")
    return (*fields, "pattern") if one.pattern != "plain" else fields


def phrase(one: Instance, fields: Sequence[str], *, plain: bool = False) -> str:
    """Return a thing with its article and some of its colour, material and pattern.

    Args:
        one: the thing, a wall or a floor.
        fields: what is said of it.
        plain: whether to say that it has no pattern.

    """
    words = _adjectives(one, fields, plain=plain)
    if one.kind == "wall":
        return f"{words} walls".strip()
    noun = lexicon().usual(one.kind).text if one.kind in KNOWN else one.kind
    part = lexicon().parts.get(one.kind)
    front = article(f"{words} {noun}".strip())
    behind = [
        _word(one, name) for name in ("colour", "material") if name in fields and part and getattr(part, name)
    ]
    return f"{front} {part.link} {article(' '.join([*behind, part.material]))}" if part and behind else front


def _adjectives(one: Instance, fields: Sequence[str], *, plain: bool = False) -> str:
    part = lexicon().parts.get(one.kind)
    own = [name for name in ("colour", "material") if name in fields and not (part and getattr(part, name))]
    pattern = [one.pattern] if "pattern" in fields and (plain or one.pattern != "plain") else []
    return " ".join(word for word in (*pattern, *(_word(one, name) for name in own)) if word)


def _word(one: Instance, field: str) -> str:
    """Return a thing's colour or its material's adjective; paint, and a kind's only material, go unsaid."""
    if field == "colour":
        return one.colour
    known = KNOWN.get(one.kind)
    unsaid = one.material == "paint" or (known is not None and len(known.materials) == 1)
    return "" if unsaid else lexicon().adjective(one.material)
