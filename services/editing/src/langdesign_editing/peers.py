"""The two peers that find out where an edit acts: reference and segmentation."""

import logging
from collections.abc import Sequence
from typing import Protocol

import grpc
from langdesign.media.v1 import media_pb2
from langdesign.reference.v1 import reference_pb2, reference_pb2_grpc
from langdesign.segmentation.v1 import segmentation_pb2, segmentation_pb2_grpc
from langdesign_chassis import errors, from_rpc
from langdesign_edits import Segment
from langdesign_media import ImageGuard

from langdesign_editing.convert import plan_from_message, segments_from_message
from langdesign_editing.plans import InstructionPlan

_log = logging.getLogger(__name__)


class InstructionReader(Protocol):
    """Reads instructions."""

    async def plan(self, instruction: str, caption: str) -> InstructionPlan:
        """Returns the plan of an instruction."""


class RegionFinder(Protocol):
    """Finds what expressions refer to."""

    async def segment(
        self, image: bytes, expressions: Sequence[str], *, width: int, height: int
    ) -> Sequence[Segment]:
        """Returns one segment an expression, in order; the size is the displayed picture's."""


class ReferencePeer:
    """The reference service."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = reference_pb2_grpc.ReferenceServiceStub(channel)

    async def plan(self, instruction: str, caption: str) -> InstructionPlan:
        """Returns the plan of an instruction.

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
        """Returns one segment an expression, in order.

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
        return await segments_from_message(answer.segments, guard=self._guard, width=width, height=height)


def _translated(error: grpc.aio.AioRpcError, peer: str) -> Exception:
    translated = from_rpc(error)
    if isinstance(translated, errors.Unauthenticated | errors.PermissionDenied):
        _log.error("a peer refused this call's identity", extra={"peer": peer}, exc_info=error)
        return translated
    if translated is None:
        return RuntimeError(f"{peer} answered {error.code().name}")
    return translated
