"""The decoder process: one picture at a time from standard input, its pixels to standard output.

Run as a program by path, so that it imports Pillow and nothing else of this project. It answers with numbers
and the picture's colour profile: no text of an error, no path and no address can leave it. Profiles are read
here and nowhere else (by Little CMS, as Pillow has it), since they are as much of strangers as pictures are.
Whoever asks it imports this for the numbers alone, and no decoder.
"""

from __future__ import annotations

import fcntl
import io
import os
import resource
import struct
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING or __name__ == "__main__":
    from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

# Purpose, width and height by the header, least side of a view, length of the profile and of the picture that
# follow.
REQUEST = struct.Struct("!BIIIII")
# Outcome, height, width, channels, whether the sides were swapped to turn it upright, length of the profile;
# the profile and the pixels follow, row by row. A faint mask has its largest value for the height.
ANSWER = struct.Struct("!BIIB?I")
PICTURE, MASK, VIEW, TO_SRGB, FROM_SRGB = range(5)  # purposes; the last two get pixels, and their profile
DECODED, DAMAGED, TOO_LARGE, ANIMATED, NOT_GREY, FAINT = range(6)  # outcomes
_ORIENTATION = 0x0112
_RGB_MODES = frozenset({"RGB", "RGBA", "RGBX", "RGBa", "P", "PA"})
_LARGEST_TEXT = 16 * 1024 * 1024  # bytes that a PNG's texts and profile may unpack to; as much as JPEG holds
_LARGEST_PROFILE = 4 * 1024 * 1024  # bytes; what cameras and screens write has up to about 2 MiB
_LEAST_PROFILE = 132  # bytes of a header and of the number of its tags (ICC.1:2022, 7)
_BAND = 4 * 1024 * 1024  # bytes of pixels that are written at once, while the reader takes those before
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
"""By orientation, the transposition that turns a picture upright, as Pillow names it."""
_SWAPPING = frozenset({5, 6, 7, 8})  # orientations that swap width and height
if TYPE_CHECKING:
    _Found = tuple[Image.Image, bool, bytes]
    """A picture upright, whether its sides were swapped for that, and the profile that it is in."""


class _RefusedError(Exception):
    def __init__(self, outcome: int, value: int = 0) -> None:
        self.outcome, self.value = outcome, value


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
    plugins = PngImagePlugin.PngImageFile, JpegImagePlugin.JpegImageFile, WebPImagePlugin.WebPImageFile
    image = Image.open(io.BytesIO(data), formats=[plugin.format for plugin in plugins])
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
    return image if turn is None else image.transpose(Image.Transpose[turn])


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        high = slice(0, None, 2) if image.mode.endswith("B") else slice(1, None, 2)
        return Image.frombytes("L", image.size, image.tobytes()[high])
    if image.mode == "I":
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image


def _profile(data: object, space: str) -> ImageCms.ImageCmsProfile | None:
    """Return a profile of a colour space; None where there is none, or none that can be used."""
    if not isinstance(data, bytes) or not _LEAST_PROFILE <= len(data) <= _LARGEST_PROFILE:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        return profile if str(profile.profile.xcolor_space).strip() == space else None
    except Exception:  # noqa: BLE001 - a broken profile is no profile, as viewers take it
        return None


def _transform(
    profile: ImageCms.ImageCmsProfile, *, to_srgb: bool = True, mode: str = "RGB"
) -> ImageCms.ImageCmsTransform:
    srgb = ImageCms.createProfile("sRGB")
    one, other = (profile, srgb) if to_srgb else (srgb, profile)
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    return ImageCms.buildTransform(one, other, mode, "RGB", intent, ImageCms.Flags.BLACKPOINTCOMPENSATION)


def _kept_profile(image: Image.Image) -> bytes:
    """Return the profile that the decoded colours are in; empty for none, which means sRGB.

    Only one of RGB colours, from which and into which can be converted: the others end with the conversion.
    """
    data = image.info.get("icc_profile", b"")
    profile = _profile(data, "RGB") if image.mode in _RGB_MODES else None
    if profile is None:
        return b""
    try:
        _transform(profile, to_srgb=True)
        _transform(profile, to_srgb=False)
    except Exception:  # noqa: BLE001 - a profile that cannot be used is no profile
        return b""
    return bytes(data)


def _inks(image: Image.Image) -> Image.Image:
    """Return a picture in inks or grey as sRGB colours, by its own profile where it has a fitting one."""
    profile = _profile(image.info.get("icc_profile"), {"CMYK": "CMYK", "L": "GRAY"}[image.mode])
    if profile is None:
        return image
    try:
        converted = ImageCms.applyTransform(image, _transform(profile, mode=image.mode))
    except Exception:  # noqa: BLE001 - without its profile, it is converted by the plain formula
        return image
    return image if converted is None else converted


def _colour(image: Image.Image) -> Image.Image:
    image = _eight_bit(image)
    if image.mode in {"CMYK", "L"} and "transparency" not in image.info:
        image = _inks(image)
    see_through = image.mode in {"LA", "La", "PA", "RGBA", "RGBa"} or "transparency" in image.info
    mode = "RGBA" if see_through else "RGB"
    return image if image.mode == mode else image.convert(mode)  # which would copy one of this mode, too


def _grey(image: Image.Image) -> Image.Image:
    image = _eight_bit(image)
    if image.mode in {"1", "L"}:
        return image.convert("L")
    red, green, blue, alpha = image.convert("RGBA").split()
    plain = red.tobytes()
    if plain != green.tobytes() or plain != blue.tobytes() or alpha.getextrema() != (255, 255):
        raise _RefusedError(NOT_GREY)
    return red


def _require_inside(image: Image.Image, grey: Image.Image) -> None:
    """Refuse a mask of another scale, such as 0 and 1: to threshold it would leave nothing of it."""
    if _largest(grey) >= 128:
        return
    largest = _largest(image if image.mode.startswith("I") else grey)  # 16 bits have lost the lower ones
    if largest > 0:
        raise _RefusedError(FAINT, largest)


def _largest(image: Image.Image) -> int:
    """Return the largest value of a picture of one band."""
    _, largest = image.getextrema()
    return int(largest)  # type: ignore[arg-type] # a number, since there is one band


def _decode(purpose: int, size: tuple[int, int], data: bytes) -> _Found:
    image = _open(size, data)
    image.load()
    if image.size != size:
        raise _RefusedError(DAMAGED)
    orientation = _orientation(image)
    if purpose == MASK:
        grey = _grey(image)
        _require_inside(image, grey)
        inside = _upright(grey, orientation).point([0] * 128 + [255] * 128, "1")
        return inside, orientation in _SWAPPING, b""
    return _upright(_colour(image), orientation), orientation in _SWAPPING, _kept_profile(image)


def _view(size: tuple[int, int], data: bytes, least: int) -> _Found:
    """Return a picture as sRGB without alpha, both sides of at least so many pixels where it has them."""
    image = _open(size, data)
    if image.format in {"JPEG", "MPO"}:
        image.draft("RGB", (least, least))  # decodes a half, quarter or eighth of each side
        size = image.size
    image.load()
    if image.size != size:
        raise _RefusedError(DAMAGED)
    orientation, profile = _orientation(image), _kept_profile(image)
    image = _colour(image).convert("RGB")
    if (factor := min(image.size) // least) > 1:
        image = image.reduce(factor)
    if profile:
        ImageCms.applyTransform(
            image, _transform(ImageCms.ImageCmsProfile(io.BytesIO(profile))), inPlace=True
        )
    return _upright(image, orientation), orientation in _SWAPPING, b""


def _convert(purpose: int, size: tuple[int, int], profile: bytes, data: bytes) -> _Found:
    usable = _profile(profile, "RGB")
    if usable is None:
        raise _RefusedError(DAMAGED)
    converted = ImageCms.applyTransform(
        Image.frombytes("RGB", size, data), _transform(usable, to_srgb=purpose == TO_SRGB)
    )
    if converted is None:
        raise _RefusedError(DAMAGED)
    return converted, False, b""


def _answer(
    purpose: int, size: tuple[int, int], least: int, profile: bytes, data: bytes, sink: BinaryIO
) -> None:
    try:
        if purpose in {TO_SRGB, FROM_SRGB}:
            image, turned, found = _convert(purpose, size, profile, data)
        elif purpose == VIEW:
            image, turned, found = _view(size, data, least)
        else:
            image, turned, found = _decode(purpose, size, data)
    except _RefusedError as refusal:
        sink.write(ANSWER.pack(refusal.outcome, refusal.value, 0, 0, False, 0))
    except MemoryError:
        sink.write(ANSWER.pack(TOO_LARGE, 0, 0, 0, False, 0))
    except Exception:  # noqa: BLE001 - hostile bytes raise anything, and nothing of it may leave this process
        sink.write(ANSWER.pack(DAMAGED, 0, 0, 0, False, 0))
    else:
        channels = len(image.getbands())
        sink.write(ANSWER.pack(DECODED, image.height, image.width, channels, turned, len(found)) + found)
        _write_pixels(image, max(1, _BAND // (image.width * channels)), sink)  # a mask's rows are bits
    sink.flush()


def _write_pixels(image: Image.Image, rows: int, sink: BinaryIO) -> None:
    for top in range(0, image.height, rows):
        bottom = min(image.height, top + rows)
        sink.write(image.crop((0, top, image.width, bottom)).tobytes())


def _channels() -> tuple[BinaryIO, BinaryIO]:
    """Return standard input and output; let a library that prints write to nowhere instead."""
    source, sink = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    for pipe in (source, sink):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1024 * 1024)
    return os.fdopen(source, "rb"), os.fdopen(sink, "wb")


def main(arguments: Sequence[str]) -> None:
    """Serve until standard input ends. Arguments: address space in bytes, processor seconds a picture."""
    memory, seconds = (int(argument) for argument in arguments)
    Image.MAX_IMAGE_PIXELS = None  # the caller has held the header against its own limits
    PngImagePlugin.MAX_TEXT_CHUNK = _LARGEST_TEXT
    source, sink = _channels()
    _limit(memory)
    while len(request := source.read(REQUEST.size)) == REQUEST.size:
        purpose, width, height, least, of_profile, length = REQUEST.unpack(request)
        _allow_processor(seconds)
        _answer(purpose, (width, height), least, source.read(of_profile), source.read(length), sink)


if __name__ == "__main__":
    main(sys.argv[1:])
