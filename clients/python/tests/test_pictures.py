"""Pictures that are too large are refused before anything is sent."""

import io
import struct
import warnings
import zlib

import pytest
from langdesign_client import media
from langdesign_client.errors import InvalidInputError
from PIL import Image


def _png(width: int, height: int) -> bytes:
    """Return a PNG that claims a size, with hardly any pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def _encoded(size: tuple[int, int], image_format: str) -> bytes:
    target = io.BytesIO()
    Image.new("L", size).save(target, image_format)
    return target.getvalue()


@pytest.mark.parametrize(("width", "height"), [(65_000, 8), (8000, 8000), (60_000, 60_000)])
def test_more_pixels_than_the_services_take_are_refused_in_pixels(width, height):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InvalidInputError, match=rf"{width}x{height} pixels; the most is 8192 a side"):
            media.picture(_png(width, height))


def test_a_jpeg_or_webp_of_too_long_a_side_is_refused_too(tmp_path):
    for image_format in ("JPEG", "WEBP"):
        with pytest.raises(InvalidInputError, match="8200x8 pixels"):
            media.picture(_encoded((8200, 8), image_format))


def test_a_picture_of_50_megapixels_is_taken():
    data = _png(8160, 6120)
    assert media.picture(data).data is data


def test_what_cannot_be_read_is_left_to_the_services():
    for data in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xffzz", b"RIFF\0\0\0\0WEBP"):
        assert media.picture(data).data is data
