"""The demo's contact sheet: a row an edit, before, where, after, and what it did."""

import io
import textwrap

from PIL import Image, ImageDraw, ImageFont

from langdesign_command.demo import script
from langdesign_command.demo.story import Step, Story, words
from langdesign_command.local.weights import RANDOM_NOTICE
from langdesign_command.overlay import overlay

_CELL = 256  # side of a picture, pixels
_GAP = 16
_WORDS = 430  # width of the words' column
_LETTER = 7.5  # width of a letter of the small font, generously
_INDENT = 28  # of a step's words for each step from the room
_INK, _SOFT, _BAD, _PAPER = (34, 32, 29), (111, 106, 98), (176, 52, 40), (250, 248, 244)


def write(story: Story) -> None:
    """Write `story.sheet`, a PNG."""
    row = _CELL + _GAP
    top = 92 if story.random_weights else 60
    size = (4 * _GAP + 3 * _CELL + _WORDS, top + row * len(story.steps))
    sheet = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text(
        (_GAP, 16), "LangDesign: one room, a tree of edits: before, where, after", fill=_INK, font=_font(22)
    )
    if story.random_weights:
        draw.text((_GAP, 54), RANDOM_NOTICE, fill=_BAD, font=_font(16))
    for index, step in enumerate(story.steps):
        y = top + index * row
        pictures = (step.before, masked(step), step.after)
        for column, data in enumerate(pictures):
            sheet.paste(_cell(data), (_GAP + column * (_CELL + _GAP), y))
        _write_words(draw, step, 3 * (_CELL + _GAP) + _GAP, y)
    sheet.save(story.sheet)


def masked(step: Step) -> bytes:
    """Return the picture before with the region tinted; the picture itself where there is no region."""
    return overlay(step.before, step.mask.png) if step.mask else step.before


def figures(step: Step) -> list[str]:
    """Return what was measured on a result, a line each."""
    report = step.result.report
    inside, outside = report.inside.changed_share, report.outside.changed_share
    psnr = "identical" if report.outside.psnr is None else f"{report.outside.psnr:.1f} dB"
    lines = [
        f"read as {step.read_as}" if step.read_as else "",
        f"no-op: {words(step.result.no_op_reason)}" if step.result.no_op_reason else "",
        f"changed inside {inside:.1%}, outside {outside:.2%} ({psnr})",
        f"untouched since the room: {step.untouched} px, {step.drifted} differ",
        f"{step.seconds:.2f} s, {step.result.timings.engine.total_seconds():.2f} s of it in the engine",
    ]
    return [line for line in lines if line]


def _write_words(draw: ImageDraw.ImageDraw, step: Step, x: int, y: int) -> None:
    x += _INDENT * (len(script.path(step.chapter.key)) - 1)
    on = f"on {step.chapter.parent}" if step.chapter.parent else "on the room"
    draw.text((x, y), f"{step.chapter.key}  “{step.chapter.instruction}”", fill=_INK, font=_font(19))
    room = 3 * (_CELL + _GAP) + _GAP + _WORDS - x
    shows = textwrap.wrap(f"{on}; {step.chapter.shows}", int(room / _LETTER))
    draw.multiline_text((x, y + 28), "\n".join(shows), fill=_SOFT, font=_font(14))
    draw.multiline_text((x, y + 70), "\n".join(figures(step)), fill=_INK, font=_font(15), spacing=9)
    if step.broken:
        draw.text((x, y + 190), f"NOT KEPT: {step.broken}", fill=_BAD, font=_font(15))


def _cell(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    return picture.resize((_CELL, _CELL), Image.Resampling.LANCZOS)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
