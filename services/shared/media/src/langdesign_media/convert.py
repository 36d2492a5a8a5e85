"""Between the messages of ``langdesign.media.v1`` and this library's values."""

import asyncio
import dataclasses

from langdesign.media.v1 import media_pb2
from langdesign_edits import Box, EncodedMask, ImageFormat, Mask

from langdesign_media.blobs import BlobStore
from langdesign_media.guard import ImageGuard
from langdesign_media.masks import mask_to_png, mask_to_rle, require_size, rle_to_mask

_FORMATS = {
    media_pb2.IMAGE_FORMAT_UNSPECIFIED: ImageFormat.PNG,
    media_pb2.IMAGE_FORMAT_PNG: ImageFormat.PNG,
    media_pb2.IMAGE_FORMAT_JPEG: ImageFormat.JPEG,
    media_pb2.IMAGE_FORMAT_WEBP: ImageFormat.WEBP,
}


async def image_bytes(
    image: media_pb2.Image, *, blobs: BlobStore, tenant: str, max_bytes: int | None = None
) -> bytes:
    """Return the encoded bytes of a picture, from the message or from the tenant's blobs.

    Raises:
        BlobError: The blob cannot be had.

    """
    if image.WhichOneof("source") == "blob":
        return await blobs.get(tenant, image.blob, max_bytes=max_bytes)
    return image.data


def encoded_mask(mask: media_pb2.Mask) -> EncodedMask:
    """Return the mask of a message, not decoded."""
    if mask.WhichOneof("encoding") == "rle":
        return EncodedMask(counts=mask.rle.counts, size=(mask.rle.width, mask.rle.height))
    return EncodedMask(png=mask.png)


async def decode_mask(mask: EncodedMask, *, guard: ImageGuard, width: int, height: int) -> Mask:
    """Decode a mask for a picture of ``width`` x ``height`` pixels as displayed.

    Raises:
        InvalidMask: It is unreadable, or has another size.
        DecoderUnavailable: No decoder process could be had.

    """
    if mask.counts:
        require_size(*mask.size, width=width, height=height)
        return await asyncio.to_thread(rle_to_mask, mask.counts, width=width, height=height)
    return await guard.decode_mask(mask.png, width=width, height=height)


async def mask_to_message(
    mask: Mask, encoding: media_pb2.MaskEncoding.ValueType = media_pb2.MASK_ENCODING_UNSPECIFIED
) -> media_pb2.Mask:
    """Encode a mask; PNG unless run lengths are asked for."""
    if encoding == media_pb2.MASK_ENCODING_RLE:
        height, width = mask.shape
        counts = await asyncio.to_thread(mask_to_rle, mask)
        return media_pb2.Mask(rle=media_pb2.RunLengthMask(height=height, width=width, counts=counts))
    return media_pb2.Mask(png=await asyncio.to_thread(mask_to_png, mask))


def box_from_message(box: media_pb2.Box) -> Box:
    """Return the box of a message."""
    return Box(box.x, box.y, box.width, box.height)


def box_to_message(box: Box) -> media_pb2.Box:
    """Return the message of a box."""
    return media_pb2.Box(**dataclasses.asdict(box))


def format_from_message(image_format: media_pb2.ImageFormat.ValueType) -> ImageFormat:
    """Return the format that a caller wants; PNG where it leaves the choice."""
    return _FORMATS[image_format]
