"""Builds the service from its settings."""

import grpc
from langdesign.segmentation.v1 import segmentation_pb2_grpc
from langdesign_chassis import Runtime, errors, remaining
from langdesign_chassis.channels import channel_options
from langdesign_edits.verdicts import Thresholds
from langdesign_media import BlobStore, ImageGuard

from langdesign_segmentation.errors import ThresholdsError, WorkingSizeError
from langdesign_segmentation.network import TritonNetwork, open_client
from langdesign_segmentation.segmenter import Segmenter
from langdesign_segmentation.servicer import SegmentationServicer
from langdesign_segmentation.settings import SegmentationSettings
from langdesign_segmentation.thresholds import read_thresholds
from langdesign_segmentation.working_size import read_working_size

SERVICE = "langdesign.segmentation.v1.SegmentationService"


async def register(server: grpc.aio.Server, runtime: Runtime, settings: SegmentationSettings) -> None:
    """Add the servicer; the service is ready once Triton's model is."""
    client = await runtime.enter(
        open_client(settings.triton_addr, channel_options(runtime.settings.keepalive, settings.triton_addr))
    )
    network = TritonNetwork(client, settings.model, lambda: _seconds(settings))
    runtime.wait_for("triton", network.ready)
    servicer = SegmentationServicer(
        Segmenter(
            network, _working_size(settings), max_side=settings.max_side, batch_bytes=settings.batch_bytes
        ),
        await runtime.enter(ImageGuard(workers=settings.decoders)),
        _blobs(settings.blobs),
        _thresholds(settings),
    )
    segmentation_pb2_grpc.add_SegmentationServiceServicer_to_server(servicer, server)


def _blobs(location: str) -> BlobStore:
    try:
        return BlobStore.open(location)
    except ValueError as error:
        raise errors.StartError(
            f"SEGMENTATION_BLOBS={location} cannot be opened",
            hint="name a writable folder, or a URL such as s3://bucket/prefix",
        ) from error


def _seconds(settings: SegmentationSettings) -> float:
    left = remaining()
    return settings.timeout if left is None else max(0.001, min(settings.timeout, left))


def _thresholds(settings: SegmentationSettings) -> Thresholds:
    try:
        found = read_thresholds(settings.thresholds)
    except ThresholdsError as error:
        raise errors.StartError(str(error), hint="or leave SEGMENTATION_THRESHOLDS out") from error
    try:
        return found.overridden(
            settings.mask_threshold,
            settings.no_target_threshold,
            settings.uncertain_threshold,
            settings.least_area,
        )
    except ValueError as error:
        raise errors.StartError(
            f"The settings of segmentation do not fit: {error}", hint="change SEGMENTATION_..._THRESHOLD"
        ) from error


def _working_size(settings: SegmentationSettings) -> int | None:
    if settings.working_size is not None or settings.config is None:
        return settings.working_size
    try:
        return read_working_size(settings.config)
    except WorkingSizeError as error:
        raise errors.StartError(str(error), hint="or leave SEGMENTATION_CONFIG out") from error
