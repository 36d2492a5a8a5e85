"""Encodings of masks: PNG and COCO's run-length encoding."""

import numpy as np
from langdesign_edits import Mask
from numpy.typing import NDArray

from langdesign_media.errors import InvalidMask
from langdesign_media.png import write_bits


def mask_to_png(mask: Mask) -> bytes:
    """Encode a mask as greyscale PNG of one bit a pixel, 0 outside and 1 (white) inside."""
    return write_bits(mask)


# COCO's format (Lin et al., "Microsoft COCO"): the lengths of runs in column order, starting outside; from
# the fourth on as the difference to the one two before; each number in groups of five bits, lowest first,
# bit 5 of a character telling that more follow and bit 4 of the last being the sign. Read here rather than
# by pycocotools, whose C code trusts its input.
_OFFSET = 48
_LONGEST = 6  # groups of the longest number that 8192 x 8192 pixels need, sign included


def mask_to_rle(mask: Mask) -> str:
    """Encode a mask as COCO's compressed counts string."""
    flat = mask.ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    bounds = np.concatenate(([0], changes, [flat.size]))
    runs = np.diff(bounds)
    if flat[0]:
        runs = np.concatenate(([0], runs))
    numbers = runs.copy()
    numbers[3:] -= runs[1:-2]
    return _write_numbers(numbers)


def rle_to_mask(counts: str, *, width: int, height: int) -> Mask:
    """Decode COCO's compressed counts string into ``[height, width]`` bool.

    Raises:
        InvalidMask: The string is malformed, or its runs do not fill the picture exactly.

    """
    runs = _read_numbers(counts)
    # The differences of every second run: run[i] = number[i] + run[i - 2] from the fourth number on.
    runs[1::2] = np.cumsum(runs[1::2])
    runs[2::2] = np.cumsum(runs[2::2])
    total = int(runs.sum()) if runs.size and int(np.abs(runs).max()) <= width * height else -1
    if total != width * height or int(runs.min()) < 0:
        raise InvalidMask(
            f"has runs that do not fill {width}x{height} pixels",
            hint="encode it from a mask of the picture's size, in column order",
        )
    values = np.arange(runs.size) % 2 == 1
    columns = np.repeat(values, runs).reshape((width, height))
    return np.ascontiguousarray(columns.T)  # rows in order, as everybody goes through a mask


def require_size(mask_width: int, mask_height: int, *, width: int, height: int) -> None:
    """Check that a mask has its picture's size.

    Raises:
        InvalidMask: It has another one.

    """
    if (mask_width, mask_height) != (width, height):
        raise wrong_size(mask_width, mask_height, width, height)


def _write_numbers(numbers: NDArray[np.int64]) -> str:
    shifts = 5 * np.arange(_LONGEST)
    groups = (numbers[:, None] >> shifts) & 0x1F
    rest = numbers[:, None] >> shifts >> 5
    sign = (groups & 0x10) != 0
    last = np.where(sign, rest == -1, rest == 0)
    length = np.argmax(last, axis=1) + 1
    position = np.arange(_LONGEST)
    more = position < length[:, None] - 1
    characters = groups + 0x20 * more + _OFFSET
    return bytes(characters[position < length[:, None]].astype(np.uint8)).decode("ascii")


def _read_numbers(counts: str) -> NDArray[np.int64]:
    try:
        codes = np.frombuffer(counts.encode("ascii"), np.uint8).astype(np.int64) - _OFFSET
    except UnicodeEncodeError:
        raise _malformed() from None
    if not codes.size or codes.min() < 0 or codes.max() > 0x3F:
        raise _malformed()
    ends = np.flatnonzero((codes & 0x20) == 0)
    if not ends.size or ends[-1] != codes.size - 1:
        raise _malformed()
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    if lengths.max() > _LONGEST:
        raise _malformed()
    place = np.arange(codes.size) - np.repeat(starts, lengths)
    numbers = np.add.reduceat((codes & 0x1F) << (5 * place), starts)
    negative = (codes[ends] & 0x10) != 0
    return np.where(negative, numbers - (1 << (5 * lengths)), numbers)


def _malformed() -> InvalidMask:
    return InvalidMask(
        "is not COCO's compressed run-length encoding", hint="encode it with pycocotools, or send PNG"
    )


def wrong_size(width: int, height: int, expected_width: int, expected_height: int) -> InvalidMask:
    """Return the error for a mask that does not fit its picture."""
    return InvalidMask(
        f"is {width}x{height} pixels, and the picture is {expected_width}x{expected_height}",
        hint=f"send a mask of {expected_width}x{expected_height}, drawn on the picture as displayed",
    )
