"""Finds out where the edits of a plan act: what the caller left out, the segmentation service finds.

All expressions of a plan are looked for in the input, in one call. But later edits act on what earlier ones
made. So an edit is looked for a second time, in the picture as it then is (`Grounder.look_again`), where one
before it adds, replaces or moves a thing and

- the edit was not found in the input, and its noun is in what the earlier one is to show ("replace the
  sofa with a bench and make the bench red": before it is certified that there is no bench, there is one); or
- its region overlaps the earlier one's ("move the lamp to the left and make it red"). Where the second look
  finds nothing, the first counts.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from langdesign_edits import Mask, Picture, Segment, Verdict
from langdesign_edits.heads import head_nouns

from langdesign_editing.events import GroundedEdit, Grounding, NoOpReason, union_of
from langdesign_editing.intake import EditTask
from langdesign_editing.looking import Seen, is_found, look, unknown_words, why_not
from langdesign_editing.peers import Peers
from langdesign_editing.placing import place
from langdesign_editing.plans import PlannedEdit, Reference, Relation, Role
from langdesign_editing.rooms import find_room, is_surface
from langdesign_editing.words import content_words, renamed

MAX_REGIONS = 16
"""What the engine takes in one pass."""
_WITHIN = frozenset({Relation.ON, Relation.INSIDE, Relation.AROUND})
_MAKING = frozenset({"add", "replace", "move"})
"""Operations after which a thing is where it was not before."""


class Grounder:
    """Finds where edits act.

    Args:
        peers: The segmentation service, if any, finds what expressions refer to.

    """

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def ground(self, task: EditTask) -> Grounding:
        """Return where a task's edits act in its picture.

        Raises:
            errors.Error: As the segmentation service answers.

        """
        asked = task.asked
        if not asked.edits:
            unread = asked.plan is not None and not asked.plan.read
            return Grounding(
                unasked=NoOpReason.UNREADABLE_INSTRUCTION if unread else NoOpReason.NOTHING_ASKED
            )
        if isinstance(task.spec.region, np.ndarray):
            given = await asyncio.to_thread(_in_region, asked.edits[0], task.spec.region, task.picture)
            return Grounding((given,))
        seen = await self._look(
            task.data, task.picture, [one for edit in asked.edits for one in edit.expressions]
        )
        edits = await asyncio.to_thread(_grounded, asked.edits, seen, task.picture)
        return Grounding(edits, segmentation_seconds=seen.seconds)

    async def look_again(
        self, edit: GroundedEdit, image: bytes, picture: Picture
    ) -> tuple[GroundedEdit, float]:
        """Return an edit as it is grounded in the picture that it is to be done on, and the seconds it took.

        Args:
            edit: As it was grounded in the input.
            image: The picture as the edits before left it, encoded.
            picture: The same.

        Raises:
            errors.Error: As the segmentation service answers.

        """
        seen = await self._look(image, picture, edit.asked.expressions)
        again = await asyncio.to_thread(ground_edit, edit.edit, edit.asked, seen, picture)
        if not again.acts and edit.acts:
            again = edit
        return replace(again, look_again=False), seen.seconds

    async def _look(self, image: bytes, picture: Picture, expressions: Sequence[str]) -> Seen:
        if not expressions:
            return Seen()
        assert self._peers.finder is not None  # noqa: S101 - the intake requires it
        size = {"width": picture.width, "height": picture.height}
        return await look(self._peers.finder, image, expressions, **size)


def _grounded(edits: Sequence[PlannedEdit], seen: Seen, picture: Picture) -> tuple[GroundedEdit, ...]:
    """Return where edits act in a picture, and which of them are to be looked for again."""
    found: list[GroundedEdit] = []
    for number, edit in enumerate(edits):
        grounded = ground_edit(number, edit, seen, picture, occupied=_added(found))
        found.append(replace(grounded, look_again=_is_made_before(grounded, found)))
    return tuple(found)


def ground_edit(
    number: int, edit: PlannedEdit, seen: Seen, picture: Picture, *, occupied: Mask | None = None
) -> GroundedEdit:
    """Return where one edit acts.

    Args:
        number: Its place in the plan.
        edit: What it asks for.
        seen: What the picture shows of its expressions.
        picture: The picture.
        occupied: Where no added thing may go, ``[H, W]``.

    """
    if edit.unknown_words:
        return GroundedEdit(number, edit, no_op=NoOpReason.UNKNOWN_WORDS, unknown_words=edit.unknown_words)
    edit = _as_meant(edit, seen)
    kept = seen.of(edit.named(Role.KEEP))
    if unknown := unknown_words(kept):  # what was to be spared could not be
        return GroundedEdit(number, edit, no_op=NoOpReason.UNKNOWN_WORDS, unknown_words=unknown)
    shape, hidden = (picture.height, picture.width), picture.hidden
    spared = union_of([one.mask for one in kept if one.verdict is not Verdict.NO_TARGET and one.mask.any()])
    if edit.whole:
        grounded = GroundedEdit(number, edit)
    elif edit.seeks_room:
        taken = [mask for mask in (occupied, spared, hidden) if mask is not None]
        grounded = _in_room(number, edit, seen, union_of(taken))
    else:
        grounded = _at_references(number, edit, seen)
    return _in_sight(_sparing(grounded, spared, shape), hidden)


def _as_meant(edit: PlannedEdit, seen: Seen) -> PlannedEdit:
    """Return an edit that calls each thing that was found by what it was found as."""
    for reference, segment in zip(edit.references, seen.of(edit.references), strict=True):
        if reference.alternatives and is_found(segment):
            edit = renamed(edit, reference, segment.expression)
    return edit


def _in_region(edit: PlannedEdit, region: Mask, picture: Picture) -> GroundedEdit:
    """Return an edit in the region that the caller gave."""
    if edit.unknown_words:
        return GroundedEdit(0, edit, no_op=NoOpReason.UNKNOWN_WORDS, unknown_words=edit.unknown_words)
    if not region.any():
        return GroundedEdit(0, edit, no_op=NoOpReason.EMPTY_MASK)
    return _in_sight(GroundedEdit(0, edit, (region,)), picture.hidden)


def _at_references(number: int, edit: PlannedEdit, seen: Seen) -> GroundedEdit:
    """Return an edit of what is found of what it names; of both targets and anchors there must be one."""
    targets, anchors = (tuple(dict.fromkeys(edit.named(role))) for role in (Role.TARGET, Role.ANCHOR))
    segments = seen.of(targets + anchors)
    if not segments:
        return GroundedEdit(number, edit, no_op=NoOpReason.UNREADABLE_INSTRUCTION)
    grounded = GroundedEdit(
        number,
        edit,
        no_target_probability=max(segment.no_target_probability for segment in segments),
        truncated=any(segment.truncated for segment in segments),
        unknown_words=unknown_words(segments),
        not_found=tuple(
            reference.expression
            for reference, segment in zip(targets + anchors, segments, strict=True)
            if not is_found(segment)
        ),
    )
    for needed in (seen.of(targets), seen.of(anchors)):
        if needed and not any(map(is_found, needed)):
            return replace(grounded, no_op=why_not(needed), not_found=())
    masks = [
        _region(edit, reference, segment)
        for reference, segment in zip(targets + anchors, segments, strict=True)
    ]
    return replace(grounded, masks=_at_most([mask for mask in masks if mask is not None], MAX_REGIONS))


def _region(edit: PlannedEdit, reference: Reference, segment: Segment) -> Mask | None:
    if not is_found(segment):
        return None
    if reference.role is not Role.ANCHOR:
        return segment.mask
    if edit.operation == "add" and reference.relation in _WITHIN and is_surface(reference.expression):
        # "a rug on the floor" is a free place on it, rather than all of it
        room = find_room([(reference.expression, segment.mask)], edit.surface_relation)
        if room is not None:
            return room.mask
    return place(segment.mask, reference.relation)


def _in_room(number: int, edit: PlannedEdit, seen: Seen, occupied: Mask | None) -> GroundedEdit:
    """Return an addition that names no place, where there is room for it."""
    masks = [(surface, seen.mask(surface)) for surface in edit.surfaces]
    found = [(surface, mask) for surface, mask in masks if mask is not None]
    room = find_room(found, edit.surface_relation, occupied)
    if room is None:
        return GroundedEdit(number, edit, no_op=NoOpReason.NO_PLACE)
    return GroundedEdit(number, edit, (room.mask,), surface=room.surface)


def _sparing(edit: GroundedEdit, spared: Mask | None, shape: tuple[int, int]) -> GroundedEdit:
    """Return an edit less what is kept; where that is all of it, nothing is asked for."""
    if spared is None or not edit.acts:
        return edit
    masks = edit.masks or (np.ones(shape, np.bool_),)
    left = tuple(mask for mask in (one & ~spared for one in masks) if mask.any())
    return replace(edit, masks=left, no_op=None if left else NoOpReason.NOTHING_ASKED)


def _in_sight(edit: GroundedEdit, hidden: Mask | None) -> GroundedEdit:
    """Return an edit of what can be seen: what is painted under an alpha of 0 shows nowhere."""
    if hidden is None or not edit.acts:
        return edit
    masks = edit.masks or (np.ones_like(hidden),)
    inside = np.logical_or.reduce(masks)
    share = np.count_nonzero(inside & hidden) / np.count_nonzero(inside)
    left = tuple(mask for mask in (one & ~hidden for one in masks) if mask.any())
    unseen = NoOpReason.NO_PLACE if edit.asked.operation == "add" else NoOpReason.UNCERTAIN
    return replace(edit, masks=left, no_op=None if left else unseen, transparent_share=share)


def _at_most(masks: Sequence[Mask], count: int) -> tuple[Mask, ...]:
    """Return the masks, those beyond the count in one: they share the instruction, so nothing is lost."""
    if len(masks) <= count:
        return tuple(masks)
    return (*masks[: count - 1], np.logical_or.reduce(masks[count - 1 :]))


def _added(edits: Sequence[GroundedEdit]) -> Mask | None:
    """Return where things are added."""
    added = [edit.union for edit in edits if edit.asked.operation == "add" and edit.union is not None]
    return union_of(added)


def _is_made_before(edit: GroundedEdit, earlier: Sequence[GroundedEdit]) -> bool:
    """Return whether an edit before it makes or move what an edit names, as far as that can be told."""
    makers = [one for one in earlier if one.asked.operation in _MAKING and one.acts]
    if edit.acts:
        own = edit.union
        return own is not None and any(one.union is None or bool((one.union & own).any()) for one in makers)
    if edit.no_op not in {NoOpReason.NO_TARGET, NoOpReason.UNCERTAIN}:
        return False
    named = {head.lower() for one in edit.asked.expressions for head in head_nouns(one)}
    return any(named & _shown_anew(one.asked) for one in makers)


def _shown_anew(edit: PlannedEdit) -> frozenset[str]:
    """Return the words of what an edit makes: those of its instruction that name nothing in the input."""
    there = content_words(" ".join(reference.expression for reference in edit.references))
    return content_words(edit.instruction) - there
