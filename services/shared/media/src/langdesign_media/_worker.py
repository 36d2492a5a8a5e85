"""The decoder process: one picture at a time from standard input, its pixels to standard output.

Run as a program by path, so that it imports Pillow and nothing else of this project. It answers with numbers
only: no text of an error, no path and no address can leave it.
"""

import fcntl
import io
import os
import resource
import struct
import sys
from collections.abc import Sequence
from typing import BinaryIO

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

REQUEST = struct.Struct(
    "!BIII"
)  # purpose, width and height by the header, length of the picture that follows
ANSWER = struct.Struct("!BIIB")  # outcome, height, width, channels; the pixels follow, row by row
PICTURE, MASK = 0, 1  # purposes
DECODED, DAMAGED, TOO_LARGE, ANIMATED, NOT_GREY = range(5)  # outcomes
_FORMATS = tuple(
    plugin.format
    for plugin in (
        PngImagePlugin.PngImageFile,
        JpegImagePlugin.JpegImageFile,
        WebPImagePlugin.WebPImageFile,
    )
)
_ORIENTATION = 0x0112
_LARGEST_PROFILE = (
    16 * 1024 * 1024
)  # unpacked; a profile is not used, but one of 2 MiB is no reason to refuse
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class _RefusedError(Exception):
    def __init__(self, outcome: int) -> None:
        self.outcome = outcome


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _allow_processor(seconds: int) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = usage.ru_utime + usage.ru_stime
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent) + seconds + 1, hard))


def _open(size: tuple[int, int], data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=_FORMATS)
    if image.size != size:  # a second header, say; only the first was held against the limits
        raise _RefusedError(DAMAGED)
    # A JPEG may carry further pictures (MPO: a gain map, a second lens); the first is the photograph.
    if image.format not in {"JPEG", "MPO"} and getattr(image, "is_animated", False):
        raise _RefusedError(ANIMATED)
    return image


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - hostile EXIF raises anything; broken metadata is no metadata
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        high = slice(0, None, 2) if image.mode.endswith("B") else slice(1, None, 2)
        return Image.frombytes("L", image.size, image.tobytes()[high])
    if image.mode == "I":
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image


def _colour(image: Image.Image) -> Image.Image:
    image = _eight_bit(image)
    see_through = image.mode in {"LA", "La", "PA", "RGBA", "RGBa"} or "transparency" in image.info
    return image.convert("RGBA" if see_through else "RGB")


def _grey(image: Image.Image) -> Image.Image:
    image = _eight_bit(image)
    if image.mode in {"1", "L"}:
        return image.convert("L")
    red, green, blue, alpha = image.convert("RGBA").split()
    plain = red.tobytes()
    if plain != green.tobytes() or plain != blue.tobytes() or alpha.getextrema() != (255, 255):
        raise _RefusedError(NOT_GREY)
    return red


def _decode(purpose: int, size: tuple[int, int], data: bytes) -> Image.Image:
    image = _open(size, data)
    image.load()
    if image.size != size:
        raise _RefusedError(DAMAGED)
    orientation = _orientation(image)
    return _upright(_grey(image) if purpose == MASK else _colour(image), orientation)


def _answer(purpose: int, size: tuple[int, int], data: bytes, sink: BinaryIO) -> None:
    try:
        image = _decode(purpose, size, data)
        pixels = image.tobytes()
    except _RefusedError as refusal:
        sink.write(ANSWER.pack(refusal.outcome, 0, 0, 0))
    except MemoryError:
        sink.write(ANSWER.pack(TOO_LARGE, 0, 0, 0))
    except Exception:  # noqa: BLE001 - hostile bytes raise anything, and nothing of it may leave this process
        sink.write(ANSWER.pack(DAMAGED, 0, 0, 0))
    else:
        sink.write(ANSWER.pack(DECODED, image.height, image.width, len(image.getbands())))
        sink.write(pixels)
    sink.flush()


def _channels() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output; a library that prints writes to nowhere instead."""
    source, sink = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    for pipe in (source, sink):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1024 * 1024)
    return os.fdopen(source, "rb"), os.fdopen(sink, "wb")


def main(arguments: Sequence[str]) -> None:
    """Serves until standard input ends. Arguments: address space in bytes, processor seconds a picture."""
    memory, seconds = (int(argument) for argument in arguments)
    Image.MAX_IMAGE_PIXELS = None  # the caller has held the header against its own limits
    PngImagePlugin.MAX_TEXT_CHUNK = _LARGEST_PROFILE
    source, sink = _channels()
    _limit(memory)
    while len(request := source.read(REQUEST.size)) == REQUEST.size:
        purpose, width, height, length = REQUEST.unpack(request)
        _allow_processor(seconds)
        _answer(purpose, (width, height), source.read(length), sink)


if __name__ == "__main__":
    main(sys.argv[1:])
