"""Panels with titles and captions, laid out and written as WebP."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FOLDER = Path(__file__).resolve().parents[2] / "pictures"
"""Where the documentation's pictures are."""

MOST_BYTES = 150_000
"""Of one picture."""

PAPER, INK, FAINT, LINE, ACCENT = "#fbfaf7", "#1d1c1a", "#6b675f", "#c9c3b6", "#d9784f"
_FONTS = Path("/usr/share/fonts/truetype/dejavu")
_GAP = 18
_SCALE = 2  # everything is drawn for screens of two pixels to one


@dataclass(frozen=True)
class Panel:
    """A picture, what it is, and what to see in it."""

    title: str
    picture: Image.Image
    caption: str = ""


def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return a font of a height in the pixels of a figure."""
    return ImageFont.truetype(_FONTS / f"DejaVuSans{'-Bold' if bold else ''}.ttf", size * _SCALE)


def figure(panels: Sequence[Panel], columns: int, side: int = 220) -> Image.Image:
    """Return panels in rows of so many columns; each picture fits into a square of `side` pixels."""
    rows = [panels[at : at + columns] for at in range(0, len(panels), columns)]
    drawn = [_row(row, side) for row in rows]
    width = max(row.width for row in drawn) + 2 * _GAP * _SCALE
    height = sum(row.height for row in drawn) + (len(drawn) + 1) * _GAP * _SCALE
    sheet = Image.new("RGB", (width, height), PAPER)
    top = _GAP * _SCALE
    for row in drawn:
        sheet.paste(row, (_GAP * _SCALE, top))
        top += row.height + _GAP * _SCALE
    return sheet


def _row(panels: Sequence[Panel], side: int) -> Image.Image:
    drawn = [_panel(panel, side * _SCALE) for panel in panels]
    height = max(one.height for one in drawn)
    width = sum(one.width for one in drawn) + (len(drawn) - 1) * _GAP * _SCALE
    row = Image.new("RGB", (width, height), PAPER)
    left = 0
    for one in drawn:
        row.paste(one, (left, 0))
        left += one.width + _GAP * _SCALE
    return row


def _panel(panel: Panel, width: int) -> Image.Image:
    narrower = min(1.0, panel.picture.width / panel.picture.height)
    picture = fitted(panel.picture, round(width * narrower))
    title, text = font(13, bold=True), font(11)
    lines = wrapped(panel.caption, text, width)
    head, step = 20 * _SCALE, 15 * _SCALE
    drawn = Image.new("RGB", (width, head + picture.height + 6 * _SCALE + step * len(lines)), PAPER)
    pen = ImageDraw.Draw(drawn)
    pen.text((0, 0), panel.title, INK, title)
    drawn.paste(picture, (0, head))
    pen.rectangle((0, head, picture.width - 1, head + picture.height - 1), outline=LINE)
    for at, line in enumerate(lines):
        pen.text((0, head + picture.height + 5 * _SCALE + at * step), line, FAINT, text)
    return drawn


def fitted(picture: Image.Image, width: int) -> Image.Image:
    """Return a picture of a width; a small one keeps its pixels to be seen."""
    height = round(picture.height * width / picture.width)
    way = Image.Resampling.NEAREST if picture.width * 2 < width else Image.Resampling.LANCZOS
    return picture.convert("RGB").resize((width, height), way)


def wrapped(text: str, written: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Return a text in lines of a width, pixels."""
    lines: list[str] = []
    for word in text.split():
        if lines and written.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def write(name: str, picture: Image.Image) -> Path:
    """Write a picture as WebP, as good as its bytes allow.

    Raises:
        ValueError: it is too large at the least quality that may be shown.

    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    for quality in (90, 82, 74, 66):
        buffer = io.BytesIO()
        picture.convert("RGB").save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= MOST_BYTES:
            path = FOLDER / f"{name}.webp"
            path.write_bytes(buffer.getvalue())
            return path
    raise ValueError(f"{name} takes {buffer.tell()} bytes; draw fewer or smaller panels")
