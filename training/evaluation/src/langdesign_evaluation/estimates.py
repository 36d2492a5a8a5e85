"""How each figure of a group of cases follows from their measures: for the figure and for its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .bootstrap import Numbers, Statistic, first_mean, gain_of_means, psnr_of_mean
from .measures import Measures
from .metrics import VISIBLE_SHARE


class Seen(NamedTuple):
    """One case as an editor left it."""

    own: Measures
    copy: Measures  # of the identity baseline
    absent: bool  # whether the case has no target


@dataclass(frozen=True)
class Estimate:
    """A figure as a function of means over cases."""

    columns: Callable[[Seen], Sequence[float | None]]  # a case's numbers; any None leaves the case out
    statistic: Statistic = first_mean

    def table(self, seen: Sequence[Seen]) -> list[Numbers] | None:
        """Return the columns over the cases that bear on it; None where none does."""
        rows = [row for row in map(self.columns, seen) if None not in row]
        return list(np.array(rows, float).T) if rows else None


def _mean(name: str) -> Estimate:
    return Estimate(lambda seen: [getattr(seen.own, name)])


def _psnr(name: str) -> Estimate:
    """Return the PSNR of the mean error: a mean of PSNRs would be infinite where one picture is exact."""
    return Estimate(lambda seen: [getattr(seen.own, name)], psnr_of_mean)


def _errors(seen: Seen) -> Sequence[float | None]:
    return [seen.own.inside_l1, seen.copy.inside_l1]


def _nearer(seen: Seen) -> Sequence[float | None]:
    error, baseline = seen.own.inside_l1, seen.copy.inside_l1
    return [None if error is None or baseline is None else float(error < baseline)]


def _share(name: str, absent: bool) -> Estimate:
    """Return a share of the cases whose target is absent, or present."""
    return Estimate(lambda seen: [getattr(seen.own, name) if seen.absent == absent else None])


MEANS = (
    "clip_im",
    "clip_dir",
    "clip_out",
    "dino",
    "inside_l1",
    "outside_changed",
    "outside_visible",
    "bare_visible",
    "bare_dino",
    "seam",
    "structure",
    "leaked",
    "changed",
    "mask_iou",
    "seconds",
)

ESTIMATES: Mapping[str, Estimate] = {
    **{name: _mean(name) for name in MEANS},
    "inside_psnr": _psnr("inside_mse"),
    "outside_psnr": _psnr("outside_mse"),
    "bare_psnr": _psnr("bare_mse"),
    # The gain is that of the mean errors: a mean of ratios would hang on edits that change little.
    "gain": Estimate(_errors, gain_of_means),
    "nearer": Estimate(_nearer),
    "no_target_accuracy": _share("no_target_right", absent=True),
    "target_accuracy": _share("no_target_right", absent=False),
    "false_certificate_rate": _share("certified", absent=False),
    "certified": _share("certified", absent=True),
    "uncertain_present": _share("uncertain", absent=False),
    "uncertain_absent": _share("uncertain", absent=True),
    "reference_accuracy": _mean("reference_right"),
}

FALSE_EDITS: Mapping[str, Estimate] = {
    "false_edit_rate": Estimate(lambda seen: [float(seen.own.changed > 0)]),
    "visible_false_edit_rate": Estimate(lambda seen: [float(seen.own.visible > VISIBLE_SHARE)]),
}
"""Of editors that are not told which cases are no-ops."""
