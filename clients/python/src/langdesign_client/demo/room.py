"""A small room drawn with Pillow: a picture with exact masks where no rendered room is at hand."""

import io
from collections.abc import Mapping
from types import MappingProxyType

from PIL import Image, ImageDraw, ImageFilter

from langdesign_client.media import Box

SIZE = 128
"""Side of the picture, pixels."""
_SCALE = 4  # drawn larger and scaled down, so that edges are smooth

_Area = tuple[int, int, int, int]  # left, top, right, bottom in pixels of the picture

OBJECTS: Mapping[str, tuple[_Area, ...]] = MappingProxyType(
    {
        "sofa": ((22, 64, 84, 84), (18, 76, 88, 98)),
        "lamp": ((96, 38, 118, 56), (106, 56, 108, 100)),
        "rug": ((20, 104, 108, 122),),
    }
)
"""Rectangles that make up each object that masks exist for."""


def picture() -> bytes:
    """Return the room as PNG, 128 x 128, RGB."""
    image = Image.new("RGB", (SIZE * _SCALE,) * 2, (222, 211, 196))
    draw = ImageDraw.Draw(image)
    _shell(draw)
    _rug(draw)
    _sofa(draw)
    _lamp(draw, image)
    return _png(image.resize((SIZE, SIZE), Image.Resampling.LANCZOS))


def mask(name: str | None) -> bytes:
    """Return the mask of an object as PNG, 128 x 128; empty for None."""
    image = Image.new("L", (SIZE, SIZE), 0)
    draw = ImageDraw.Draw(image)
    for area in OBJECTS[name] if name else ():
        draw.rectangle(area, fill=255)
    return _png(image)


def box(name: str) -> Box:
    """Return the tight box around an object."""
    areas = OBJECTS[name]
    left, top = min(area[0] for area in areas), min(area[1] for area in areas)
    right, bottom = max(area[2] for area in areas), max(area[3] for area in areas)
    return Box(left, top, right - left + 1, bottom - top + 1)


def _shell(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle(_scaled((0, 94, 127, 127)), fill=(158, 118, 84))
    for x in range(-40, 168, 16):
        draw.line(_scaled((x, 127, 64 + (x - 64) // 2, 94)), fill=(140, 103, 72), width=_SCALE // 2)
    draw.rectangle(_scaled((0, 91, 127, 94)), fill=(245, 240, 232))
    draw.rectangle(_scaled((14, 10, 54, 50)), fill=(246, 243, 236))
    draw.rectangle(_scaled((17, 13, 51, 47)), fill=(176, 212, 232))
    draw.polygon(_scaled((17, 47, 30, 34, 40, 42, 51, 30, 51, 47)), fill=(140, 172, 130))
    draw.line(_scaled((34, 13, 34, 47)), fill=(246, 243, 236), width=2 * _SCALE)
    draw.rectangle(_scaled((66, 16, 86, 42)), fill=(92, 66, 48))
    draw.rectangle(_scaled((68, 18, 84, 40)), fill=(214, 150, 96))
    draw.ellipse(_scaled((72, 22, 80, 30)), fill=(244, 214, 150))


def _rug(draw: ImageDraw.ImageDraw) -> None:
    draw.rounded_rectangle(_scaled((20, 104, 108, 122)), 2 * _SCALE, fill=(150, 62, 60))
    draw.rounded_rectangle(_scaled((24, 107, 104, 119)), _SCALE, outline=(226, 196, 160), width=_SCALE)


def _sofa(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse(_scaled((18, 96, 88, 104)), fill=(120, 88, 62))
    draw.rounded_rectangle(_scaled((22, 64, 84, 90)), 4 * _SCALE, fill=(86, 108, 140))
    draw.rounded_rectangle(_scaled((18, 76, 88, 98)), 4 * _SCALE, fill=(98, 122, 156))
    for left in (26, 54):
        draw.rounded_rectangle(_scaled((left, 78, left + 26, 90)), 2 * _SCALE, fill=(112, 138, 172))


def _lamp(draw: ImageDraw.ImageDraw, image: Image.Image) -> None:
    glow = Image.new("L", image.size, 0)
    ImageDraw.Draw(glow).ellipse(_scaled((84, 24, 127, 76)), fill=90)
    image.paste((255, 236, 190), mask=glow.filter(ImageFilter.GaussianBlur(10 * _SCALE)))
    draw.rectangle(_scaled((106, 56, 108, 100)), fill=(70, 62, 56))
    draw.polygon(_scaled((101, 38, 113, 38, 118, 56, 96, 56)), fill=(240, 216, 160))
    draw.ellipse(_scaled((99, 98, 115, 103)), fill=(70, 62, 56))


def _scaled(numbers: tuple[int, ...]) -> list[float]:
    return [number * _SCALE for number in numbers]


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
