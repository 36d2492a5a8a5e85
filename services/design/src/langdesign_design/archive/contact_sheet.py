"""One picture that shows a design: its pictures in tree order, with what was asked for under each."""

from __future__ import annotations

import asyncio
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from langdesign_edits import Pixels
from PIL import Image, ImageDraw, ImageFont

from ..composing import Composer
from ..thumbnails import THUMBNAIL_SIDE, fitted_size
from .numbering import Numbered

MOST_CELLS = 300
"""Pictures on a sheet, at most: more would be too large to be looked at."""

_GAP = 28  # px between cells, and around the sheet
_HEADER = 92  # px above the first row
_CAPTION = 84  # px under a picture: a line of its number, three of words
_LINE = 19  # px from one line of words to the next
_PAPER, _INK, _SOFT, _ACCENT, _STAR = "#fbfaf8", "#22201d", "#86807a", "#b4532a", "#e0a526"
_QUALITY = 90


_NO_TITLE = "Design without a title"
_ROOT = "The original"
_JOIN = "The changes of both"


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where cells are, px."""

    columns: int
    picture: tuple[int, int]  # width and height

    @classmethod
    def of(cls, cells: int, picture: tuple[int, int]) -> _Grid:
        """Return a grid about as wide as high, wide enough for a title."""
        cell = picture[0] + _GAP, picture[1] + _CAPTION + _GAP
        return cls(max(3, round(math.sqrt(cells * cell[1] / cell[0]))), picture)

    def place(self, index: int) -> tuple[int, int]:
        row, column = divmod(index, self.columns)
        width, height = self.picture
        return _GAP + column * (width + _GAP), _HEADER + row * (height + _CAPTION + _GAP)

    def size(self, cells: int) -> tuple[int, int]:
        left, top = self.place(self.columns * -(-cells // self.columns))
        return left + self.columns * (self.picture[0] + _GAP), top


async def contact_sheet(title: str, tree: Sequence[Numbered], composer: Composer, tenant: str) -> bytes:
    """Return the sheet as JPEG; of a large tree, the first `MOST_CELLS` nodes.

    Raises:
        BlobError: A thumbnail cannot be had.
        DecoderUnavailable: No decoder process could be had.

    """
    shown = tree[:MOST_CELLS]
    thumbnails = [await composer.thumbnail(tenant, item.result) for item in shown]
    return await asyncio.to_thread(drawn, title, shown, thumbnails, len(tree) - len(shown))


def drawn(title: str, shown: Sequence[Numbered], thumbnails: Sequence[Pixels], more: int) -> bytes:
    """Return a sheet as JPEG.

    Args:
        title: The design's.
        shown: The nodes, in tree order.
        thumbnails: A picture for each, ``[h, w, 3]`` sRGB, all of one size.
        more: How many nodes the design has besides.

    """
    height, width = thumbnails[0].shape[:2]
    size = fitted_size(width, height, THUMBNAIL_SIDE)
    grid = _Grid.of(len(shown), (THUMBNAIL_SIDE, size[1]))
    sheet = Image.new("RGB", grid.size(len(shown)), _PAPER)
    draw = ImageDraw.Draw(sheet)
    _write_header(draw, title or _NO_TITLE, len(shown), more, sheet.width - 2 * _GAP)
    for index, (item, small) in enumerate(zip(shown, thumbnails, strict=True)):
        x, y = grid.place(index)
        picture = Image.fromarray(np.ascontiguousarray(small)).resize(size, Image.Resampling.BICUBIC)
        sheet.paste(picture, (x, y))
        _write_caption(draw, item, (x, y + size[1] + 9))
    target = io.BytesIO()
    sheet.save(target, "JPEG", quality=_QUALITY, subsampling=0, optimize=True)
    return target.getvalue()


def _write_header(draw: ImageDraw.ImageDraw, title: str, cells: int, more: int, width: int) -> None:
    count = f"{cells + more} {'picture' if cells + more == 1 else 'pictures'}"
    count += f", the first {cells} shown" if more else ""
    (line,) = _wrapped(draw, title, _font(30), width, 1)
    draw.text((_GAP, 22), line, fill=_INK, font=_font(30))
    draw.text((_GAP, 60), count, fill=_SOFT, font=_font(15))


def _write_caption(draw: ImageDraw.ImageDraw, item: Numbered, place: tuple[int, int]) -> None:
    """Write a node's number and where it came from, then its title and its instruction."""
    x, y = place
    draw.text((x, y), str(item.number), fill=_INK, font=_font(15))
    if origin := _origin(item):
        after = x + draw.textlength(str(item.number), _font(15)) + 8
        draw.text((after, y), origin, fill=_ACCENT, font=_font(15))
    if item.node.favourite:
        _draw_star(draw, (x + THUMBNAIL_SIDE - 9, y + 9))
    lines = [(line, _INK) for line in _wrapped(draw, item.node.title, _font(14), THUMBNAIL_SIDE, 1)]
    words = item.node.instruction or ("" if lines else _words(item))
    tone = _SOFT if lines else _INK
    lines += [(line, tone) for line in _wrapped(draw, words, _font(14), THUMBNAIL_SIDE, 3 - len(lines))]
    for index, (line, colour) in enumerate(lines):
        draw.text((x, y + 21 + index * _LINE), line, fill=colour, font=_font(14))


def _words(item: Numbered) -> str:
    """Return what stands under a picture that nobody asked for in words."""
    if item.parent is None:
        return _ROOT
    return _JOIN if item.merged is not None else ""


def _origin(item: Numbered) -> str:
    """Return where a node came from, unless it came from the one before it in the sheet."""
    if item.parent is None:
        return ""
    if item.merged is not None:
        return f"joins {item.parent} and {item.merged}"
    return "" if item.parent == item.number - 1 else f"from {item.parent}"


def _wrapped(
    draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont, width: int, most: int
) -> list[str]:
    """Return text in at most so many lines of a width, px; what does not fit ends with an ellipsis."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and draw.textlength(joined, font) <= width:
            lines[-1] = joined
        else:
            lines.append(word)
    kept = lines[:most]
    if len(lines) > most:
        kept[-1] += "\N{HORIZONTAL ELLIPSIS}"
    return [_cut(draw, line, font, width) for line in kept]


def _cut(draw: ImageDraw.ImageDraw, line: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    if draw.textlength(line, font) <= width:
        return line
    while line and draw.textlength(f"{line}\N{HORIZONTAL ELLIPSIS}", font) > width:
        line = line[:-1]
    return f"{line.rstrip()}\N{HORIZONTAL ELLIPSIS}"


def _draw_star(draw: ImageDraw.ImageDraw, centre: tuple[int, int]) -> None:
    points = []
    for corner in range(10):
        angle, radius = math.pi * corner / 5 - math.pi / 2, 9 if corner % 2 == 0 else 4
        points.append((centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)))
    draw.polygon(points, fill=_STAR)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    # Our own copy: sheets are equal on every machine, and Pillow's font has no accents.
    data = (files(__package__) / "fonts" / "DejaVuSansCondensed.ttf").read_bytes()
    return ImageFont.truetype(io.BytesIO(data), size)
