"""Finds out where an edit acts: what the caller left out, the peers find."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.reference.v1 import reference_pb2
from langdesign.segmentation.v1 import segmentation_pb2
from langdesign_chassis import errors
from langdesign_edits import Mask, coverage, tight_box
from langdesign_media import ImageGuard
from langdesign_media.convert import box_to_message, mask_from_message, mask_to_message

from langdesign_editing.intake import Expression, Job, Whole
from langdesign_editing.peers import InstructionReader, Segmenter
from langdesign_editing.placing import place

MAX_REGIONS = 16
"""What the engine takes in one edit."""
MAX_EXPRESSIONS, MAX_EXPRESSION_LENGTH = 64, 400
"""What `langdesign.segmentation.v1` takes in one call, and the characters of each."""


@dataclass(frozen=True)
class Region:
    """Where an edit acts.

    Attributes:
        masks: One ``[H, W]`` bool per region, none of them empty; no mask means the whole picture, unless
            ``no_op`` says that there is nothing to edit.
        no_op: Why nothing is to change; unspecified when something is.
        no_target_probability: Probability that nothing is meant, 0..1; None where nothing was segmented.
        truncated: Whether an expression was longer than the network reads, so that its end did not count.
        segmentation_seconds: Time that the segmentation took.

    """

    masks: tuple[Mask, ...] = ()
    no_op: pb.NoOpReason.ValueType = pb.NO_OP_REASON_UNSPECIFIED
    no_target_probability: float | None = None
    truncated: bool = False
    segmentation_seconds: float = 0.0

    @property
    def union(self) -> Mask | None:
        """The masks together; None when the whole picture is edited."""
        return np.logical_or.reduce(self.masks) if self.masks else None


class Locator:
    """Finds regions, with the peers that this deployment has.

    Args:
        guard: Decodes the masks of the segmentation.
        reader: Reads instructions; None when there is none.
        segmenter: Segments expressions; None when there is none.
        confidence_floor: Confidence, 0..1, below which a plan that could be anything is no plan at all: the
            operation OTHER on the whole picture.

    """

    def __init__(
        self,
        guard: ImageGuard,
        reader: InstructionReader | None,
        segmenter: Segmenter | None,
        *,
        confidence_floor: float,
    ) -> None:
        self._guard = guard
        self._reader = reader
        self._segmenter = segmenter
        self._confidence_floor = confidence_floor

    def require_peers(self, region: pb.Region) -> None:
        """Checks that the peers that a request needs are there.

        Raises:
            errors.FailedPrecondition: One is not configured; the mend names a region that works without.

        """
        kind = region.WhichOneof("kind")
        if kind is None and self._reader is None:
            raise _missing("reference", "the region must be given")
        if kind in {None, "expression"} and self._segmenter is None:
            raise _missing("segmentation", "expressions cannot be found")

    async def read(self, job: Job) -> reference_pb2.Plan:
        """Returns the plan of the job's instruction. Raises errors.Error as the reference service answers."""
        if self._reader is None:
            raise _missing("reference", "the region must be given")
        return await self._reader.plan(job.instruction, job.caption)

    async def locate(self, job: Job, plan: reference_pb2.Plan | None) -> Region:
        """Returns where the job acts; the plan counts when the caller gave no region.

        A plan that nobody could read acts nowhere: the region is a no-op that says so.

        Raises:
            errors.InvalidArgument: The plan names more, or at more length, than is segmented.
            errors.Error: As the segmentation service answers.

        """
        match job.region:
            case Whole():
                return Region()
            case Expression(text):
                return await self._segment(job, {text: None})
            case None if plan is not None and self._is_unread(plan):
                return Region(no_op=pb.NO_OP_REASON_UNREADABLE_INSTRUCTION)
            case None:
                expressions = _expressions(plan)
                return await self._segment(job, expressions) if expressions else Region()
        if not job.region.any():
            return Region(no_op=pb.NO_OP_REASON_EMPTY_MASK)
        return Region((job.region,))

    def _is_unread(self, plan: reference_pb2.Plan) -> bool:
        """Whether a plan says that nobody could read the instruction, rather than what it asks for."""
        return (
            plan.operation == reference_pb2.OPERATION_OTHER
            and plan.scope == reference_pb2.SCOPE_GLOBAL
            and plan.confidence < self._confidence_floor
        )

    async def _segment(
        self, job: Job, expressions: Mapping[str, reference_pb2.Relation.ValueType | None]
    ) -> Region:
        if self._segmenter is None:
            raise _missing("segmentation", "expressions cannot be found")
        started = time.monotonic()
        segments = await self._segmenter.segment(job.data, list(expressions))
        found = [
            (await self._mask(segment, job), relation)
            for segment, relation in zip(segments, expressions.values(), strict=True)
            if not segment.no_target
        ]
        masks = tuple(
            mask if relation is None else place(mask, relation) for mask, relation in found if mask.any()
        )
        return Region(
            _at_most(masks, MAX_REGIONS),
            pb.NO_OP_REASON_UNSPECIFIED if masks else pb.NO_OP_REASON_NO_TARGET,
            min(segment.no_target_probability for segment in segments),
            any(segment.truncated for segment in segments),
            time.monotonic() - started,
        )

    async def _mask(self, segment: segmentation_pb2.Segment, job: Job) -> Mask:
        return await mask_from_message(
            segment.mask, guard=self._guard, width=job.picture.width, height=job.picture.height
        )


async def mask_event(region: Region) -> pb.MaskEvent:
    """Returns the event that tells a caller where its edit acts."""
    event = pb.MaskEvent(no_target_probability=region.no_target_probability, truncated=region.truncated)
    union = region.union
    if union is not None:
        event.mask.CopyFrom(await mask_to_message(union))
        if (box := tight_box(union)) is not None:
            event.box.CopyFrom(box_to_message(box))
        event.coverage = coverage(union)
    elif not region.no_op:
        event.coverage = 1.0
    return event


def _at_most(masks: tuple[Mask, ...], count: int) -> tuple[Mask, ...]:
    """The masks, those beyond the count in one: they share the instruction, so that nothing is lost."""
    if len(masks) <= count:
        return masks
    return (*masks[: count - 1], np.logical_or.reduce(masks[count - 1 :]))


def _expressions(plan: reference_pb2.Plan | None) -> dict[str, reference_pb2.Relation.ValueType | None]:
    """The expressions of a plan, each once, anchors with their relation; none for the whole picture."""
    if plan is None or plan.scope == reference_pb2.SCOPE_GLOBAL:
        return {}
    found: dict[str, reference_pb2.Relation.ValueType | None] = {}
    for reference in plan.references:
        anchors = reference.role == reference_pb2.ROLE_ANCHOR
        found.setdefault(reference.expression, reference.relation if anchors else None)
    _require_limits(found)
    return found


def _require_limits(expressions: Collection[str]) -> None:
    longest = max(map(len, expressions), default=0)
    if longest > MAX_EXPRESSION_LENGTH:
        raise errors.InvalidArgument(
            f"the instruction takes {longest} characters to name one thing; {MAX_EXPRESSION_LENGTH} are read",
            field="instruction",
            mend="name it in fewer words, or give region.mask or region.box",
        )
    if len(expressions) > MAX_EXPRESSIONS:
        raise errors.InvalidArgument(
            f"the instruction names {len(expressions)} things; {MAX_EXPRESSIONS} are looked for in one edit",
            field="instruction",
            mend="name fewer things, or give region.mask or region.box",
        )


def _missing(peer: str, consequence: str) -> errors.FailedPrecondition:
    return errors.FailedPrecondition(
        f"this deployment has no {peer} service, so {consequence}",
        mend="give region.mask, region.box or region.whole",
        reason=f"{peer.upper()}_NOT_CONFIGURED",
    )
