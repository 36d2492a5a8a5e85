"""Pictures, masks and boxes."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from langdesign.media.v1 import media_pb2

from langdesign_client.errors import InvalidInputError
from langdesign_client.messages import new_message, of_kind, text
from langdesign_client.run_length import run_length_to_png

MAX_IMAGE_BYTES = 160 * 1024 * 1024
"""Largest encoded picture that the services take, bytes."""

MAX_PIXELS = 50_000_000
"""Pixels of the largest picture that the services take."""

MAX_SIDE = 8192
"""Its longest side, pixels."""

_SOURCES = (bytes, str, os.PathLike)


class ImageFormat(StrEnum):
    """A picture format that services write."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


@dataclass(frozen=True)
class Picture:
    """Encoded bytes (PNG, JPEG or WebP), or the content address of stored ones (``sha256:...``)."""

    data: bytes = field(default=b"", repr=False)
    blob: str = ""

    @property
    def suffix(self) -> str:
        """File name ending that fits the bytes: ``.png``, ``.jpg`` or ``.webp``."""
        return _sniff(self.data) or ".bin"


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the picture as displayed, origin top left; width and height >= 1."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Mask:
    """A binary mask of its picture's size, as a PNG: 128 and above is inside."""

    png: bytes = field(repr=False)


ImageSource = Picture | bytes | str | Path
"""A picture: itself, its encoded bytes, the path of its file, or its blob reference (``sha256:...``)."""


def picture(source: ImageSource) -> Picture:
    """Return the picture of `source`, checked so that a mistake is told before anything is sent.

    Raises:
        InvalidInputError: no such file, no PNG, JPEG or WebP, or more than 8192 pixels a side, 50 megapixels
            or 160 MiB.

    """
    if isinstance(source, Picture):
        return source
    of_kind(source, _SOURCES, "the picture", "give its encoded bytes, or the path of its file")
    if isinstance(source, str) and source.startswith("sha256:"):
        return Picture(blob=source)
    name = "the picture" if isinstance(source, bytes) else str(source)
    return Picture(_checked(source if isinstance(source, bytes) else read_file(Path(source)), name))


def mask(source: Mask | bytes | str | Path) -> Mask:
    """Return the mask of `source`: itself, the bytes of a PNG, or the path of one.

    Raises:
        InvalidInputError: no such file, no PNG, or more than 8192 pixels a side, 50 megapixels or 160 MiB.

    """
    if isinstance(source, Mask):
        return source
    of_kind(source, _SOURCES, "the mask", "give the bytes of a PNG, or the path of one")
    name = "the mask" if isinstance(source, bytes) else str(source)
    data = _checked(source if isinstance(source, bytes) else read_file(Path(source)), name)
    if _sniff(data) != ".png":
        raise InvalidInputError(f"{name} is no PNG", hint="give a mask as a PNG of the picture's size")
    return Mask(data)


def is_picture(data: bytes) -> bool:
    """Tell whether bytes are a PNG, JPEG or WebP, by what they begin with: its kind and its size."""
    return bool(_sniff(data)) and _size(data) != (0, 0)


def read_file(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        InvalidInputError: it cannot be read.

    """
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise InvalidInputError(
            f"{path}: {reason}", hint="give the path of a file that can be read"
        ) from None


def _checked(data: bytes, name: str) -> bytes:
    if not data:
        raise InvalidInputError(f"{name} is empty", hint="give the whole file")
    if data.startswith(b"version https://git-lfs"):
        raise InvalidInputError(
            f"{name} is a Git LFS pointer, not the picture", hint="fetch it with `git lfs pull`"
        )
    if not _sniff(data):
        raise InvalidInputError(f"{name} is no PNG, JPEG or WebP", hint="convert it to one of these")
    if len(data) > MAX_IMAGE_BYTES:
        raise InvalidInputError(
            f"{name} has {len(data) / 2**20:.1f} MiB, and the limit is {MAX_IMAGE_BYTES // 2**20} MiB",
            hint="scale it down or save it as JPEG or WebP",
        )
    width, height = _size(data)
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise InvalidInputError(
            f"{name} has {width}x{height} pixels; the most is {MAX_SIDE} a side, {MAX_PIXELS:,} in all",
            hint="scale it down, or crop it",
        )
    return data


def _size(data: bytes) -> tuple[int, int]:
    """Return width and height by the header; (0, 0) where it is broken, which the services tell better."""
    from PIL import JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: PLC0415 - slow to import

    # Not `Image.open`, which warns of what is larger than it likes before its size can be asked.
    opened: dict[str, Callable[[io.BytesIO], Any]] = {
        ".png": PngImagePlugin.PngImageFile,
        ".jpg": JpegImagePlugin.JpegImageFile,
        ".webp": WebPImagePlugin.WebPImageFile,
    }
    try:
        width, height = opened[_sniff(data)](io.BytesIO(data)).size
    except Exception:  # noqa: BLE001 - a broken header raises anything
        return 0, 0
    return width, height


def _sniff(data: bytes) -> str:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if data.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    return ".webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def picture_message(source: ImageSource) -> media_pb2.Image:
    """Return the contract's message for a picture."""
    value = picture(source)
    if value.blob:
        return new_message(media_pb2.Image, blob=value.blob)
    return new_message(media_pb2.Image, data=value.data)


def read_picture(message: media_pb2.Image) -> Picture:
    """Return the picture of a message."""
    return Picture(data=message.data, blob=message.blob)


def read_mask(message: media_pb2.Mask) -> Mask:
    """Return the mask of a message, whichever its encoding."""
    if message.WhichOneof("encoding") == "rle":
        return Mask(run_length_to_png(message.rle.counts, message.rle.width, message.rle.height))
    return Mask(message.png)


def read_box(message: media_pb2.Box) -> Box:
    """Return the box of a message."""
    return Box(message.x, message.y, message.width, message.height)


def enum_value(enum: Any, member: StrEnum | str | None) -> int:
    """Return the number of a Python member, or of its value, in a contract's enum; None is UNSPECIFIED.

    `Preserve.STRICT` and `"strict"` are both PRESERVE_STRICT.

    Raises:
        InvalidInputError: the contract has no such value.

    """
    if member is None:
        return 0
    if number := _numbers(enum).get(str(member).replace("-", "_").lower()):
        return number
    known = ", ".join(enum_name(enum, number).replace("_", "-") for number in enum.values() if number)
    raise InvalidInputError(
        f"{member!r} is none of the values of {enum.DESCRIPTOR.name}", hint=f"choose from {known}"
    )


def enum_name(enum: Any, number: int) -> str:
    """Return the lower-case name of a contract's enum value without its prefix; `unspecified` where unset.

    A value that this version does not know (a newer service's) reads as its number.
    """
    if number not in enum.values():
        return str(number)
    return str(enum.Name(number)).removeprefix(_prefix(enum)).lower()


def enum_number(enum: Any, name: str) -> Any:
    """Return the number, as a message takes it, of a name that `enum_name` returned.

    Raises:
        InvalidInputError: the contract has no such value.

    """
    text(name, enum.DESCRIPTOR.name.lower())
    if name.isdecimal():
        return int(name)
    if (found := f"{_prefix(enum)}{name.upper()}") not in enum.keys():  # noqa: SIM118 - a wrapper, no dict
        known = ", ".join(enum_name(enum, number) for number in enum.values())
        raise InvalidInputError(
            f"{name} is none of {enum.DESCRIPTOR.name.lower()}", hint=f"choose from {known}"
        )
    return enum.Value(found)


@cache
def _numbers(enum: Any) -> dict[str, int]:
    """Return the numbers of a contract's enum by the names that `enum_name` gives them."""
    return {enum_name(enum, number): number for number in enum.values()}


def _prefix(enum: Any) -> str:
    # buf's lint makes the zero value PREFIX_UNSPECIFIED.
    return str(enum.Name(0)).removesuffix("UNSPECIFIED")
