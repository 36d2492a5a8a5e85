"""Converts, calls, converts: `langdesign.segmentation.v1`."""

from contextlib import aclosing

import grpc
from langdesign.media.v1 import media_pb2
from langdesign.segmentation.v1 import segmentation_pb2, segmentation_pb2_grpc
from langdesign_chassis import current_tenant, errors
from langdesign_chassis.enums import contract_values
from langdesign_edits import Segment, Verdict
from langdesign_edits.verdicts import Thresholds
from langdesign_media import (
    BlobCorrupt,
    BlobNotFound,
    BlobStore,
    BlobUnavailable,
    DecoderUnavailable,
    ImageGuard,
    MediaError,
    View,
)
from langdesign_media.convert import box_to_message, image_bytes, mask_to_message

from langdesign_segmentation.errors import NetworkError, NetworkRefusal, NetworkTooSlow, NetworkUnavailable
from langdesign_segmentation.segmenter import Segmenter

_VERDICTS = contract_values(Verdict, segmentation_pb2.Verdict)


class SegmentationServicer(segmentation_pb2_grpc.SegmentationServiceServicer):
    """Serves `Segment`.

    Args:
        segmenter: What segments.
        guard: What decodes pictures.
        blobs: Where stored pictures are.
        thresholds: The checkpoint's, for requests that give none.

    """

    def __init__(
        self, segmenter: Segmenter, guard: ImageGuard, blobs: BlobStore, thresholds: Thresholds
    ) -> None:
        self._segmenter = segmenter
        self._guard = guard
        self._blobs = blobs
        self._thresholds = thresholds

    async def Segment(  # noqa: N802 - the contract's name
        self,
        request: segmentation_pb2.SegmentRequest,
        context: grpc.aio.ServicerContext[segmentation_pb2.SegmentRequest, segmentation_pb2.SegmentResponse],
    ) -> segmentation_pb2.SegmentResponse:
        """Segment every expression on one picture."""
        expressions = _expressions(request)
        view = await self._view(request.image)
        thresholds = _overridden(self._thresholds, request)
        found: dict[str, segmentation_pb2.Segment] = {}
        try:
            async with aclosing(self._segmenter.segment(view, expressions, thresholds)) as segments:
                async for segment in segments:
                    found[segment.expression] = await _message(segment, request.mask_encoding)
        except NetworkError as error:
            raise _network_error(error) from error
        return segmentation_pb2.SegmentResponse(
            segments=[found[expression] for expression in expressions],
            mask_threshold=thresholds.mask_threshold,
            no_target_threshold=thresholds.no_target_threshold,
            uncertain_threshold=thresholds.uncertain,
            width=view.width,
            height=view.height,
        )

    async def _view(self, image: media_pb2.Image) -> View:
        try:
            limit = self._guard.limits.max_bytes
            data = await image_bytes(image, blobs=self._blobs, tenant=current_tenant(), max_bytes=limit)
            return await self._guard.view(data, least=self._segmenter.least)
        except MediaError as error:
            raise _media_error(error) from error


def _overridden(thresholds: Thresholds, request: segmentation_pb2.SegmentRequest) -> Thresholds:
    """Return the checkpoint's thresholds with the request's in their place."""
    mask = request.mask_threshold if request.HasField("mask_threshold") else None
    no_target = request.no_target_threshold if request.HasField("no_target_threshold") else None
    uncertain = request.uncertain_threshold if request.HasField("uncertain_threshold") else None
    try:
        return thresholds.overridden(mask, no_target, uncertain)
    except ValueError as error:
        hint = "give an uncertain_threshold of at most no_target_threshold, or one of them alone"
        raise errors.InvalidArgument(str(error), field="uncertain_threshold", hint=hint) from error


def _expressions(request: segmentation_pb2.SegmentRequest) -> list[str]:
    """Return the expressions with their white space made plain."""
    expressions = [" ".join(text.split()) for text in request.expressions]
    blank = tuple(
        errors.FieldViolation(f"expressions[{i}]", "is blank")
        for i, text in enumerate(expressions)
        if not text
    )
    if blank:
        raise errors.InvalidArgument(
            "an expression is blank", violations=blank, hint="name what is meant, such as: the blue chair"
        )
    return expressions


def _network_error(error: NetworkError) -> Exception:
    """Return the status that a failure stands for; an unforeseen one stays what it is."""
    if isinstance(error, NetworkUnavailable):
        return errors.Unavailable("the segmentation model is not there now", hint="try again later")
    if isinstance(error, NetworkTooSlow):
        return errors.DeadlineExceeded(
            "the segmentation model took longer than the time given", hint="give a longer deadline"
        )
    if isinstance(error, NetworkRefusal):
        return errors.InvalidArgument(
            "an expression holds no word",
            field="expressions",
            hint="name what is meant in words, such as: the blue chair",
        )
    return error


def _media_error(error: MediaError) -> errors.Error:
    if isinstance(error, BlobUnavailable | DecoderUnavailable):
        return errors.Unavailable(f"the picture {error.message}", hint=error.hint)
    if isinstance(error, BlobNotFound):
        return errors.NotFound(f"image.blob {error.message}", hint=error.hint)
    if isinstance(error, BlobCorrupt):
        return errors.DataLoss(f"the stored picture {error.message}", hint=error.hint)
    return errors.InvalidArgument(f"the picture {error.message}", field="image", hint=error.hint)


async def _message(segment: Segment, encoding: media_pb2.MaskEncoding.ValueType) -> segmentation_pb2.Segment:
    box = segment.box
    return segmentation_pb2.Segment(
        expression=segment.expression,
        mask=await mask_to_message(segment.mask, encoding),
        box=None if box is None else box_to_message(box),
        area=segment.area,
        no_target_probability=segment.no_target_probability,
        score=segment.score,
        truncated=segment.truncated,
        verdict=_VERDICTS[segment.verdict],
        unknown_words=segment.unknown_words,
    )
