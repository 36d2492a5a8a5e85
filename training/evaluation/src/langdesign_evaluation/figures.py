"""Figures of a group of cases, and what each is called, means and should be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from . import metrics
from .cases import NO_OP, OPERATIONS, SPLITS, Case
from .measures import Measures

Figures = dict[str, float | None]
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
FINDING = (
    Figure(
        "mask_iou",
        "Mask IoU",
        _FINE,
        1,
        "of the region it found with what the expression means; no additions: services open room beside that",
    ),
    Figure(
        "target_accuracy", "Target found", _PERCENT, 1, "share of present targets that it took for present"
    ),
    Figure("no_target_accuracy", "No-target", _PERCENT, 1, "share of absent targets that it took for absent"),
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
)
ALL = tuple(dict.fromkeys((*LIKENESS, *TRUTH, *OUTSIDE, *FINDING, *NO_OPS, SECONDS)))

EDITS = "all edits"


def groups(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Return the cases by group: all real edits, splits, operations, and the general split or not.

    No-ops are in a group of their own; groups without a case are left out.
    """
    real = [case for case in cases if case.split != NO_OP]
    named: dict[str, Callable[[Case], bool]] = {EDITS: lambda case: True}
    named |= {split: _in_split(split) for split in SPLITS if split != NO_OP}
    named |= {operation: _is(operation) for operation in OPERATIONS}
    named |= {"general": lambda case: case.family.general, "left out": lambda case: not case.family.general}
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
    return {
        **{name: _mean([getattr(one, name) for one in measures]) for name in _MEANS},
        **{name: _psnr([getattr(one, _ERRORS[name]) for one in measures]) for name in _ERRORS},
        **_against(measures, copies),
        **_noticed(measures, absent),
        **({} if given else _false_edits(measures)),
    }


_MEANS = (
    "clip_im",
    "clip_dir",
    "clip_out",
    "dino",
    "inside_l1",
    "outside_changed",
    "outside_visible",
    "leaked",
    "changed",
    "mask_iou",
    "seconds",
)
_ERRORS = {"inside_psnr": "inside_mse", "outside_psnr": "outside_mse"}


def _against(measures: Sequence[Measures], copies: Sequence[Measures]) -> Figures:
    """The gain is that of the mean errors: a mean of ratios would hang on edits that change little."""
    pairs = [
        (one.inside_l1, copy.inside_l1)
        for one, copy in zip(measures, copies, strict=True)
        if one.inside_l1 is not None and copy.inside_l1 is not None
    ]
    if not pairs:
        return {"gain": None, "nearer": None}
    error, baseline = (sum(column) for column in zip(*pairs, strict=True))
    return {
        "gain": metrics.gain(error, baseline),
        "nearer": metrics.share([one < copy for one, copy in pairs]),
    }


def _noticed(measures: Sequence[Measures], absent: Sequence[bool]) -> Figures:
    known = [
        (one.no_target_right, none)
        for one, none in zip(measures, absent, strict=True)
        if one.no_target_right is not None
    ]
    return {
        "no_target_accuracy": metrics.share([right for right, none in known if none]),
        "target_accuracy": metrics.share([right for right, none in known if not none]),
        "reference_accuracy": metrics.share(
            [one.reference_right for one in measures if one.reference_right is not None]
        ),
    }


def _false_edits(measures: Sequence[Measures]) -> Figures:
    return {
        "false_edit_rate": metrics.share([one.changed > 0 for one in measures]),
        "visible_false_edit_rate": metrics.share([one.visible > metrics.VISIBLE_SHARE for one in measures]),
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _psnr(errors: Sequence[float | None]) -> float | None:
    """Return the PSNR of the mean error: a mean of PSNRs would be infinite where one picture is exact."""
    mean = _mean(errors)
    return None if mean is None else metrics.psnr(mean)


def by_group(
    cases: Sequence[Case], measures: Sequence[Measures], copies: Sequence[Measures], *, given: bool
) -> dict[str, Figures]:
    """Return the figures of every group of the cases (see `groups`)."""
    return {
        name: figures(
            [measures[case.id] for case in members],
            [copies[case.id] for case in members],
            [case.absent for case in members],
            given=given,
        )
        for name, members in groups(cases).items()
    }


def keys() -> Mapping[str, Figure]:
    """Return every figure by its key."""
    return {figure.key: figure for figure in chain(ALL)}
