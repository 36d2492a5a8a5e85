"""Figures of a group of cases, and what each is called, means and should be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .bootstrap import interval
from .cases import NO_OP, OPERATIONS, SPLITS, Case
from .estimates import ESTIMATES, FALSE_EDITS, Estimate, Seen
from .measures import Measures

Figures = dict[str, float | None]
Intervals = dict[str, tuple[float, float]]
"""Low and high end by figure; what does not exist is left out."""
Better = int  # 1: more is better; -1: less is; 0: neither by itself

EXACT = "exact"
"""How reports and tables write an infinite PSNR: the pictures are exactly alike."""


@dataclass(frozen=True)
class Figure:
    """One column of a table."""

    key: str
    label: str
    shown: str  # how a number is written, such as "{:.3f}"
    better: Better
    meaning: str

    def write(self, value: float | str | None) -> str:
        """Return the number as tables show it; a dash where there is none, "exact" for an infinite PSNR.

        Args:
            value: as it was measured, or as `report.json` has it.

        """
        known = measured(value)
        if known is None:
            return "-"
        return EXACT if math.isinf(known) else self.shown.format(known)


def measured(value: float | str | None) -> float | None:
    """Return a figure as it was measured from how `report.json` has it; what was measured stays as it is.

    Raises:
        ValueError: it is a text, and not "exact".

    """
    if isinstance(value, str) and value != EXACT:
        raise ValueError(f'{value!r} is no figure; a report has numbers, null, and "{EXACT}"')
    return math.inf if isinstance(value, str) else value


_PERCENT, _FINE = "{:.1%}", "{:.3f}"

LIKENESS = (
    Figure("clip_im", "CLIP_im", _FINE, 0, "cosine of the pictures before and after; a copy scores 1"),
    Figure("clip_dir", "CLIP_dir", _FINE, 1, "cosine of the pictures' change with the captions' change"),
    Figure("clip_out", "CLIP_out", _FINE, 1, "cosine of the picture after with its caption"),
    Figure("dino", "DINO", _FINE, 0, "cosine of DINO class features before and after; a copy scores 1"),
)
TRUTH = (
    Figure("gain", "Gain inside", _PERCENT, 1, "1 - L1 to the truth / L1 of the copy, in the exact region"),
    Figure("nearer", "Nearer", _PERCENT, 1, "share of edits nearer to the truth than the copy"),
    Figure(
        "inside_l1", "L1 inside", "{:.4f}", -1, "mean absolute difference to the truth in the exact region"
    ),
    Figure(
        "inside_psnr", "PSNR inside", "{:.1f} dB", 1, "to the truth in the exact region, of the mean error"
    ),
)
OUTSIDE = (
    Figure(
        "outside_psnr",
        "PSNR outside",
        "{:.1f} dB",
        1,
        "to the picture before, beyond the region and its margin",
    ),
    Figure(
        "outside_changed", "Changed outside", _PERCENT, -1, "share of pixels there with any changed value"
    ),
    Figure(
        "outside_visible", "Visibly outside", _PERCENT, -1, "share of pixels there that changed by > 25/255"
    ),
    Figure("leaked", "Beyond own region", _PERCENT, -1, "share of pixels changed there, feather left out"),
)
BARE = (
    Figure(
        "bare_psnr",
        "Bare PSNR",
        "{:.1f} dB",
        1,
        "outside, before latents were blended and pixels composited: what the contract hides",
    ),
    Figure("bare_visible", "Bare visibly", _PERCENT, -1, "share of pixels that changed by > 25/255 there"),
    Figure("bare_dino", "Bare DINO", _FINE, 1, "mean cosine of DINO patch features there, before and after"),
    Figure("seam", "Seam", "{:+.2%}", 0, "how much sharper steps are across the feather than before"),
    Figure("structure", "Structure", "{:.4f}", 0, "squared change of DINO patches' self-similarity"),
)
FINDING = (
    Figure(
        "mask_iou",
        "Mask IoU",
        _FINE,
        1,
        "of the region it found with what the expression means; no additions: services open room beside that",
    ),
    Figure("target_accuracy", "Target found", _PERCENT, 1, "share of present targets that it was to edit"),
    Figure("no_target_accuracy", "No-target", _PERCENT, 1, "share of absent targets that it was not to edit"),
    Figure(
        "false_certificate_rate",
        "False certificates",
        _PERCENT,
        -1,
        "share of present targets of which it said that they are surely absent; at most 2% are promised",
    ),
    Figure("certified", "Certified", _PERCENT, 1, "share of absent targets of which it said so"),
    Figure(
        "uncertain_present", "Unsure, present", _PERCENT, -1, "share of present targets left as uncertain"
    ),
    Figure("uncertain_absent", "Unsure, absent", _PERCENT, 0, "share of absent targets left as uncertain"),
    Figure("reference_accuracy", "Reference", _PERCENT, 1, "share of instructions whose expression it read"),
)
SECONDS = Figure("seconds", "s/edit", "{:.2f}", -1, "wall clock; in a batch, each edit's share")
NO_OPS = (
    Figure("false_edit_rate", "False edits", _PERCENT, -1, "share of no-ops with any changed value"),
    Figure(
        "visible_false_edit_rate",
        "Visible false edits",
        _PERCENT,
        -1,
        "share with > 1% of pixels changed > 25/255",
    ),
    Figure("changed", "Pixels changed", _PERCENT, -1, "mean share of the picture with any changed value"),
    *LIKENESS[:1],
    *LIKENESS[3:],
    FINDING[2],
    FINDING[4],
    FINDING[6],
)

EDITS = "all edits"


def groups(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Return the cases by group: all real edits, splits, operations, and the general split or not.

    No-ops are in a group of their own; groups without a case are left out.
    """
    real = [case for case in cases if case.split != NO_OP]
    named: dict[str, Callable[[Case], bool]] = {EDITS: lambda case: True}
    named |= {split: _in_split(split) for split in SPLITS if split != NO_OP}
    named |= {name: _is(name) for name in dict.fromkeys([*OPERATIONS, *(one.operation for one in real)])}
    named |= {"general": lambda case: case.general is True, "left out": lambda case: case.general is False}
    found = {name: [case for case in real if belongs(case)] for name, belongs in named.items()}
    found[NO_OP] = [case for case in cases if case.split == NO_OP]
    return {name: members for name, members in found.items() if members}


def _in_split(split: str) -> Callable[[Case], bool]:
    return lambda case: case.split == split


def _is(operation: str) -> Callable[[Case], bool]:
    return lambda case: case.operation == operation


def figures(
    measures: Sequence[Measures], copies: Sequence[Measures], absent: Sequence[bool], *, given: bool
) -> Figures:
    """Return the figures of a group of at least one case.

    Args:
        measures: of one editor.
        copies: of the identity baseline, on the same cases.
        absent: which of the cases have no target.
        given: whether the editor was given the exact region, which tells it the no-ops.

    """
    seen = [Seen(*one) for one in zip(measures, copies, absent, strict=True)]
    return {key: _figure(estimate, seen) for key, estimate in _estimates(given=given).items()}


def intervals(
    measures: Sequence[Measures], copies: Sequence[Measures], absent: Sequence[bool], *, given: bool
) -> Intervals:
    """Return the low and high end of each figure's 95% interval, by bootstrap over the cases.

    Args:
        measures: as for `figures`.
        copies: as for `figures`.
        absent: as for `figures`.
        given: as for `figures`.

    """
    seen = [Seen(*one) for one in zip(measures, copies, absent, strict=True)]
    tables = {key: (one, one.table(seen)) for key, one in _estimates(given=given).items()}
    found = {key: interval(table, one.statistic) for key, (one, table) in tables.items() if table is not None}
    return {key: (one.low, one.high) for key, one in found.items() if not math.isnan(one.mean)}


def _estimates(*, given: bool) -> Mapping[str, Estimate]:
    return ESTIMATES if given else {**ESTIMATES, **FALSE_EDITS}


def _figure(estimate: Estimate, seen: Sequence[Seen]) -> float | None:
    table = estimate.table(seen)
    if table is None:
        return None
    value = float(estimate.statistic(np.array([column.mean() for column in table])))
    return None if math.isnan(value) else value


def by_group(
    cases: Sequence[Case], measures: Sequence[Measures], copies: Sequence[Measures], *, given: bool
) -> dict[str, Figures]:
    """Return the figures of every group of the cases (see `groups`)."""
    return {name: figures(*rows, given=given) for name, rows in _rows(cases, measures, copies).items()}


def intervals_by_group(
    cases: Sequence[Case], measures: Sequence[Measures], copies: Sequence[Measures], *, given: bool
) -> dict[str, Intervals]:
    """Return the intervals of every group of the cases (see `intervals`)."""
    return {name: intervals(*rows, given=given) for name, rows in _rows(cases, measures, copies).items()}


def _rows(
    cases: Sequence[Case], measures: Sequence[Measures], copies: Sequence[Measures]
) -> dict[str, tuple[list[Measures], list[Measures], list[bool]]]:
    return {
        name: (
            [measures[case.id] for case in members],
            [copies[case.id] for case in members],
            [case.absent for case in members],
        )
        for name, members in groups(cases).items()
    }
