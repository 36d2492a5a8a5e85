import io
import struct
import zlib
from collections.abc import AsyncIterator, Callable

import numpy as np
import psutil
import pytest
from langdesign_media import ImageGuard, _worker
from PIL import Image

Encoder = Callable[..., bytes]


@pytest.fixture
async def guard() -> AsyncIterator[ImageGuard]:
    async with ImageGuard(workers=1) as guard:
        yield guard


@pytest.fixture(scope="session")
def decoders() -> Callable[[], list[psutil.Process]]:
    """Tells which decoders this process has; servers that other tests started may be its children too."""

    def found() -> list[psutil.Process]:
        return [child for child in psutil.Process().children() if _worker.__file__ in child.cmdline()]

    return found


@pytest.fixture(scope="session")
def encoded() -> Encoder:
    """Encodes a Pillow image; keyword arguments go to Pillow."""

    def encode(image: Image.Image, image_format: str = "PNG", **options: object) -> bytes:
        target = io.BytesIO()
        image.save(target, image_format, **options)
        return target.getvalue()

    return encode


@pytest.fixture(scope="session")
def room() -> Image.Image:
    """A small colourful picture, wider than high, without symmetry."""
    y, x = np.mgrid[0:48, 0:64]
    pixels = np.stack([x * 4, y * 5, (x + y) * 2], axis=-1).clip(0, 255).astype(np.uint8)
    return Image.fromarray(pixels)


@pytest.fixture(scope="session")
def png() -> Encoder:
    """Writes a PNG by hand: any header, any pixel data."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))

    def write(
        width: int, height: int, depth: int, colour: int, rows: bytes, *extra: tuple[bytes, bytes]
    ) -> bytes:
        header = struct.pack("!IIBBBBB", width, height, depth, colour, 0, 0, 0)
        chunks = [chunk(b"IHDR", header), *(chunk(*pair) for pair in extra)]
        chunks += [chunk(b"IDAT", zlib.compress(rows, 9)), chunk(b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)

    return write
