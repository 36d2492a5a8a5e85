"""Writes PNG several times as fast as general encoders, and about a tenth larger.

W3C PNG 3rd edition: filter type Up on every row (9.2), and one deflate stream from Intel's ISA-L, whose first
level compresses at gigabytes a second.
"""

import struct
import zlib

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

_UP = 2
_COLOUR_TYPES = {1: 0, 3: 2, 4: 6}  # channels -> grey, RGB, RGBA


def write_png(pixels: NDArray[np.uint8], profile: bytes = b"", xmp: bytes = b"") -> bytes:
    """Encode ``[H, W, 1, 3 or 4]`` uint8 pixels: grey, RGB or RGBA; ICC profile and XMP packet, if any."""
    height, width, channels = pixels.shape
    rows = pixels.reshape(height, width * channels)
    return _written(width, height, 8, _COLOUR_TYPES[channels], rows, profile, xmp)


def write_bits(mask: NDArray[np.bool_]) -> bytes:
    """Encode ``[H, W]`` bool as grey of one bit a pixel: black and white."""
    height, width = mask.shape
    return _written(width, height, 1, _COLOUR_TYPES[1], np.packbits(mask, axis=1))


def _written(
    width: int,
    height: int,
    depth: int,
    colour_type: int,
    rows: NDArray[np.uint8],
    profile: bytes = b"",
    xmp: bytes = b"",
) -> bytes:
    header = struct.pack("!IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    data = isal_zlib.compress(_filtered(rows), 1)
    # A profile has a name of 1 to 79 characters, and a compression method (W3C PNG 3rd edition, 11.3.2.3).
    colours = _chunk(b"iCCP", b"ICC\0\0" + zlib.compress(profile)) if profile else b""
    # Uncompressed, of no language (11.3.3.4); before the pixels, where readers of streams look.
    about = _chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp) if xmp else b""
    parts = [_chunk(b"IHDR", header), colours, about, _chunk(b"IDAT", data), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _filtered(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each row as its difference to the one above, after a byte that names the filter."""
    filtered = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    return filtered


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(body, zlib.crc32(kind)))
