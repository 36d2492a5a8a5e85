"""With which guidance a tuned editor is sampled best: by what the gate of a promotion asks.

More guidance of the text (s_T) moves an edit along its instruction, more of the image (s_I) keeps the picture
(InstructPix2Pix, figure 8). How far either goes is another matter for every model, and no loss of its
training tells. The cases must be others than those that the editor was trained on, and than those that
judge it afterwards.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from langdesign_instruct_pix2pix.editor import Editor
from transformers.utils.logging import disable_progress_bar

from .cases import NO_OP, TrueCase
from .columns import Telling, Told, judged
from .comparing import choice_of, sampling_of
from .contestants import loaded
from .editors import Sampling
from .evidence import WAYS, Evidence, cases_of
from .features import Clip, Dino
from .paired import model_means
from .provenance import identity
from .sources import TrueSource

Scales = tuple[float, float]

SCALES: tuple[Scales, ...] = ((2.0, 1.0), (3.0, 1.0), (4.0, 1.0), (6.0, 1.0), (2.0, 1.5), (4.0, 1.5))
"""Guidance that is tried: of the text (s_T) and of the image (s_I)."""

_ROUNDING = 1e-9
_WAYS = tuple(way for way in WAYS if way.name != "plain-no-op")  # whose figures no gate asks for


@dataclass(frozen=True)
class Trial:
    """An editor with one guidance; figures are means, None where no case tells them."""

    guidance_scale: float  # s_T
    image_guidance_scale: float  # s_I
    clip_dir: float | None
    outside_psnr: float | None  # dB, before compositing
    false_edit_rate: float | None  # share of no-ops, 0..1


@dataclass(frozen=True)
class Trials:
    """A base with its own guidance, and what was tuned from it with each."""

    base: Trial
    tuned: tuple[Trial, ...]  # the first with the guidance that it advises itself
    no_ops: int  # that each was tried on


def try_guidance(
    base: Path,
    tuned: Path,
    source: TrueSource,
    scales: Sequence[Scales] = SCALES,
    *,
    clip: Path,
    dino: Path,
    out: Path,
    edits: int,
    no_ops: int,
    seed: int = 0,
    progress: Told | None = None,
    device: torch.device | str = "cpu",
) -> Trials:
    """Edit the same cases with each guidance; outcomes stay in a folder, so that what is cut short goes on.

    Args:
        base: diffusers folder of the editor before.
        tuned: of the editor after.
        source: of the cases.
        scales: guidance that is tried beside what the tuned editor's folder advises.
        clip: CLIP folder that judges.
        dino: DINOv2 folder that judges.
        out: folder of the pictures.
        edits: how many real edits, about.
        no_ops: how many cases that must change nothing, at most.
        seed: of the choice of cases and the edits' noise.
        progress: hears which share is done, 0..1.
        device: where to edit and to judge.

    Raises:
        EvaluationError: a model or the set is missing or does not fit.

    """
    disable_progress_bar()
    cases = source.cases(choice_of(edits, no_ops, seed))
    judge = Evidence(Clip(clip, device), Dino(dino, device))
    own = sampling_of(tuned, seed)
    tried = dict.fromkeys(((own.text_guidance, own.image_guidance), *scales))
    rounds = [(base, sampling_of(base, seed)), *((tuned, _with(own, one)) for one in tried)]
    telling = Telling(progress, len(rounds) * sum(len(cases_of(cases, way)) for way in _WAYS))
    editors = {
        folder: loaded(folder, lambda path: Editor.load(path, device=device)) for folder in (base, tuned)
    }
    first, *others = (
        _trial(editors[folder], folder, sampling, cases, judge, out, telling) for folder, sampling in rounds
    )
    return Trials(first, tuple(others), sum(case.split == NO_OP for case in cases))


def best(trials: Trials, *, psnr_margin: float, false_edit_margin: float) -> Trial:
    """Return the trial that goes furthest along the instructions, of those that are not worse elsewhere.

    "Not worse" than the base is meant within the margins, of the means: what the intervals say is the
    gate's business, on cases of its own. Where none is, the one with the fewest false edits.

    Args:
        trials: the first of equals is taken.
        psnr_margin: dB that the PSNR outside the region may fall.
        false_edit_margin: that the share of edited no-ops, 0..1, may rise; by one no-op it may, however few
            there are.

    """
    may_rise = max(false_edit_margin, 1 / max(trials.no_ops, 1)) + _ROUNDING

    def kept(trial: Trial) -> bool:
        lost = _less(trials.base.outside_psnr, trial.outside_psnr)
        risen = _less(trial.false_edit_rate, trials.base.false_edit_rate)
        return lost <= psnr_margin and risen <= may_rise

    keeping = [trial for trial in trials.tuned if kept(trial)]
    if keeping:
        return max(keeping, key=lambda trial: _less(trial.clip_dir, 0.0))
    return min(trials.tuned, key=lambda trial: _less(trial.false_edit_rate, 0.0))


def _less(one: float | None, other: float | None) -> float:
    """Return the first less the second; 0 where either is not known."""
    return 0.0 if one is None or other is None else one - other


def _with(sampling: Sampling, scales: Scales) -> Sampling:
    return dataclasses.replace(sampling, text_guidance=scales[0], image_guidance=scales[1])


def _trial(
    editor: Editor,
    folder: Path,
    sampling: Sampling,
    cases: Sequence[TrueCase],
    judge: Evidence,
    out: Path,
    telling: Telling,
) -> Trial:
    made = f"{identity(folder)} {sampling}"
    means = model_means(judged(editor, made, sampling, cases, judge, out, telling, _WAYS))
    return Trial(
        sampling.text_guidance,
        sampling.image_guidance,
        means.get("clip_dir"),
        means.get("outside_psnr"),
        means.get("false_edit_rate"),
    )
