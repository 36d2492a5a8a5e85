import io

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from langdesign_edits import ImageFormat
from langdesign_media import ImageLimits, InvalidImage
from langdesign_media.headers import read_header
from PIL import Image


@settings(deadline=None, database=None, derandomize=True, max_examples=60)
@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.sampled_from(
        [
            ("PNG", {}),
            ("JPEG", {}),
            ("JPEG", {"progressive": True}),
            ("WEBP", {}),
            ("WEBP", {"lossless": True}),
        ]
    ),
    st.sampled_from(["RGB", "L"]),
)
def test_the_size_is_read_without_decoding(width, height, kind, mode):
    target = io.BytesIO()
    Image.new(mode, (width, height)).save(target, kind[0], **kind[1])
    header = read_header(target.getvalue(), ImageLimits())
    assert (header.format, header.width, header.height) == (ImageFormat(kind[0].lower()), width, height)


@settings(deadline=None, database=None, derandomize=True)
@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8"]), st.binary(max_size=60)
)
def test_any_bytes_after_the_magic_are_a_header_or_refused(magic, rest):
    try:
        header = read_header(magic + rest, ImageLimits())
    except InvalidImage:
        event("refused")
    else:
        assert 1 <= header.width <= 8192
        assert 1 <= header.height <= 8192


def test_limits_are_named_in_the_refusal(encoded, room):
    with pytest.raises(InvalidImage, match="64x48 pixels; the most is 63 a side"):
        read_header(encoded(room), ImageLimits(max_side=63))
    with pytest.raises(InvalidImage, match="3,000 in all"):
        read_header(encoded(room), ImageLimits(max_pixels=3000))
