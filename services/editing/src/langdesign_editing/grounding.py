"""Finds out where an edit acts: what the caller left out, the peers find."""

import time
from collections.abc import Collection, Mapping

import numpy as np
from langdesign_chassis import errors
from langdesign_edits import Expression, Mask, Region, Verdict, Whole

from langdesign_editing.events import Grounding, NoOpReason
from langdesign_editing.intake import EditTask
from langdesign_editing.peers import InstructionReader, RegionFinder
from langdesign_editing.placing import place
from langdesign_editing.plans import InstructionPlan, Relation, Role

MAX_REGIONS = 16
"""What the engine takes in one edit."""
MAX_EXPRESSIONS, MAX_EXPRESSION_LENGTH = 64, 400
"""What `langdesign.segmentation.v1` takes in one call, and the characters of each."""


class Grounder:
    """Finds where edits act, with the peers that this deployment has.

    Args:
        reader: Reads instructions; None when there is none.
        finder: Finds what expressions refer to; None when there is none.
        confidence_floor: Confidence, 0..1, below which a plan that could be anything is no plan at all: the
            operation OTHER on the whole picture.

    """

    def __init__(
        self,
        reader: InstructionReader | None,
        finder: RegionFinder | None,
        *,
        confidence_floor: float,
    ) -> None:
        self._reader = reader
        self._finder = finder
        self._confidence_floor = confidence_floor

    def require_peers(self, region: Region | None) -> None:
        """Checks that the peers that a request needs are there.

        Raises:
            errors.FailedPrecondition: One is not configured; the hint names a region that works without.

        """
        if region is None and self._reader is None:
            raise _missing("reference", "the region must be given")
        if (region is None or isinstance(region, Expression)) and self._finder is None:
            raise _missing("segmentation", "expressions cannot be found")

    async def read(self, task: EditTask) -> InstructionPlan:
        """Returns the plan of the instruction. Raises errors.Error as the reference service answers."""
        if self._reader is None:
            raise _missing("reference", "the region must be given")
        return await self._reader.plan(task.spec.instruction, task.spec.caption)

    async def ground(self, task: EditTask, plan: InstructionPlan | None) -> Grounding:
        """Returns where the task acts; the plan counts when the caller gave no region.

        A plan that nobody could read acts nowhere: the region is a no-op that says so.

        Raises:
            errors.InvalidArgument: The plan names more, or at more length, than is segmented.
            errors.Error: As the segmentation service answers.

        """
        region = task.spec.region
        match region:
            case Whole():
                return Grounding()
            case Expression(text):
                return await self._segment(task, {text: None})
            case None if plan is not None and not plan.read:
                return Grounding(no_op=NoOpReason.UNREADABLE_INSTRUCTION)
            case None:
                expressions = _expressions(plan)
                return await self._segment(task, expressions) if expressions else Grounding()
        assert isinstance(region, np.ndarray)  # noqa: S101 - the intake leaves no other region in pixels
        if not region.any():
            return Grounding(no_op=NoOpReason.EMPTY_MASK)
        return Grounding((region,))

    async def _segment(self, task: EditTask, expressions: Mapping[str, Relation | None]) -> Grounding:
        if self._finder is None:
            raise _missing("segmentation", "expressions cannot be found")
        started = time.monotonic()
        size = {"width": task.picture.width, "height": task.picture.height}
        segments = await self._finder.segment(task.data, list(expressions), **size)
        found = [
            (segment.mask, relation)
            for segment, relation in zip(segments, expressions.values(), strict=True)
            if segment.verdict is Verdict.FOUND
        ]
        masks = tuple(
            mask if relation is None else place(mask, relation) for mask, relation in found if mask.any()
        )
        return Grounding(
            _at_most(masks, MAX_REGIONS),
            None if masks else NoOpReason.NO_TARGET,
            min(segment.no_target_probability for segment in segments),
            any(segment.truncated for segment in segments),
            time.monotonic() - started,
        )


def _at_most(masks: tuple[Mask, ...], count: int) -> tuple[Mask, ...]:
    """The masks, those beyond the count in one: they share the instruction, so that nothing is lost."""
    if len(masks) <= count:
        return masks
    return (*masks[: count - 1], np.logical_or.reduce(masks[count - 1 :]))


def _expressions(plan: InstructionPlan | None) -> dict[str, Relation | None]:
    """The expressions of a plan, each once, anchors with their relation; none for the whole picture."""
    found: dict[str, Relation | None] = {}
    for edit in () if plan is None else plan.edits:
        for reference in edit.references:
            found.setdefault(
                reference.expression, reference.relation if reference.role is Role.ANCHOR else None
            )
    _require_limits(found)
    return found


def _require_limits(expressions: Collection[str]) -> None:
    longest = max(map(len, expressions), default=0)
    if longest > MAX_EXPRESSION_LENGTH:
        raise errors.InvalidArgument(
            f"the instruction takes {longest} characters to name one thing; {MAX_EXPRESSION_LENGTH} are read",
            field="instruction",
            hint="name it in fewer words, or give region.mask or region.box",
        )
    if len(expressions) > MAX_EXPRESSIONS:
        raise errors.InvalidArgument(
            f"the instruction names {len(expressions)} things; {MAX_EXPRESSIONS} are looked for in one edit",
            field="instruction",
            hint="name fewer things, or give region.mask or region.box",
        )


def _missing(peer: str, consequence: str) -> errors.FailedPrecondition:
    return errors.FailedPrecondition(
        f"this deployment has no {peer} service, so {consequence}",
        hint="give region.mask, region.box or region.whole",
        reason=f"{peer.upper()}_NOT_CONFIGURED",
    )
