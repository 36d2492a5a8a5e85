"""CLIP_dir against CLIP_im over the image guidance scale, as SVG (InstructPix2Pix, figure 8)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

COLOURS = ("#0f766e", "#c2410c", "#1d4ed8", "#7e22ce", "#a16207", "#be123c", "#475569", "#15803d")

_WIDTH, _HEIGHT = 720, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 92, 40, 24, 64
_TICKS = 5

Point = tuple[float, float]


def curve_svg(curves: Sequence[Mapping[str, Any]]) -> Markup:
    """Return one line an editor, its ends labelled with s_I; further up and right is better."""
    along = [point["clip_dir"] for curve in curves for point in curve["points"]]
    kept = [point["clip_im"] for curve in curves for point in curve["points"]]
    x, y = _Axis(kept, _LEFT, _WIDTH - _RIGHT), _Axis(along, _HEIGHT - _BOTTOM, _TOP)
    parts = [*_grid(x, y)]
    for place, curve in enumerate(curves):
        parts += _line(curve, x, y, COLOURS[place % len(COLOURS)])
    head = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" xmlns="http://www.w3.org/2000/svg">'
    title = "<title>CLIP_dir against CLIP_im over the image guidance scale</title>"
    return Markup("\n").join([Markup(head + title), *parts, Markup("</svg>")])  # noqa: S704 - numbers alone


class _Axis:
    """Values to pixels, with round ticks around them."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        low, high = min(values), max(values)
        step = _round_step((high - low) / _TICKS or 0.01)
        first, last = math.floor(low / step), math.ceil(high / step)
        last = max(last, first + 1)
        self.digits = max(0, -math.floor(math.log10(step)))
        self.ticks = [place * step for place in range(first, last + 1)]
        self._start, self._scale = start, (end - start) / (self.ticks[-1] - self.ticks[0])

    def at(self, value: float) -> float:
        """Return the pixel of a value."""
        return round(self._start + (value - self.ticks[0]) * self._scale, 1)

    def label(self, tick: float) -> str:
        """Return how a tick is written."""
        return f"{tick:.{self.digits}f}"


def _round_step(step: float) -> float:
    """Return the next of 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * 0.999)


def _grid(x: _Axis, y: _Axis) -> list[Markup]:
    left, right, top, bottom = _LEFT, _WIDTH - _RIGHT, _TOP, _HEIGHT - _BOTTOM
    across = [
        f'<path class="grid" d="M{left} {y.at(tick)}H{right}"/>'
        f'<text x="{left - 8}" y="{y.at(tick) + 4}" text-anchor="end">{y.label(tick)}</text>'
        for tick in y.ticks
    ]
    along = [
        f'<path class="grid" d="M{x.at(tick)} {top}V{bottom}"/>'
        f'<text x="{x.at(tick)}" y="{bottom + 22}" text-anchor="middle">{x.label(tick)}</text>'
        for tick in x.ticks
    ]
    names = (
        f'<text class="axis" x="{(left + right) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">'
        "CLIP_im: what is kept</text>",
        f'<text class="axis" transform="translate(18 {(top + bottom) / 2}) rotate(-90)" text-anchor="middle">'
        "CLIP_dir: what was asked</text>",
    )
    return [Markup(part) for part in (*across, *along, *names)]  # noqa: S704 - numbers and our own words


def _line(curve: Mapping[str, Any], x: _Axis, y: _Axis, colour: str) -> list[Markup]:
    points = curve["points"]
    places = [(x.at(point["clip_im"]), y.at(point["clip_dir"])) for point in points]
    route = " ".join(f"{across},{up}" for across, up in places)
    dots = [
        _dot(place, colour, f"{curve['editor']}, s_I {one['image_guidance']:g}")
        for place, one in zip(places, points, strict=True)
    ]
    ends = [_end(places[end], points[end]["image_guidance"], colour) for end in (0, -1)]
    line = Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>').format(route, colour)
    return [line, *dots, *ends]


def _dot(place: Point, colour: str, name: str) -> Markup:
    dot = '<circle cx="{}" cy="{}" r="3.5" fill="{}"><title>{}</title></circle>'
    return Markup(dot).format(*place, colour, escape(name))  # noqa: S704 - the name is escaped


def _end(place: Point, scale: float, colour: str) -> Markup:
    text = '<text x="{}" y="{}" fill="{}" class="end">{}</text>'
    return Markup(text).format(place[0] + 6, place[1] - 6, colour, f"s_I {scale:g}")  # noqa: S704 - numbers alone
