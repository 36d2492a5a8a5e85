"""Reads a request into a job: everything that can be wrong with it is found before any work begins."""

import time
from dataclasses import dataclass

from langdesign.editing.v1 import editing_pb2 as pb
from langdesign_chassis import errors
from langdesign_edits import EditError, Mask, Picture, box_mask
from langdesign_media import (
    BlobCorrupt,
    BlobNotFound,
    BlobStore,
    BlobTooLarge,
    ImageGuard,
    InvalidMedia,
    MediaError,
)
from langdesign_media.convert import box_from_message, image_bytes, mask_from_message

from langdesign_editing import options

RETRY_AFTER = 1.0
MIN_SIDE, MAX_SIDE = 8, 4096
"""Sides that the engine takes, pixels."""


@dataclass(frozen=True)
class Whole:
    """The whole picture is edited."""


@dataclass(frozen=True)
class Expression:
    """What a referring expression names is edited."""

    text: str


@dataclass(frozen=True)
class Job:
    """One edit to do.

    Attributes:
        tenant: Whose edit it is.
        data: The picture, encoded as it came.
        picture: The picture, decoded.
        instruction: What to do.
        caption: What the picture shows; may be empty.
        region: Where: a mask ``[H, W]``, an expression, the whole; None means that the instruction tells.
        options: Knobs, as the caller gave them.
        arrived: When the request came, seconds of `time.monotonic`.

    """

    tenant: str
    data: bytes
    picture: Picture
    instruction: str
    caption: str
    region: Mask | Expression | Whole | None
    options: pb.EditOptions
    arrived: float


class Intake:
    """Makes jobs of requests.

    Args:
        guard: Decodes pictures.
        blobs: Where pictures that come as references are.

    """

    def __init__(self, guard: ImageGuard, blobs: BlobStore) -> None:
        self._guard = guard
        self._blobs = blobs

    async def read(self, request: pb.EditRequest, tenant: str) -> Job:
        """Reads a valid request (its constraints were checked before).

        Raises:
            errors.InvalidArgument: The picture, mask, box or options cannot be used.
            errors.NotFound: The tenant has no such blob.
            errors.DataLoss: The blob is damaged.
            errors.Unavailable: The blob store or the decoders do not answer now.

        """
        arrived = time.monotonic()
        options.check(request.options, whole=request.region.whole)
        try:
            limit = self._guard.limits.max_bytes
            data = await image_bytes(request.image, blobs=self._blobs, tenant=tenant, max_bytes=limit)
            picture = await self._guard.decode(data)
        except MediaError as error:
            field = "image.blob" if request.image.HasField("blob") else "image.data"
            raise media_error(error, field) from error
        _require_sides(picture)
        region = await self._region(request, picture)
        return Job(
            tenant, data, picture, request.instruction, request.caption, region, request.options, arrived
        )

    async def _region(self, request: pb.EditRequest, picture: Picture) -> Mask | Expression | Whole | None:
        region = request.region
        kind = region.WhichOneof("kind")
        try:
            match kind:
                case "mask":
                    return await mask_from_message(
                        region.mask, guard=self._guard, width=picture.width, height=picture.height
                    )
                case "box":
                    box = box_from_message(region.box)
                    return box_mask(box, width=picture.width, height=picture.height)
                case "expression":
                    return Expression(region.expression)
                case "whole":
                    return Whole()
        except MediaError as error:
            raise media_error(error, f"region.{kind}") from error
        except EditError as error:
            message = f"region.{kind} {error.message}"
            raise errors.InvalidArgument(message, field=f"region.{kind}", mend=error.mend) from error
        return None


def _require_sides(picture: Picture) -> None:
    width, height = picture.width, picture.height
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_SIDE:
        raise errors.InvalidArgument(
            f"image has {width}x{height} pixels; a side has {MIN_SIDE} to {MAX_SIDE}",
            field="image",
            mend=f"resize it to {MIN_SIDE} to {MAX_SIDE} pixels a side",
        )


def media_error(error: MediaError, field: str) -> errors.Error:
    """Returns the service's error for an error of the media library, at a field of the request."""
    message = f"{field} {error.message}"
    match error:
        case InvalidMedia() | BlobTooLarge():
            return errors.InvalidArgument(message, field=field, mend=error.mend)
        case BlobNotFound():
            return errors.NotFound(message, mend=error.mend)
        case BlobCorrupt():
            return errors.DataLoss(message, mend=error.mend)
    return errors.Unavailable(message, retry_after=RETRY_AFTER, mend=error.mend)
