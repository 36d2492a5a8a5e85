"""Reads a picture's format and size from its first bytes, before any decoder allocates for it.

PNG: W3C PNG 3rd edition, 11.2.1 (IHDR). JPEG: ITU-T T.81, B.2.2 (frame header). WebP: RFC 9649, 2.7.
"""

from dataclasses import dataclass

from langdesign_edits import ImageFormat

from langdesign_media.errors import InvalidImage
from langdesign_media.picture import ImageLimits

# JPEG markers: frame headers (SOF0..SOF15 but DHT, JPG and DAC), and those that stand alone.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture says about itself; width and height before EXIF orientation."""

    format: ImageFormat
    width: int
    height: int


def read_header(data: bytes, limits: ImageLimits) -> Header:
    """Read the header of an encoded picture and hold it against the limits.

    Raises:
        InvalidImage: Another format, a broken header, or a picture above the limits.

    """
    if not data:
        raise InvalidImage("is empty", hint="send the encoded picture")
    if len(data) > limits.max_bytes:
        raise InvalidImage(
            f"has {len(data)} bytes, and at most {limits.max_bytes} are taken",
            hint="send a smaller picture, or the same one as JPEG or WebP",
        )
    header = _sniff(data)
    _hold_against(header, limits)
    return header


def _sniff(data: bytes) -> Header:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        found, size = ImageFormat.PNG, _png_size(data)
    elif data.startswith(b"\xff\xd8\xff"):
        found, size = ImageFormat.JPEG, _jpeg_size(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found, size = ImageFormat.WEBP, _webp_size(data)
    else:
        raise InvalidImage("is not PNG, JPEG or WebP", hint="convert it to one of these and send it again")
    if size is None:
        raise InvalidImage(f"has a broken {found.upper()} header", hint="export the picture anew")
    return Header(found, *size)


def _hold_against(header: Header, limits: ImageLimits) -> None:
    width, height = header.width, header.height
    if not width or not height:
        raise InvalidImage("has no pixels", hint="send a picture of at least 1x1 pixels")
    if max(width, height) > limits.max_side or width * height > limits.max_pixels:
        raise InvalidImage(
            f"has {width}x{height} pixels; the most is {limits.max_side} a side, "
            f"{limits.max_pixels:,} in all",
            hint="scale it down, or crop it",
        )


def _png_size(data: bytes) -> tuple[int, int] | None:
    if data[12:16] != b"IHDR" or len(data) < 33:
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while (start := data.find(b"\xff", at)) >= 0 and start + 4 <= len(data):
        marker = data[start + 1]
        if marker == 0xFF:  # fill byte
            at = start + 1
        elif marker == 0x00 or marker in _ALONE:
            at = start + 2
        elif marker in _FRAMES:
            frame = data[start + 5 : start + 9]
            return (
                (int.from_bytes(frame[2:], "big"), int.from_bytes(frame[:2], "big"))
                if len(frame) == 4
                else None
            )
        elif marker in {0xD9, 0xDA}:  # end, or scan, before any frame
            return None
        else:
            at = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    if len(data) < 30:
        return None
    match data[12:16]:
        case b"VP8X":
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        case b"VP8L" if data[20] == 0x2F:
            bits = int.from_bytes(data[21:25], "little")
            return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
        case b"VP8 " if data[23:26] == b"\x9d\x01\x2a":
            width, height = data[26:28], data[28:30]
            return int.from_bytes(width, "little") & 0x3FFF, int.from_bytes(height, "little") & 0x3FFF
    return None
