"""A contact sheet of a set: pairs as before, after and change, with the instruction below."""

from __future__ import annotations

import textwrap

from PIL import Image, ImageDraw, ImageFont

from ..samples import Sample, SampleSet, spread
from .views import change_view

_TILE = 176  # side of a picture, px
_GAP = 14
_SPACE = 3  # between the pictures of one pair
_TEXT = 13
_LINE = _TEXT + 4
_WIDTH = 3 * _TILE + 2 * _SPACE
_PAPER, _INK, _FAINT, _BAD = (250, 249, 246), (40, 38, 36), (130, 126, 120), (194, 37, 92)


def contact_sheet(samples: SampleSet, kept: int = 8, dropped: int = 4, columns: int = 2) -> Image.Image:
    """Draw kept pairs and failures, of as many operations, sources and gates as there are.

    Args:
        samples: the set.
        kept: pairs at most.
        dropped: failures at most.
        columns: pairs beside one another.

    Raises:
        SampleSetError: the set is damaged.

    """
    failures = samples.failures()
    chosen = [
        *spread(samples, ("change", "source"), kept),
        *spread(failures, ("verdict", "change"), dropped),
    ]
    tiles = [_tile(sample) for sample in chosen]
    rows = [tiles[start : start + columns] for start in range(0, len(tiles), columns)]
    heights = [max(tile.height for tile in row) for row in rows]
    size = (columns * (_WIDTH + _GAP) + _GAP, sum(heights) + _GAP * (len(rows) + 1))
    page = Image.new("RGB", size, _PAPER)
    top = _GAP
    for row, height in zip(rows, heights, strict=True):
        for column, tile in enumerate(row):
            page.paste(tile, (_GAP + column * (_WIDTH + _GAP), top))
        top += height + _GAP
    return page


def _tile(sample: Sample) -> Image.Image:
    before, after = sample.pictures()
    font = ImageFont.load_default(_TEXT)
    lines = textwrap.wrap(sample.triple.edit, int(_WIDTH / (0.52 * _TEXT)))
    told = f"{sample.triple.change}, {sample.source}" if sample.kept else f"{sample.verdict}: {sample.reason}"
    last = textwrap.wrap(told, int(_WIDTH / (0.52 * _TEXT)))
    tile = Image.new("RGB", (_WIDTH, _TILE + 4 + (len(lines) + len(last)) * _LINE), _PAPER)
    for column, pixels in enumerate((before, after, change_view(before, after, sample.region()))):
        picture = Image.fromarray(pixels)
        picture.thumbnail((_TILE, _TILE), Image.Resampling.BICUBIC)
        if max(picture.size) < _TILE:
            share = _TILE / max(picture.size)
            width, height = (round(share * side) for side in picture.size)
            picture = picture.resize((width, height), Image.Resampling.BICUBIC)
        tile.paste(picture, (column * (_TILE + _SPACE), 0))
    draw = ImageDraw.Draw(tile)
    for number, line in enumerate([*lines, *last]):
        ink = _INK if number < len(lines) else _FAINT if sample.kept else _BAD
        draw.text((2, _TILE + 4 + number * _LINE), line, ink, font)
    return tile
