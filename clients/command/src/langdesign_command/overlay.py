"""A mask shown over its picture."""

import io

from PIL import Image, ImageChops, ImageFilter, ImageOps

_TINT = (255, 64, 96)
_STRENGTH = 0.45  # of the tint inside the mask


def overlay(picture: bytes, mask: bytes) -> bytes:
    """Return the picture as displayed with the mask's inside tinted and outlined, as a PNG.

    Args:
        picture: Encoded picture.
        mask: Mask of the same size as PNG, 128 and above inside.

    """
    base = ImageOps.exif_transpose(Image.open(io.BytesIO(picture))).convert("RGB")
    inside = inside_of(mask)
    if inside.size != base.size:
        inside = inside.resize(base.size, Image.Resampling.NEAREST)
    tint = Image.new("RGB", base.size, _TINT)
    shown = Image.composite(Image.blend(base, tint, _STRENGTH), base, inside)
    edge = ImageChops.subtract(inside, inside.filter(ImageFilter.MinFilter(3)))
    shown.paste(tint, mask=edge)
    buffer = io.BytesIO()
    shown.save(buffer, "PNG")
    return buffer.getvalue()


def inside_of(mask: bytes) -> Image.Image:
    """Return a mask (PNG, 128 and above inside) as a picture of mode L: 255 inside, else 0."""
    return Image.open(io.BytesIO(mask)).convert("L").point(lambda value: 255 if value >= 128 else 0)
