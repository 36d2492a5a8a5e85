"""How sure a figure is: bootstrap intervals over cases (Efron and Tibshirani, 1993, section 13.3).

A figure is a function of means over cases: a mean itself, a gain (a ratio of means), a PSNR (of a mean
error). So cases are drawn anew with replacement, their means taken, and the function with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Statistic = Callable[[Numbers], Numbers]
"""From the means of k columns, [..., k], to a figure, [...]."""

DRAWS = 2_000
_LOW, _HIGH = 2.5, 97.5  # percentiles of a 95% interval


@dataclass(frozen=True)
class Interval:
    """A figure with its 95% interval."""

    mean: float  # as measured, over all cases
    low: float
    high: float


def interval(columns: Sequence[Numbers], statistic: Statistic, seed: int = 0) -> Interval:
    """Return a figure of n >= 1 cases with the percentile interval of its bootstrap.

    Args:
        columns: k columns of numbers, [n] each, a row a case.
        statistic: from means of the columns to the figure.
        seed: of the draws.

    """
    table = np.stack(columns, axis=-1)
    return _interval(statistic(table.mean(axis=0)), statistic(_resampled(table, seed)))


def difference(
    first: Sequence[Numbers], second: Sequence[Numbers], statistic: Statistic, seed: int = 0
) -> Interval:
    """Return the figure of the second less that of the first, paired: the same cases are drawn for both."""
    tables = [np.stack(columns, axis=-1) for columns in (first, second)]
    measured = [statistic(table.mean(axis=0)) for table in tables]
    drawn = [statistic(_resampled(table, seed)) for table in tables]
    with np.errstate(invalid="ignore"):  # two infinite PSNRs have no difference
        return _interval(measured[1] - measured[0], drawn[1] - drawn[0])


def first_mean(means: Numbers) -> Numbers:
    """Return the mean of the only column."""
    kept: Numbers = means[..., 0]
    return kept


def gain_of_means(means: Numbers) -> Numbers:
    """Return 1 - error/baseline of two columns (see `metrics.gain`); NaN where there is no baseline error."""
    error, baseline = means[..., 0], means[..., 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        gained: Numbers = np.where(baseline > 0, 1.0 - error / baseline, np.nan)
    return gained


def psnr_of_mean(means: Numbers) -> Numbers:
    """Return the PSNR in dB of a column of mean squared errors on 0..1: infinite where all are 0."""
    with np.errstate(divide="ignore"):
        decibels: Numbers = -10.0 * np.log10(means[..., 0])
    return decibels


def _resampled(table: Numbers, seed: int) -> Numbers:
    means: Numbers = _counts(len(table), seed) @ table / len(table)
    return means


@lru_cache(maxsize=8)
def _counts(cases: int, seed: int) -> Numbers:
    """Return how often each case is in each draw, [DRAWS, cases]: one product resamples all columns."""
    drawn = np.random.default_rng(seed).multinomial(cases, np.full(cases, 1 / cases), size=DRAWS)
    return drawn.astype(np.float64)


def _interval(measured: Numbers, drawn: Numbers) -> Interval:
    # The nearest draw: between two infinite ones there is nothing to interpolate.
    low, high = np.percentile(drawn, (_LOW, _HIGH), method="nearest")
    return Interval(float(measured), float(low), float(high))
