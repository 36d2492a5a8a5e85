"""Figures of two models on the same cases, and of their paired difference, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .bootstrap import (
    Interval,
    Numbers,
    Statistic,
    difference,
    first_mean,
    gain_of_means,
    interval,
    psnr_of_mean,
)
from .comparison import finite

_FIGURES: Mapping[str, tuple[tuple[str, ...], Statistic]] = {
    **{
        key: ((key,), first_mean)
        for key in (
            "clip_im",
            "clip_dir",
            "clip_out",
            "dino",
            "structure",
            "strict_clip_dir",
            "outside_visible",
            "outside_dino",
            "seam",
            "false_edit_rate",
            "no_op_changed",
            "any_change_rate",
            "plain_false_edit_rate",
            "plain_no_op_changed",
            "plain_any_change_rate",
        )
    },
    "plain_gain": (("plain_l1", "plain_copy_l1"), gain_of_means),
    "gain": (("strict_l1", "strict_copy_l1"), gain_of_means),
    "outside_psnr": (("outside_mse",), psnr_of_mean),
    "plain_outside_psnr": (("plain_outside_mse",), psnr_of_mean),
}
"""By figure: the columns that it is made of, and how."""


def paired_figures(tables: Mapping[str, Mapping[str, Numbers]], seed: int) -> dict[str, dict[str, Interval]]:
    """Return each figure's interval by model, and as "difference" that of tuned less base, case by case.

    Args:
        tables: columns of a number a case, by model ("base" and "tuned" among them) and name; NaN where a
            case has nothing to say. Only cases that say something of every model count.
        seed: of the bootstrap.

    """
    found: dict[str, dict[str, Interval]] = {}
    for key, (names, statistic) in _FIGURES.items():
        if any(name not in table for name in names for table in tables.values()):
            continue  # a set without no-ops, or of no-ops alone
        columns = _complete({model: [table[name] for name in names] for model, table in tables.items()})
        if columns is None:
            continue
        intervals = {model: interval(own, statistic, seed) for model, own in columns.items()}
        intervals["difference"] = difference(columns["base"], columns["tuned"], statistic, seed)
        kept = {name: one for name, one in intervals.items() if finite(one)}
        if {"base", "tuned", "difference"} <= kept.keys():
            found[key] = kept
    return found


def model_means(columns: Mapping[str, Numbers]) -> dict[str, float]:
    """Return each figure of one model, of the cases that tell it; a figure that none tells is left out.

    Args:
        columns: a number a case by name, NaN where a case has nothing to say.

    """
    found: dict[str, float] = {}
    for key, (names, statistic) in _FIGURES.items():
        if any(name not in columns for name in names):
            continue
        known = _complete({"": [columns[name] for name in names]})
        if known is not None:
            mean = float(statistic(np.stack(known[""], axis=-1).mean(axis=0)))
            found |= {key: mean} if np.isfinite(mean) else {}
    return found


def _complete(columns: Mapping[str, list[Numbers]]) -> dict[str, list[Numbers]] | None:
    """Keep the cases that say something in every column, the same for all models; None where none does."""
    known = np.all([np.isfinite(one) for own in columns.values() for one in own], axis=0)
    return {model: [one[known] for one in own] for model, own in columns.items()} if known.any() else None
