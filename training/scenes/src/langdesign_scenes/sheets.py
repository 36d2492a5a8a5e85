"""Contact sheets of a rendered set: pictures, or edits as before, region and after."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .dataset import Edit, Family, Pixels, SceneSet
from .errors import DatasetError

What = Literal["rooms", "singles", "edits"]

_TILE = 256
_GAP = 12
_SPACE = 3  # between the pictures of one edit
_TEXT = 15
_LINE = _TEXT + 4
_PAPER = (250, 249, 246)
_INK = (40, 38, 36)
_FAINT = (130, 126, 120)
_MARK = np.array([230, 40, 90], dtype=np.float64)


def sheet(scenes: SceneSet, what: What, rows: int, columns: int) -> Image.Image:
    """Draw a contact sheet.

    Args:
        scenes: the set.
        what: "rooms" or "singles" with their captions, or "edits": before, region, after and instruction.
        rows: of pictures or edits.
        columns: of pictures; edits take one after another, each as wide as three.

    Returns:
        The sheet; each row is as high as its longest caption needs.

    Raises:
        DatasetError: the set holds nothing of that.

    """
    tiles = list(
        _edits(scenes, rows * columns) if what == "edits" else _pictures(scenes, what, rows * columns)
    )
    if not tiles:
        raise DatasetError(f"{scenes.folder} holds no {what} yet; render more families")
    lines = [tiles[start : start + columns] for start in range(0, len(tiles), columns)]
    heights = [max(tile.height for tile in line) for line in lines]
    width = tiles[0].width + _GAP
    page = Image.new("RGB", (columns * width + _GAP, sum(heights) + _GAP * (len(lines) + 1)), _PAPER)
    top = _GAP
    for line, height in zip(lines, heights, strict=True):
        for column, tile in enumerate(line):
            page.paste(tile, (_GAP + column * width, top))
        top += height + _GAP
    return page


def _pictures(scenes: SceneSet, what: What, count: int) -> Iterator[Image.Image]:
    shown = (family for family in scenes if bool(family.room) == (what == "rooms"))
    for family, _ in zip(shown, range(count), strict=False):
        yield _captioned([family.image(0)], family.states[0].caption)


def _edits(scenes: SceneSet, count: int) -> Iterator[Image.Image]:
    """Yield one edit of each family, another operation in each where there is one."""
    used: dict[str, int] = {}
    for family, _ in zip((one for one in scenes if one.edits), range(count), strict=False):
        edit = min(family.edits, key=lambda one: used.get(one.operation, 0))
        used[edit.operation] = used.get(edit.operation, 0) + 1
        yield edit_tile(family, edit)


def edit_tile(family: Family, edit: Edit) -> Image.Image:
    """Draw one edit: the picture before, its exact region, the picture after, and the instruction."""
    before, after = family.image(edit.before), family.image(edit.after)
    region = family.region(edit)[..., None]
    marked = np.where(region, 0.35 * before + 0.65 * _MARK, before).astype(np.uint8)
    what = "no such thing: nothing changes" if edit.operation == "none" else edit.operation
    return _captioned([before, marked, after], f"{edit.instruction}  ({what})", ("before", "region", "after"))


def _captioned(pictures: Sequence[Pixels], text: str, names: Sequence[str] = ()) -> Image.Image:
    """Set pictures side by side, each above its name, and the text below them."""
    font = ImageFont.load_default(_TEXT)
    width = len(pictures) * (_TILE + _SPACE) - _SPACE
    lines = textwrap.wrap(text, int(width / (0.5 * _TEXT)))
    below = _TILE + 3 + (_LINE if names else 0)
    tile = Image.new("RGB", (width, below + len(lines) * _LINE), _PAPER)
    draw = ImageDraw.Draw(tile)
    lefts = [place * (_TILE + _SPACE) for place in range(len(pictures))]
    for left, pixels in zip(lefts, pictures, strict=True):
        enlarged = Image.fromarray(pixels).resize((_TILE, _TILE), Image.Resampling.BICUBIC)
        tile.paste(enlarged, (left, 0))
    for left, name in zip(lefts, names, strict=False):
        draw.text((left + 2, _TILE + 3), name, _FAINT, font)
    draw.multiline_text((2, below), "\n".join(lines), _INK, font, spacing=3)
    return tile
