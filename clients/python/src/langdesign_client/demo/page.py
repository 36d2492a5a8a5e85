"""The demo's page and contact sheet."""

import base64
import html
import io
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from langdesign_client.local.weights import RANDOM_NOTICE
from langdesign_client.overlay import overlay

if TYPE_CHECKING:
    from langdesign_client.demo.story import Story, Told

_CELL = 256  # side of a picture on the sheet, pixels
_GAP = 16
_INK = (34, 32, 29)


def write(story: "Story") -> None:
    """Write `story.page` (one HTML file that needs no other) and `story.sheet` (PNG)."""
    template = Template(files("langdesign_client.demo").joinpath("page.html").read_text("utf-8"))
    cards = "\n".join(_card(story, one) for one in story.told)
    notice = f'<p class="notice"><strong>Note: {RANDOM_NOTICE}.</strong> {_NOISE}</p>'
    text = template.substitute(
        notice=notice if story.random_weights else "",
        cards=cards,
        count=len(story.told),
        seconds=f"{story.seconds:.0f}",
    )
    story.page.write_text(text, "utf-8")
    _sheet(story).save(story.sheet)


_NOISE = "Nothing was learnt, neither where nor what: shown is that an edit stays inside its mask."


def _card(story: "Story", one: "Told") -> str:
    report = one.result.report
    return _CARD.substitute(
        title=html.escape(one.chapter.title),
        instruction=html.escape(one.chapter.instruction),
        badge=_badge(one),
        plan=f"<p class=plan>Read as <b>{html.escape(one.plan)}</b></p>" if one.plan else "",
        before=_figure("before", story.before),
        mask=_figure("where", _masked(story, one)),
        after=_figure("after", one.result.image.data),
        inside=f"{report.inside.changed_share:.1%}",
        outside=f"{report.outside.changed_share:.2%}",
        psnr="identical" if report.outside.psnr is None else f"{report.outside.psnr:.1f} dB",
        engine=f"{one.result.timings.engine.total_seconds():.2f} s",
        total=f"{one.seconds:.2f} s",
    )


_CARD = Template(
    """<article>
  <header><h2>$title</h2>$badge</header>
  <p class="instruction">“$instruction”</p>$plan
  <div class="strip">$before$mask$after</div>
  <dl>
    <div><dt>changed inside</dt><dd>$inside</dd></div>
    <div><dt>changed outside</dt><dd>$outside</dd></div>
    <div><dt>PSNR outside</dt><dd>$psnr</dd></div>
    <div><dt>in the engine</dt><dd>$engine</dd></div>
    <div><dt>in all</dt><dd>$total</dd></div>
  </dl>
</article>"""
)


def _badge(one: "Told") -> str:
    if one.kept is False:
        return '<span class="badge bad">promise broken</span>'
    if one.result.no_op_reason:
        reason = html.escape(one.result.no_op_reason.replace("_", " "))
        return f'<span class="badge good">no-op certified: {reason}</span>'
    if one.kept:
        return '<span class="badge good">0 pixels outside</span>'
    return f'<span class="badge">preserve {one.chapter.preserve}</span>'


def _figure(caption: str, data: bytes) -> str:
    encoded = base64.b64encode(data).decode()
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    picture = f'<img alt="{caption}" src="data:image/{kind};base64,{encoded}">'
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"


def _masked(story: "Story", one: "Told") -> bytes:
    return overlay(story.before, one.mask.png) if one.mask else story.before


def _sheet(story: "Story") -> Image.Image:
    """A row an edit: before, where, after, and what it did in words."""
    row = _CELL + 3 * _GAP
    width = 3 * (_CELL + _GAP) + _GAP + 340
    top = 76 if story.random_weights else 44
    sheet = Image.new("RGB", (width, top + row * len(story.told)), (250, 248, 244))
    draw = ImageDraw.Draw(sheet)
    draw.text((_GAP, 12), "LangDesign demo: before, where, after", fill=_INK, font=_font(20))
    if story.random_weights:
        draw.text((_GAP, 44), f"{RANDOM_NOTICE}. {_NOISE}", fill=(176, 52, 40), font=_font(15))
    for index, one in enumerate(story.told):
        y = top + index * row
        for column, data in enumerate((story.before, _masked(story, one), one.result.image.data)):
            picture = (
                Image.open(io.BytesIO(data)).convert("RGB").resize((_CELL, _CELL), Image.Resampling.NEAREST)
            )
            sheet.paste(picture, (_GAP + column * (_CELL + _GAP), y))
        draw.multiline_text((3 * (_CELL + _GAP) + _GAP, y), _words(one), fill=_INK, font=_font(15), spacing=8)
    return sheet


def _words(one: "Told") -> str:
    report = one.result.report
    done = f"no-op: {one.result.no_op_reason}" if one.result.no_op_reason else f"preserve {report.preserve}"
    return "\n".join(
        [
            one.chapter.title,
            f'"{one.chapter.instruction}"',
            done,
            f"changed inside {report.inside.changed_share:.1%}",
            f"changed outside {report.outside.changed_share:.2%}",
            f"{one.seconds:.2f} s",
        ]
    )


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
