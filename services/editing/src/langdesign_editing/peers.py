"""The two peers that find out where an edit acts: reference and segmentation."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import grpc
from langdesign.media.v1 import media_pb2
from langdesign.reference.v1 import reference_pb2, reference_pb2_grpc
from langdesign.segmentation.v1 import segmentation_pb2, segmentation_pb2_grpc
from langdesign_chassis import errors, from_rpc
from langdesign_edits import Expression, Region, Segment, Verdict
from langdesign_media import ImageGuard
from langdesign_media.convert import decode_mask, encoded_mask

from langdesign_editing.plan_messages import plan_from_message
from langdesign_editing.plans import InstructionPlan

_VERDICTS = {
    segmentation_pb2.VERDICT_UNSPECIFIED: Verdict.UNCERTAIN,
    segmentation_pb2.VERDICT_FOUND: Verdict.FOUND,
    segmentation_pb2.VERDICT_NO_TARGET: Verdict.NO_TARGET,
    segmentation_pb2.VERDICT_UNCERTAIN: Verdict.UNCERTAIN,
    segmentation_pb2.VERDICT_UNKNOWN_WORD: Verdict.UNKNOWN_WORD,
}
_log = logging.getLogger(__name__)


class InstructionReader(Protocol):
    """Reads instructions."""

    async def plan(self, instruction: str, caption: str) -> InstructionPlan:
        """Return the plan of an instruction."""


class RegionFinder(Protocol):
    """Finds what expressions refer to."""

    async def segment(
        self, image: bytes, expressions: Sequence[str], *, width: int, height: int
    ) -> Sequence[Segment]:
        """Return one segment an expression, in order; the size is the displayed picture's."""


class UnexpectedAnswer(RuntimeError):  # noqa: N818 - read as a sentence, as the services' errors are
    """A peer answered with a status that it never should."""


@dataclass(frozen=True)
class Peers:
    """The peers that this deployment has; None where there is none."""

    reader: InstructionReader | None = None
    finder: RegionFinder | None = None

    def require(self, region: Region | None, plan: InstructionPlan | None) -> None:
        """Check that the peers that a request needs are there.

        Args:
            region: Where the caller says to edit.
            plan: What the caller says to do.

        Raises:
            errors.FailedPrecondition: One is not configured; the hint names a region that works without.

        """
        if region is None and plan is None and self.reader is None:
            raise _not_configured("reference", "the region must be given")
        looks = isinstance(region, Expression) or (region is None and (plan is None or plan.expressions))
        if looks and self.finder is None:
            raise _not_configured("segmentation", "expressions cannot be found")


def _not_configured(peer: str, consequence: str) -> errors.FailedPrecondition:
    return errors.FailedPrecondition(
        f"this deployment has no {peer} service, so {consequence}",
        hint="give region.mask, region.box or region.whole",
        reason=f"{peer.upper()}_NOT_CONFIGURED",
    )


class ReferencePeer:
    """The reference service."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = reference_pb2_grpc.ReferenceServiceStub(channel)

    async def plan(self, instruction: str, caption: str) -> InstructionPlan:
        """Return the plan of an instruction.

        Raises:
            errors.Error: What the service answered.

        """
        request = reference_pb2.PlanEditRequest(instruction=instruction, caption=caption)
        try:
            answer = await self._stub.PlanEdit(request)
        except grpc.aio.AioRpcError as error:
            raise _translated(error, "reference") from error
        return plan_from_message(answer.plan)


class SegmentationPeer:
    """The segmentation service.

    Args:
        channel: To the service.
        guard: Decodes its masks.

    """

    def __init__(self, channel: grpc.aio.Channel, guard: ImageGuard) -> None:
        self._stub = segmentation_pb2_grpc.SegmentationServiceStub(channel)
        self._guard = guard

    async def segment(
        self, image: bytes, expressions: Sequence[str], *, width: int, height: int
    ) -> Sequence[Segment]:
        """Return one segment an expression, in order.

        Raises:
            errors.Error: What the service answered.
            MediaError: A mask of its answer cannot be read.

        """
        request = segmentation_pb2.SegmentRequest(
            image=media_pb2.Image(data=image),
            expressions=expressions,
            mask_encoding=media_pb2.MASK_ENCODING_RLE,
        )
        try:
            answer = await self._stub.Segment(request)
        except grpc.aio.AioRpcError as error:
            raise _translated(error, "segmentation") from error
        if len(answer.segments) != len(expressions):
            raise RuntimeError(f"{len(answer.segments)} segments for {len(expressions)} expressions")
        return [await self._segment(segment, width, height) for segment in answer.segments]

    async def _segment(self, segment: segmentation_pb2.Segment, width: int, height: int) -> Segment:
        mask = encoded_mask(segment.mask)
        return Segment(
            segment.expression,
            await decode_mask(mask, guard=self._guard, width=width, height=height),
            segment.no_target_probability,
            segment.score,
            segment.truncated,
            _VERDICTS.get(segment.verdict, Verdict.UNCERTAIN),
            tuple(segment.unknown_words),
        )


def _translated(error: grpc.aio.AioRpcError, peer: str) -> Exception:
    translated = from_rpc(error)
    if isinstance(translated, errors.Unauthenticated | errors.PermissionDenied):
        _log.error("a peer refused this call's identity", extra={"peer": peer}, exc_info=error)
        return translated
    if translated is None:
        return UnexpectedAnswer(f"{peer} answered {error.code().name}")
    return translated
