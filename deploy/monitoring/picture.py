"""Draws what check.py recorded of the dashboards, panel by panel, as Grafana lays them out.

`uv run --no-project --with matplotlib python deploy/monitoring/picture.py RECORD OUT [--panels TITLE,TITLE]`
"""

import argparse
import itertools
import json
import math
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

mpl.use("Agg")
from matplotlib import pyplot

_COLUMNS = 3
_GROUND, _PANEL, _INK, _FAINT = "#111217", "#181b1f", "#ccccdc", "#2c3235"
_COLOURS = ("#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#b877d9", "#5794f2", "#ffa6b0", "#c0d8ff")
_LEGEND = 66  # characters that the lines of a legend have room for
_STEPS = (("G", 1e9), ("M", 1e6), ("k", 1e3), ("", 1.0), ("m", 1e-3))


def formatted(value: float, unit: str) -> str:
    """Return a value as an axis tells it."""
    if unit == "percentunit":
        return f"{value:.0%}"
    if unit == "short":
        return f"{value:g}"
    ending = {"s": " s", "ops": "/s", "bytes": "B"}.get(unit, "")
    if not value:
        return f"0{ending}"
    # As in Grafana, nothing is counted in thousandths: "500 m/s" would be a speed.
    steps = _STEPS[:-1] if unit == "ops" else _STEPS
    letter, size = next((one for one in steps if abs(value) >= one[1]), steps[-1])
    return f"{value / size:.3g} {letter}{ending.strip()}" if letter else f"{value:.3g}{ending}"


def draw(axes: Axes, panel: dict[str, Any], began: float, end: float) -> None:
    """Draw a panel; where a series was silent, its line has a gap."""
    series = [dict(one["points"]) for one in panel["series"] if one["points"]]
    legends = [one["legend"] for one in panel["series"] if one["points"]]
    moments = sorted({at for points in series for at in points})
    step = min((after - at for at, after in itertools.pairwise(moments)), default=1.0)
    grid = (
        [moments[0] + step * place for place in range(1 + round((moments[-1] - moments[0]) / step))]
        if moments
        else []
    )
    minutes, below = [(at - began) / 60 for at in grid], [0.0] * len(grid)
    for place, (points, legend) in enumerate(zip(series, legends, strict=True)):
        colour = _COLOURS[place % len(_COLOURS)]
        known = {round((at - grid[0]) / step): value for at, value in points.items()}
        line = [known.get(number, math.nan) for number in range(len(grid))]
        if panel["stacked"]:
            top = [
                under + (0.0 if math.isnan(value) else value)
                for under, value in zip(below, line, strict=True)
            ]
            axes.fill_between(minutes, below, top, color=colour, alpha=0.25, lw=0)
            below = top
            line = [above if adds else math.nan for above, adds in zip(top, _adding(line), strict=True)]
        axes.plot(minutes, line, color=colour, lw=1.4, label=legend)
    axes.set_xlim(0, (end - began) / 60)
    if all(value.is_integer() for points in series for value in points.values()):
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    _dress(axes, panel, legends)


def _adding(line: list[float]) -> list[bool]:
    """Return where a series is more than nothing, or about to be: elsewhere it would hide the line below."""
    more = [False, *(value > 0 for value in line), False]
    return [any(more[place : place + 3]) for place in range(len(line))]


def _dress(axes: Axes, panel: dict[str, Any], legends: list[str]) -> None:
    axes.set_title(panel["title"], color=_INK, fontsize=10, loc="left", pad=8)
    axes.set_facecolor(_PANEL)
    axes.grid(color=_FAINT, lw=0.6)
    axes.tick_params(colors=_INK, labelsize=7.5, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: formatted(value, panel["unit"])))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} min"))
    if legends:
        legend = axes.legend(
            fontsize=7,
            ncols=max(1, min(3, _LEGEND // (6 + max(map(len, legends))))),
            loc="upper left",
            bbox_to_anchor=(-0.02, -0.1),
            frameon=False,
            handlelength=1.2,
        )
        for text in legend.get_texts():
            text.set_color(_INK)
    else:
        axes.text(0.5, 0.5, "No data", color=_INK, ha="center", va="center", transform=axes.transAxes)


def main() -> None:
    """Draw the panels that were asked for, or all that have something to show."""
    parser = argparse.ArgumentParser(description="Draw a record of the dashboards.")
    parser.add_argument("record", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--panels", default="", help="titles, commas between; all that show something by default"
    )
    chosen = parser.parse_args()
    record = json.loads(chosen.record.read_text())
    wanted = [title for title in chosen.panels.split(",") if title]
    by_title = {panel["title"]: panel for panel in record["panels"]}
    panels = [by_title[title] for title in wanted] or [one for one in record["panels"] if one["series"]]
    rows = math.ceil(len(panels) / _COLUMNS)
    figure, grid = pyplot.subplots(rows, _COLUMNS, figsize=(15, 3.2 * rows), squeeze=False)
    figure.patch.set_facecolor(_GROUND)
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    for axes, panel in zip(grid.flat, panels, strict=False):
        draw(axes, panel, record["began"], record["end"])
    figure.subplots_adjust(0.045, 0.08, 0.985, 0.95, wspace=0.17, hspace=0.62)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(chosen.out, dpi=100, facecolor=_GROUND, bbox_inches="tight", pad_inches=0.15)


if __name__ == "__main__":
    main()
