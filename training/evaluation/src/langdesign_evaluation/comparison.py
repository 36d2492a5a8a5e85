"""Two editors held against each other: the paper's table, with intervals, as JSON and as text.

    {"format": "langdesign-evaluation/1",
     "set": {"digest", "cases", "no_ops", "choice_digest"}, "sampling": {"base": {...}, "tuned": {...}},
     "models": {"identity", "base", "tuned", "clip", "dino"},
     "metrics": {KEY: {"better": "higher" or "lower", "identity": {"mean", "low", "high"}, "base": ...,
                       "tuned": ..., "truth": ..., "difference": ...}}}

"difference" is tuned - base, paired by case. A figure that does not exist is left out, and so is one that is
not finite: a copy's PSNR to its own input.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from .bootstrap import Interval
from .errors import AnswerError
from .metrics import VISIBLE_SHARE

FORMAT = "langdesign-evaluation/1"
COLUMNS = ("identity", "base", "tuned", "truth", "difference")
_HEADS = ("copy", "base", "tuned", "truth", "tuned - base")


@dataclass(frozen=True)
class Row:
    """One figure of the comparison."""

    key: str  # in the JSON
    label: str  # in tables
    shown: str  # how a number is written
    better: str  # "higher" or "lower"
    block: str  # which of the blocks below it belongs to


PLAIN, STRICT, NO_OPS = (
    "Plain editing, as published: no region, each model sampled as its folder advises",
    "Strict editing in the exact region; outside is measured before compositing",
    "No-ops: nothing should change, and nothing keeps it from changing",
)
BLOCKS = (PLAIN, STRICT, NO_OPS)
ROWS = (
    Row("clip_im", "CLIP_im", "{:z.3f}", "higher", PLAIN),
    Row("clip_dir", "CLIP_dir", "{:z.3f}", "higher", PLAIN),
    Row("clip_out", "CLIP_out", "{:z.3f}", "higher", PLAIN),
    Row("dino", "DINO", "{:z.3f}", "higher", PLAIN),
    Row("structure", "Structure", "{:z.3f}", "lower", PLAIN),
    Row("plain_gain", "Gain inside", "{:z.3f}", "higher", PLAIN),
    Row("plain_outside_psnr", "PSNR outside, dB", "{:z.1f}", "higher", PLAIN),
    Row("gain", "Gain inside", "{:z.3f}", "higher", STRICT),
    Row("strict_clip_dir", "CLIP_dir", "{:z.3f}", "higher", STRICT),
    Row("outside_psnr", "PSNR outside, dB", "{:z.1f}", "higher", STRICT),
    Row("outside_visible", "Visibly outside", "{:z.3f}", "lower", STRICT),
    Row("outside_dino", "DINO outside", "{:z.3f}", "higher", STRICT),
    Row("seam", "Seam", "{:z.2%}", "lower", STRICT),
    Row("false_edit_rate", "False edits", "{:z.3f}", "lower", NO_OPS),
    Row("no_op_changed", "Visibly changed", "{:z.3f}", "lower", NO_OPS),
    Row("any_change_rate", "Any change", "{:z.3f}", "lower", NO_OPS),
    Row("plain_false_edit_rate", "False edits, plain", "{:z.3f}", "lower", NO_OPS),
    Row("plain_no_op_changed", "Visibly changed, plain", "{:z.3f}", "lower", NO_OPS),
    Row("plain_any_change_rate", "Any change, plain", "{:z.3f}", "lower", NO_OPS),
)
"""Every figure, in the order of the tables."""


@dataclass(frozen=True)
class Comparison:
    """What was found."""

    cases: Mapping[str, Any]  # "digest" of the set, "cases", "no_ops", "choice_digest"
    sampling: Mapping[str, Mapping[str, float]]  # by model
    models: Mapping[str, str]  # "name@sha256:..." by role
    metrics: Mapping[str, Mapping[str, Interval]]  # by key of a row, by column

    def means(self, column: str) -> dict[str, float]:
        """Return the figures of a column ("identity", "base", "tuned" or "difference") by key."""
        return {key: found[column].mean for key, found in self.metrics.items() if column in found}

    def write(self, path: Path) -> None:
        """Write the JSON, whole or not at all."""
        draft = path.with_name(f".{path.name}.draft")
        draft.write_text(json.dumps(self._json(), indent=2, allow_nan=False) + "\n", "utf-8")
        draft.replace(path)

    @classmethod
    def read(cls, path: Path) -> Comparison:
        """Read what `write` wrote.

        Raises:
            AnswerError: the file is missing, damaged, or of another format.

        """
        try:
            data = json.loads(path.read_text("utf-8"))
            format_ = data["format"]
            metrics = {
                key: {column: Interval(**found[column]) for column in COLUMNS if column in found}
                for key, found in data["metrics"].items()
            }
            found = cls(data["set"], data["sampling"], data["models"], metrics)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise AnswerError(f"{path} holds no {FORMAT} ({error}); run the comparison again") from error
        if format_ != FORMAT:
            raise AnswerError(f"{path} is of format {format_}, not {FORMAT}; run the comparison again")
        return found

    def _json(self) -> dict[str, Any]:
        better = {row.key: row.better for row in ROWS}
        return {
            "format": FORMAT,
            "set": dict(self.cases),
            "sampling": {name: dict(one) for name, one in self.sampling.items()},
            "models": dict(self.models),
            "metrics": {
                key: {"better": better[key], **{column: asdict(one) for column, one in found.items()}}
                for key, found in self.metrics.items()
            },
        }

    def tables(self) -> list[Table]:
        """Return a table a block, for a terminal of 80 columns."""
        return [self._table(block) for block in BLOCKS if self._rows(block)]

    def _table(self, block: str) -> Table:
        table = Table(
            title=block,
            title_justify="left",
            title_style="bold",
            header_style="",
            box=SIMPLE_HEAD,
            padding=0,
        )
        table.add_column("", no_wrap=True)
        for head in _HEADS:
            table.add_column(head, justify="right", no_wrap=True)
        for row in self._rows(block):
            label, copy, base, tuned, truth, apart = self._cells(row, "\n")
            # How sure the ends of the scale are fills the width, and is in the Markdown.
            table.add_row(label, copy.partition("\n")[0], base, tuned, truth.partition("\n")[0], apart)
        return table

    def markdown(self) -> str:
        """Return the tables in Markdown, each figure with its 95% interval."""
        parts = [self.told()]
        for block in filter(self._rows, BLOCKS):
            head = f"| | {' | '.join(_HEADS)} |\n| --- |{' ---: |' * len(_HEADS)}"
            lines = [f"| {' | '.join(self._cells(row, ' '))} |" for row in self._rows(block)]
            parts.append("\n".join([f"### {block}\n", head, *lines]))
        return "\n\n".join(parts)

    def told(self) -> str:
        """Return in words what was judged, and how to read the tables."""
        sampled = (
            f"{name} {one['steps']:g} steps, s_T {one['text_guidance']:g}, s_I {one['image_guidance']:g}"
            for name, one in self.sampling.items()
        )
        return (
            f"{self.cases['cases']} edits and {self.cases['no_ops']} no-ops; {'; '.join(sampled)}. "
            "Cosines are in -1..1, shares and rates in 0..1. With 95% bootstrap intervals over the "
            f"cases, paired in the last column. A false edit changes over {VISIBLE_SHARE:.0%} of a no-op's "
            "pixels visibly. No-ops are edited in a region that holds all of the picture, where detail that "
            "the autoencoder loses comes back, and plainly, where nothing does."
        )

    def _rows(self, block: str) -> list[Row]:
        return [row for row in ROWS if row.block == block and row.key in self.metrics]

    def _cells(self, row: Row, between: str) -> list[str]:
        found = self.metrics[row.key]
        shown = dict.fromkeys(COLUMNS, row.shown) | {"difference": row.shown.replace("{:", "{:+")}
        return [row.label, *(_written(shown[column], found.get(column), between) for column in COLUMNS)]


def _written(shown: str, one: Interval | None, between: str) -> str:
    if one is None:
        return "-"
    mean, low, high = (shown.format(value) for value in (one.mean, one.low, one.high))
    return mean if low == high else f"{mean}{between}{low}..{high}"


def finite(one: Interval) -> bool:
    """Tell whether figure and interval are numbers that JSON has."""
    return all(math.isfinite(value) for value in (one.mean, one.low, one.high))
