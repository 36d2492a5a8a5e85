"""What is measured on one outcome of one case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from langdesign_edits import Verdict

from . import metrics
from .cases import Case, chunks
from .editors import EditorUnderTest, Outcome, RegionSource
from .features import Clip, Dino
from .metrics import Mask, Pixels

Optional = float | None


@dataclass(frozen=True)
class Measures:
    """One case's figures; None where the case or the editor has nothing to say on it."""

    case: int
    clip_im: float
    clip_dir: Optional
    clip_out: Optional
    dino: float
    inside_l1: Optional  # to the truth, in the exact region, 0..1
    inside_mse: Optional
    outside_mse: Optional  # to the picture before, beyond the exact region and its margin, 0..1
    outside_changed: Optional  # share of those pixels with any changed value
    outside_visible: Optional  # share of those that changed visibly
    bare_mse: Optional  # the same before latents were blended and pixels composited
    bare_visible: Optional
    bare_dino: Optional  # mean cosine of DINO patch features there
    seam: Optional  # how much sharper the steps across the feather are than before, -1..1
    structure: float  # squared change of the DINO patches' self-similarity
    leaked: Optional  # share of changed pixels beyond the editor's own region and feather
    changed: float  # share of the whole picture with any changed value
    visible: float  # share of the whole picture that changed visibly
    mask_iou: Optional  # of the region it found with what the expression means; None for an addition
    no_target_right: bool | None  # whether it noticed that there is no target, or that there is one
    certified: bool | None  # whether it was sure that there is no target
    uncertain: bool | None  # whether it could not tell
    reference_right: bool | None  # whether it read the true expression
    seconds: Optional


class Judge:
    """Measures outcomes.

    Args:
        clip: its pictures' and texts' features.
        dino: its pictures' features.
        margin: px around the exact region that count neither as inside nor as outside: an edit fades there.

    """

    def __init__(self, clip: Clip, dino: Dino, margin: int) -> None:
        self._clip, self._dino, self._margin = clip, dino, margin

    def measure(
        self, cases: Sequence[Case], outcomes: Sequence[Outcome], region: RegionSource
    ) -> list[Measures]:
        """Return the measures of outcomes, one a case, in order."""
        before, after = [case.before() for case in cases], [outcome.picture for outcome in outcomes]
        likeness = self._likeness(cases, before, after)
        return [
            Measures(
                case=case.id,
                **likeness[place],
                **self._pixels(case, before[place], outcomes[place]),
                **_finding(case, outcomes[place], region),
                seconds=outcomes[place].seconds,
            )
            for place, case in enumerate(cases)
        ]

    def direction(self, editor: EditorUnderTest, cases: Sequence[Case]) -> tuple[float, float]:
        """Return the mean CLIP_im and CLIP_dir of an editor on cases whose captions differ."""
        rows = []
        for chunk in chunks(cases, 32):
            before = [case.before() for case in chunk]
            after = [outcome.picture for outcome in editor.edit(chunk)]
            rows += self._likeness(chunk, before, after)
        kept = [row for row in rows if row["clip_dir"] is not None]
        return float(np.mean([r["clip_im"] for r in kept])), float(np.mean([r["clip_dir"] for r in kept]))

    def _likeness(
        self, cases: Sequence[Case], before: Sequence[Pixels], after: Sequence[Pixels]
    ) -> list[dict[str, Any]]:
        images_in, images_out = self._clip.images(before), self._clip.images(after)
        texts_in = self._clip.texts([case.edit.caption_before for case in cases])
        texts_out = self._clip.texts([case.edit.caption_after for case in cases])
        classes_in, classes_out = self._dino.images(before), self._dino.images(after)
        return [
            {
                "clip_im": metrics.clip_im(images_in[row], images_out[row]),
                "clip_dir": metrics.clip_dir(images_in[row], images_out[row], texts_in[row], texts_out[row])
                if cases[row].edit.caption_before and cases[row].edit.caption_after
                else None,
                "clip_out": metrics.clip_out(images_out[row], texts_out[row])
                if cases[row].edit.caption_after
                else None,
                "dino": metrics.dino(classes_in[row], classes_out[row]),
            }
            for row in range(len(cases))
        ]

    def _pixels(self, case: Case, before: Pixels, outcome: Outcome) -> dict[str, Any]:
        after, truth, region = outcome.picture, case.truth(), case.region()
        whole = np.ones(before.shape[:2], bool)
        # Where no region is known, no pixel is known to be inside or outside.
        inside = ~whole if region is None else region
        outside = ~whole if region is None else ~metrics.grown(region, self._margin)
        own = outcome.mask
        beyond = None if own is None else ~metrics.grown(own, self._margin)
        return {
            "inside_l1": None if truth is None else metrics.l1(after, truth, inside),
            "inside_mse": None if truth is None else metrics.mse(after, truth, inside),
            "outside_mse": metrics.mse(after, before, outside),
            "outside_changed": metrics.changed_share(after, before, outside),
            "outside_visible": metrics.changed_share(after, before, outside, metrics.VISIBLE),
            **self._bare(before, outcome, outside),
            "seam": seam_around(before, after, inside, self._margin),
            "structure": metrics.structure(*self._dino.patches([before, after])),
            "leaked": None if beyond is None else metrics.changed_share(after, before, beyond),
            "changed": metrics.changed_share(after, before, whole),
            "visible": metrics.changed_share(after, before, whole, metrics.VISIBLE),
        }

    def _bare(self, before: Pixels, outcome: Outcome, outside: Mask) -> dict[str, Any]:
        """Measure outside what an edit changed before the contract hid it."""
        made = outcome.picture if outcome.uncomposited is None else outcome.uncomposited
        return {
            "bare_mse": metrics.mse(made, before, outside),
            "bare_visible": metrics.changed_share(made, before, outside, metrics.VISIBLE),
            "bare_dino": outside_dino(self._dino, before, made, outside),
        }


def outside_dino(dino: Dino, before: Pixels, after: Pixels, outside: Mask) -> float | None:
    """Return the mean cosine of DINOv2's patch features outside, before and after; None without an outside.

    Patches see the whole picture: where the edit was to act, they see it as it was before.
    """
    alone = np.where(outside[..., None], after, before)
    first, second = dino.patches([before, alone])
    return metrics.patch_likeness(first, second, dino.patch_shares(outside))


def seam_around(before: Pixels, after: Pixels, region: Mask, feather: int) -> float | None:
    """Return the seam across a region's feather and onto the first pixel beyond it (see `metrics.seam`)."""
    return metrics.seam(before, after, metrics.grown(region, feather + 1) & ~region)


def _finding(case: Case, outcome: Outcome, region: RegionSource) -> dict[str, Any]:
    """Return how well the region was found, where it was looked for.

    The mask of an addition is not judged, whoever edits: its expression means the anchor, and services open
    room for the new thing beside that, so a right mask need not be what the expression means.
    """
    read = outcome.expression
    found = region == "found"
    told = found and _asks(case) and outcome.verdict is not None
    means_region = bool(case.edit.located) and case.operation != "add"
    return {
        "mask_iou": _mask_iou(case, outcome) if found and means_region else None,
        "no_target_right": outcome.no_op == case.absent if found and _asks(case) else None,
        "certified": outcome.verdict is Verdict.NO_TARGET if told else None,
        "uncertain": outcome.verdict is Verdict.UNCERTAIN if told else None,
        "reference_right": None if read is None else metrics.same_expression(read, case.edit.expression),
    }


def _asks(case: Case) -> bool:
    """Tell whether the case bears on noticing that a target is there or not."""
    return case.absent or bool(case.edit.located)


def _mask_iou(case: Case, outcome: Outcome) -> float:
    located = case.located()
    whole = np.ones_like(located)
    return metrics.iou(whole if outcome.mask is None else outcome.mask, located)
