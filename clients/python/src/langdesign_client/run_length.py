"""COCO's compressed run-length encoding, read into a PNG."""

import io
from collections.abc import Iterator
from itertools import accumulate, pairwise

from PIL import Image

from langdesign_client.errors import LangDesignError


def run_length_to_png(counts: str, width: int, height: int) -> bytes:
    """Return the mask of `counts` (column-major runs, starting outside) as a single-channel PNG, 0 or 255.

    Raises:
        LangDesignError: the runs do not fill the picture.

    """
    runs = list(_runs(counts))
    if sum(runs) != width * height or min(runs, default=0) < 0:
        raise LangDesignError(f"A mask's runs do not fill {width} x {height} pixels", reason="BAD_MASK")
    pixels = bytearray(width * height)
    edges = pairwise(accumulate(runs, initial=0))
    for index, (start, end) in enumerate(edges):
        if index % 2:
            pixels[start:end] = b"\xff" * (end - start)
    # Column-major pixels are the rows of the transposed picture.
    upright = Image.frombytes("L", (height, width), bytes(pixels)).transpose(Image.Transpose.TRANSPOSE)
    buffer = io.BytesIO()
    upright.save(buffer, "PNG")
    return buffer.getvalue()


def _runs(counts: str) -> Iterator[int]:
    """Yield the runs. A character holds 5 bits, low ones first, and whether more follow.

    From the third on, a run is stored as its difference to the second to last.
    """
    done: list[int] = []
    value = shift = 0
    for character in counts.encode():
        chunk = character - 48
        value |= (chunk & 0x1F) << shift
        shift += 5
        if chunk & 0x20:
            continue
        if chunk & 0x10:
            value -= 1 << shift
        done.append(value + (done[-2] if len(done) > 2 else 0))
        yield done[-1]
        value = shift = 0
