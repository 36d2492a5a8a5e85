import numpy as np
import pytest
from langdesign.media.v1 import media_pb2
from langdesign_edits import Box, ImageFormat
from langdesign_media import BlobStore, InvalidMask
from langdesign_media.convert import (
    box_from_message,
    box_to_message,
    decode_mask,
    encoded_mask,
    format_from_message,
    image_bytes,
    mask_to_message,
)


@pytest.mark.parametrize("encoding", media_pb2.MaskEncoding.values())
async def test_a_mask_survives_the_wire(guard, encoding):
    mask = np.random.default_rng(0).random((9, 13)) > 0.5
    message = await mask_to_message(mask, encoding)
    assert message.HasField("rle") == (encoding == media_pb2.MASK_ENCODING_RLE)
    read = await decode_mask(encoded_mask(message), guard=guard, width=13, height=9)
    np.testing.assert_array_equal(read, mask)
    with pytest.raises(InvalidMask, match="send a mask of 9x13"):
        await decode_mask(encoded_mask(message), guard=guard, width=9, height=13)


async def test_a_picture_is_given_by_its_bytes_or_by_its_digest():
    blobs = BlobStore.open("memory://")
    address = await blobs.put("acme", b"picture")
    by_digest, by_bytes = media_pb2.Image(blob=address), media_pb2.Image(data=b"bytes")
    assert await image_bytes(by_digest, blobs=blobs, tenant="acme") == b"picture"
    assert await image_bytes(by_bytes, blobs=blobs, tenant="acme") == b"bytes"


def test_boxes_and_formats_have_their_messages():
    box = Box(1, 2, 3, 4)
    assert box_from_message(box_to_message(box)) == box
    assert [format_from_message(value) for value in media_pb2.ImageFormat.values()] == [
        ImageFormat.PNG,
        ImageFormat.PNG,
        ImageFormat.JPEG,
        ImageFormat.WEBP,
    ]
