"""Masks for referring expressions."""

from collections.abc import Sequence
from dataclasses import dataclass

from langdesign.media.v1 import media_pb2
from langdesign.segmentation.v1 import segmentation_pb2

from langdesign_client.calls import Unary, method
from langdesign_client.media import (
    Box,
    ImageSource,
    Mask,
    enum_name,
    picture_message,
    read_box,
    read_mask,
)
from langdesign_client.messages import new_message


@dataclass(frozen=True)
class Segment:
    """What one expression refers to; `box` is None when the mask is empty, `area` counts pixels.

    `truncated` tells that the expression is longer than the network reads, so that its end did not count.
    `verdict` is found; no_target (surely nothing is meant); uncertain (something may be meant, and the mask
    is the best guess, maybe empty); or unknown_word (the network does not know the word that names the
    thing). `unknown_words` are those that it does not know, in order.
    """

    expression: str
    mask: Mask
    box: Box | None
    area: int
    no_target_probability: float
    score: float
    truncated: bool
    verdict: str
    unknown_words: tuple[str, ...]


@dataclass(frozen=True)
class Segmentation:
    """One segment an expression, in their order, the thresholds that were used, and the picture's size."""

    segments: tuple[Segment, ...]
    mask_threshold: float
    no_target_threshold: float
    uncertain_threshold: float
    width: int
    height: int


def segment(
    image: ImageSource,
    expressions: Sequence[str],
    *,
    mask_threshold: float | None = None,
    no_target_threshold: float | None = None,
    uncertain_threshold: float | None = None,
) -> Unary[Segmentation]:
    """Ask for the masks of 1..64 expressions on one picture; absent thresholds are the checkpoint's own.

    From `no_target_threshold` on, the probability that nothing is meant makes a verdict of no_target, from
    `uncertain_threshold`, which is at most that one, one of uncertain.
    """
    request = new_message(
        segmentation_pb2.SegmentRequest,
        image=picture_message(image),
        expressions=expressions,
        mask_encoding=media_pb2.MASK_ENCODING_PNG,
        mask_threshold=mask_threshold,
        no_target_threshold=no_target_threshold,
        uncertain_threshold=uncertain_threshold,
    )
    return Unary(
        method(segmentation_pb2.DESCRIPTOR, "SegmentationService", "Segment"), request, _read_segmentation
    )


def _read_segmentation(message: segmentation_pb2.SegmentResponse) -> Segmentation:
    return Segmentation(
        segments=tuple(_read_segment(item) for item in message.segments),
        mask_threshold=message.mask_threshold,
        no_target_threshold=message.no_target_threshold,
        uncertain_threshold=message.uncertain_threshold,
        width=message.width,
        height=message.height,
    )


def _read_segment(message: segmentation_pb2.Segment) -> Segment:
    return Segment(
        expression=message.expression,
        mask=read_mask(message.mask),
        box=read_box(message.box) if message.HasField("box") else None,
        area=message.area,
        no_target_probability=message.no_target_probability,
        score=message.score,
        truncated=message.truncated,
        verdict=enum_name(segmentation_pb2.Verdict, message.verdict),
        unknown_words=tuple(message.unknown_words),
    )
