"""The limits on pictures, and their encoders."""

import io
from dataclasses import dataclass

import numpy as np
from langdesign_edits import ImageFormat, Pixels
from PIL import Image

from langdesign_media.png import write_png


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What one picture may ask of this process."""

    max_bytes: int = 160 * 1024 * 1024  # encoded size; the contract's limit: `max_pixels` as PNG
    max_side: int = 8192  # pixels along a side; the contract's limit for masks
    # Pixels in all: the contract's limit. What phones and cameras take (8160x6120) is below; decoded RGBA has
    # 200 MB, so that a worker with its copies stays under `worker_memory`.
    max_pixels: int = 50_000_000
    worker_memory: int = 1536 * 1024 * 1024  # address space of one decoder process, bytes
    cpu_seconds: int = 10  # processor time of one decoding
    wall_seconds: float = 20.0  # time of one decoding, whatever the process does


def encode(
    pixels: Pixels, image_format: ImageFormat = ImageFormat.PNG, profile: bytes = b"", *, xmp: bytes = b""
) -> bytes:
    """Encode ``[H, W, 3 or 4]`` uint8 pixels, with the ICC profile that they are in; none means sRGB.

    PNG and WebP are lossless and keep alpha. JPEG has quality 95, full chroma resolution, and no alpha: the
    picture is laid on white. Nothing but pixels, profile and an XMP packet (`provenance.xmp_packet`) is
    written, so no orientation either: pixels are as displayed.

    Raises:
        ValueError: The shape or type is another one.

    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in {3, 4}:
        raise ValueError(f"pixels are {pixels.dtype} {pixels.shape}; give uint8 [H, W, 3 or 4]")
    if image_format is ImageFormat.PNG:
        return write_png(pixels, profile, xmp)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if image_format is ImageFormat.JPEG:
        target = _File("picture.jpg")
        _without_alpha(image).save(target, quality=95, subsampling=0, icc_profile=profile, xmp=xmp)
    else:
        target = _File("picture.webp")
        # `exact` keeps the colours under full transparency; method 0 is the fastest lossless search.
        image.save(target, lossless=True, exact=True, quality=25, method=0, icc_profile=profile, xmp=xmp)
    return target.getvalue()


def as_held(pixels: Pixels, image_format: ImageFormat) -> Pixels:
    """Return ``[H, W, 3 or 4]`` pixels as a format holds them, but for its rounding: JPEG has no alpha."""
    if image_format is not ImageFormat.JPEG or pixels.shape[2] == 3:
        return pixels
    opaque = np.full(pixels.shape[:2], 255, np.uint8)
    return np.dstack((np.asarray(_without_alpha(Image.fromarray(pixels))), opaque))


class _File(io.BytesIO):
    """A file in memory with a name, from whose end Pillow loads one encoder: for a format it loads many."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


def _without_alpha(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
