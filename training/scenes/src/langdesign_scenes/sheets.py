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
_TEXT = 15
_LINES = 3
_PAPER = (250, 249, 246)
_INK = (40, 38, 36)
_MARK = np.array([230, 40, 90], dtype=np.float64)


def sheet(scenes: SceneSet, what: What, rows: int, columns: int) -> Image.Image:
    """Draw a contact sheet.

    Args:
        scenes: the set.
        what: "rooms" or "singles" with their captions, or "edits": before, region, after and instruction.
        rows: of pictures or edits.
        columns: of pictures; edits take one after another, each as wide as three.

    Raises:
        DatasetError: the set holds nothing of that.

    """
    tiles = list(
        _edits(scenes, rows * columns) if what == "edits" else _pictures(scenes, what, rows * columns)
    )
    if not tiles:
        raise DatasetError(f"{scenes.folder} holds no {what} yet; render more families")
    width, height = tiles[0].size
    lines = -(-len(tiles) // columns)
    page = Image.new("RGB", (columns * (width + _GAP) + _GAP, lines * (height + _GAP) + _GAP), _PAPER)
    for place, tile in enumerate(tiles):
        row, column = divmod(place, columns)
        page.paste(tile, (_GAP + column * (width + _GAP), _GAP + row * (height + _GAP)))
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
    return _captioned([before, marked, after], f"{edit.instruction}  ({edit.operation})")


def _captioned(pictures: Sequence[Pixels], text: str) -> Image.Image:
    width = len(pictures) * _TILE
    font = ImageFont.load_default(_TEXT)
    tile = Image.new("RGB", (width, _TILE + _LINES * (_TEXT + 4)), _PAPER)
    for place, pixels in enumerate(pictures):
        enlarged = Image.fromarray(pixels).resize((_TILE, _TILE), Image.Resampling.BICUBIC)
        tile.paste(enlarged, (place * _TILE, 0))
    letters = int(width / (0.5 * _TEXT))
    wrapped = textwrap.wrap(text, letters, max_lines=_LINES, placeholder=" ...")
    ImageDraw.Draw(tile).multiline_text((2, _TILE + 3), "\n".join(wrapped), _INK, font, spacing=3)
    return tile
