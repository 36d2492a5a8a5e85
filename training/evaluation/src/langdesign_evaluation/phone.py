"""Photos as phones take them: many pixels, grain, a turned sensor, and a profile of wide colours."""

from __future__ import annotations

import io
import math
import struct
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms, ImageOps

from .metrics import Mask, Pixels

ASPECT = 4 / 3
"""Of a phone's sensor."""

GRAIN = 1.5
"""Standard deviation of a pixel's brightness, 8-bit levels: a phone's, after its denoiser."""

_ORIENTATION = 0x0112  # EXIF's tag
_TURNED = 6  # the sensor lay on its side: viewers turn what is stored by 90 degrees to the right
_PRIMARIES = {  # of Display P3 (SMPTE EG 432-1), adapted to D50 as ICC profiles have them
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}


@dataclass(frozen=True, eq=False)
class Photo:
    """A JPEG with its orientation and profile, and where it is to be edited."""

    data: bytes
    pixels: Pixels  # as displayed, uint8 [H, W, 3], in the profile's colours
    region: Mask  # [H, W]

    @property
    def size(self) -> str:
        """Width and height as displayed."""
        return f"{self.pixels.shape[1]}x{self.pixels.shape[0]}"

    @property
    def mask(self) -> bytes:
        """The region as PNG."""
        target = io.BytesIO()
        Image.fromarray(self.region).save(target, "PNG")
        return target.getvalue()

    def scaled(self, height: int, width: int) -> Photo:
        """Return the same photo at another size."""
        picture = Image.fromarray(self.pixels).resize((width, height), Image.Resampling.LANCZOS)
        region = Image.fromarray(self.region).resize((width, height), Image.Resampling.NEAREST)
        return _taken(picture, np.asarray(region))


def take(room: Pixels, region: Mask, megapixels: float, seed: int) -> Photo:
    """Return a photo of a room: enlarged, cut to a phone's aspect around the region, with grain.

    Args:
        room: uint8 `[H, W, 3]` of any size.
        region: `[H, W]`, where the photo is to be edited.
        megapixels: of the photo.
        seed: of the grain.

    """
    height = round(math.sqrt(megapixels * 1e6 / ASPECT))
    width = round(height * ASPECT)
    tall = round(room.shape[0] * width / room.shape[1])
    large = Image.fromarray(region).resize((width, max(tall, height)), Image.Resampling.NEAREST)
    rows = np.flatnonzero(np.asarray(large).any(axis=1))
    middle = int(rows.mean()) if rows.size else large.height // 2
    top = min(max(0, middle - height // 2), large.height - height)
    box = (0, top, width, top + height)
    enlarged = Image.fromarray(room).resize(large.size, Image.Resampling.BICUBIC).crop(box)
    return _taken(_grained(enlarged, seed), np.asarray(large.crop(box)))


def _grained(picture: Image.Image, seed: int) -> Image.Image:
    grain = np.random.default_rng(seed).normal(0, GRAIN, (picture.height, picture.width, 1))
    return Image.fromarray(np.rint(np.asarray(picture) + grain).clip(0, 255).astype(np.uint8))


def _taken(picture: Image.Image, region: Mask) -> Photo:
    """Return the photo as a file, and its pixels as the file has them."""
    exif = Image.Exif()
    exif[_ORIENTATION] = _TURNED
    target = io.BytesIO()
    stored = picture.transpose(Image.Transpose.ROTATE_90)
    stored.save(target, "JPEG", quality=92, exif=exif, icc_profile=display_p3())
    data = target.getvalue()
    return Photo(data, as_displayed(data)[0], region)


def as_displayed(data: bytes) -> tuple[Pixels, bytes]:
    """Return an encoded picture's pixels `[H, W, 3]` as displayed, and the profile that they are in."""
    with Image.open(io.BytesIO(data)) as picture:
        profile = picture.info.get("icc_profile") or b""
        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB")), profile


def display_p3() -> bytes:
    """Return an ICC profile of Display P3: Little CMS' sRGB, of the same curve, with P3's primaries."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from("!I", data, 128)
    for entry in range(132, 132 + 12 * count, 12):
        name, place, _ = struct.unpack_from("!4sII", data, entry)
        if name in _PRIMARIES:
            struct.pack_into("!3i", data, place + 8, *(round(65536 * value) for value in _PRIMARIES[name]))
    return bytes(data)
