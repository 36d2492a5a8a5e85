"""Edits: each change of a family as an instruction with its captions, and some that change nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..dataset import Edit, Instance
from ..plan import Change, FamilyPlan
from ..vocabulary import COLOURS, MATERIALS
from . import instructions
from .describing import MOST_WORDS, NAMED, caption, draw_fields, joined, phrase, studio_caption
from .instructions import Reference, Said
from .lexicon import Rng, article, lexicon, pick
from .queries import meant
from .referring import absences, colour_word, draw_noun
from .seeing import SURFACES, Instances, shown

FOOTPRINT = 40  # pixels that a target shows, at least, wherever it is to be seen
NOTHING = 0.1  # no-op edits, for each other one
PATIENCE = 80  # proposals of what is absent
ALL = ("colour", "material", "pattern")


def edits(plan: FamilyPlan, states: Sequence[tuple[Instance, ...]], seed: int) -> list[Edit]:
    """Return an edit for every change of a plan that shows, and some that must change nothing.

    Args:
        plan: of the family.
        states: what the picture of each of its states shows.
        seed: 0 or more.

    """
    rng = np.random.default_rng((seed, 2))
    made = [edit for change in plan.changes if (edit := _edit(rng, plan, states, change))]
    count = int(NOTHING * len(made) + rng.random())
    made += _nothings(rng, plan.room, states, count)
    return made


def _edit(rng: Rng, plan: FamilyPlan, states: Sequence[Instances], change: Change) -> Edit | None:
    before, after = states[change.before], states[change.after]
    old, new = _find(before, change.target), _find(after, change.target)
    if not _shows(change, old, new):
        return None
    said = _said(rng, plan, change, before, after)
    if said is None:
        return None
    captions = _captions(rng, plan.room, change, before, after)
    reference = said.reference or Reference("", ())
    return Edit(
        before=change.before,
        after=change.after,
        operation=change.operation,
        instruction=said.text,
        expression=reference.text,
        targets=(change.target,),
        located=reference.located,
        ambiguous=reference.ambiguous,
        caption_before=captions[0],
        caption_after=captions[1],
    )


def _find(instances: Instances, id_: str) -> Instance | None:
    return next((one for one in shown(instances) if one.id == id_), None)


def _shows(change: Change, old: Instance | None, new: Instance | None) -> bool:
    """Whether a change's target shows well wherever the change has it there."""
    needed = [old] * (change.operation != "add") + [new] * (change.operation != "remove")
    return all(one is not None and one.pixels >= FOOTPRINT for one in needed)


def _said(rng: Rng, plan: FamilyPlan, change: Change, before: Instances, after: Instances) -> Said | None:
    old, new = _find(before, change.target), _find(after, change.target)
    if change.operation == "add" and new:
        thing = next(one for one in plan.states[change.after].things if one.id == new.id)
        place = instructions.anchor(rng, new, thing.on, before, after) if rng.random() < 0.75 else None
        return instructions.add(rng, plan.room, new, place)
    reference = instructions.refer(rng, old, before) if old else None
    if old is None or reference is None:
        return None
    if change.operation == "remove":
        return instructions.fill(rng, "remove", {}, reference)
    if new is None:
        return None
    if change.operation == "restyle":
        return instructions.restyle(rng, old, new, reference)
    write = {
        "recolour": instructions.recolour,
        "material": instructions.material,
        "pattern": instructions.pattern,
        "replace": instructions.replace,
    }[change.operation]
    return write(rng, new, reference)


def _captions(rng: Rng, room: str, change: Change, before: Instances, after: Instances) -> tuple[str, str]:
    """Return captions that are the same word by word but for the change."""
    pair = (_find(before, change.target), _find(after, change.target))
    if not room:
        return _studio_pair(change, before, after)
    fields = _told(rng, change.operation)
    plain = change.operation in {"pattern", "restyle"} and len({one.pattern for one in pair if one}) > 1
    others = _others(rng, [one.kind for one in pair if one], before, after)
    phrases = [phrase(one, fields, plain=plain) if one else "" for one in pair]
    place = int(rng.integers(len(others) + 1))
    while True:
        old, new = (_inserted(room, others, place, one) for one in phrases)
        if max(len(old.split()), len(new.split())) <= MOST_WORDS:
            return old, new
        others, place = others[:-1], min(place, len(others) - 1)


def _inserted(room: str, others: Sequence[str], place: int, changed: str) -> str:
    return joined(room, [*others[:place], *([changed] if changed else []), *others[place:]])


def _studio_pair(change: Change, before: Instances, after: Instances) -> tuple[str, str]:
    captions = []
    for instances in (before, after):
        seen = shown(instances)
        backdrop = (
            next(one.colour for one in seen if one.kind == "backdrop") if change.target == "wall" else ""
        )
        things = [one for one in seen if one.kind not in SURFACES]
        captions.append(studio_caption(things, backdrop, plain=change.operation == "pattern"))
    return captions[0], captions[1]


def _told(rng: Rng, operation: str) -> tuple[str, ...]:
    """Return what is said of a change's target: what changes, and more."""
    if operation in {"material", "pattern", "restyle"}:
        return ALL
    return ALL if rng.random() < 0.5 else ("colour", "pattern")


def _others(rng: Rng, kinds: Sequence[str], before: Instances, after: Instances) -> list[str]:
    """Return phrases for up to three more things, of other kinds and in both pictures."""
    there = {one.id for one in after if one.pixels >= NAMED}
    both = [one for one in shown(before) if one.id in there and one.pixels >= NAMED]
    pool = [one for one in both if one.kind not in {*SURFACES, *kinds}]
    pool.sort(key=lambda one: (-one.pixels, one.id))
    chosen: dict[str, str] = {}
    for one in pool[: int(rng.integers(1, 5))]:
        if one.kind not in chosen and len(chosen) < 3:
            chosen[one.kind] = phrase(one, draw_fields(rng, one))
    return list(chosen.values())


def _nothings(rng: Rng, room: str, states: Sequence[Instances], count: int) -> list[Edit]:
    """Return instructions about what is not there; the picture must stay as it is."""
    found: dict[tuple[int, str], Edit] = {}
    for _ in range(PATIENCE * count):
        if len(found) == count:
            break
        state = int(rng.integers(len(states)))
        query = next(absences(rng, states[state]))
        if meant(query, states[state]) == ():
            said = _about_nothing(rng, query.text)
            found[state, said.text] = _nothing(state, said, caption(room, states[state]))
    return list(found.values())


def _about_nothing(rng: Rng, text: str) -> Said:
    material = pick(rng, tuple(name for name in MATERIALS if name not in {"leaf", "paint", "tile"}))
    stuff = pick(rng, lexicon().stuff.get(material, (material,)))
    kind = pick(rng, ("plant", "chair", "stool", "lamp", "basket", "picture"))
    slots = {
        "colour": colour_word(rng, pick(rng, tuple(COLOURS))),
        "material": lexicon().adjective(material),
        "stuff": stuff,
        "new": article(f"{pick(rng, tuple(COLOURS))} {draw_noun(rng, kind).text}"),
    }
    return instructions.fill(rng, "none", slots, Reference(text, ()))


def _nothing(state: int, said: Said, text: str) -> Edit:
    return Edit(
        before=state,
        after=state,
        operation="none",
        instruction=said.text,
        expression=said.reference.text if said.reference else "",
        targets=(),
        located=(),
        ambiguous=False,
        caption_before=text,
        caption_after=text,
    )
