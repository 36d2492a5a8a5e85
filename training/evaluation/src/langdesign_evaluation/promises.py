"""What the project promises of the embedded family on this bench, and whether it is kept.

Gains, mask IoU and no-target accuracy are those of the best of the editors judged, other checkpoints and
others' folders of pictures among them: judge the family alone to see what it keeps by itself. The rest is
held against each editor that it is promised of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from .cases import NO_OP
from .figures import EDITS, Figures

GAINS = {"recolour": 0.40, "material": 0.40, "remove": 0.25, "replace": 0.25}
"""By how much edits inside the mask are nearer to the truth than the copy, at least."""

REGULARISED = ("attention", "latent", "strict")
"""The levels that know a region."""


@dataclass(frozen=True)
class Promise:
    """One figure that is promised of an editor."""

    what: str
    target: float
    editor: str
    value: float
    met: bool
    at_most: bool = False  # whether less than the target is better
    best: bool = False  # whether the editor is the best of all that were judged on this


def promises(figures: Mapping[str, Mapping[str, Figures]]) -> list[dict[str, object]]:
    """Return the promises that the editors' figures (by editor and group) bear on, without the baselines."""
    return [asdict(promise) for promise in _promises(figures)]


def _promises(figures: Mapping[str, Mapping[str, Figures]]) -> Iterator[Promise]:
    for operation, target in GAINS.items():
        yield from _most(f"gain inside, {operation}", target, _column(figures, operation, "gain"))
    yield from _most("mask IoU", 0.70, _column(figures, EDITS, "mask_iou"))
    yield from _most("no-target accuracy", 0.85, _column(figures, NO_OP, "no_target_accuracy"))
    yield from _least("false certificates", 0.02, _column(figures, EDITS, "false_certificate_rate"))
    # Of those that look for the target: plain editing takes every no-op for an edit.
    looking = dict(_column(figures, NO_OP, "no_target_accuracy"))
    false_edits = [pair for pair in _column(figures, NO_OP, "false_edit_rate") if pair[0] in looking]
    yield from _least("false edits", 0.08, false_edits)
    for name, value in _column(figures, EDITS, "leaked"):
        if name.split(": ")[-1].startswith("strict"):
            what = "changed beyond the region and its feather"
            yield Promise(what, 0.0, name, value, value == 0, at_most=True)
    yield from _beside_plain(figures)


def _beside_plain(figures: Mapping[str, Mapping[str, Figures]]) -> Iterator[Promise]:
    """Yield by how much each level that knows a region gains more inside than plain editing.

    It is kept only where that level also leaves more of the outside as it was.
    """
    kept = dict(_column(figures, EDITS, "outside_psnr"))
    gained = dict(_column(figures, EDITS, "gain"))
    for name in sorted(kept.keys() & gained.keys()):
        checkpoint, separator, level = name.rpartition(": ")
        plain = f"{checkpoint}{separator}plain"
        if plain in gained.keys() & kept.keys() and level.split(",")[0] in REGULARISED:
            value = gained[name] - gained[plain]
            met = value >= 0 and kept[name] > kept[plain]
            yield Promise("gain inside over plain's, with more kept outside", 0.0, name, value, met)


def _column(figures: Mapping[str, Mapping[str, Figures]], group: str, key: str) -> list[tuple[str, float]]:
    found = ((name, groups.get(group, {}).get(key)) for name, groups in figures.items())
    return [(name, value) for name, value in found if value is not None]


def _least(what: str, target: float, found: Sequence[tuple[str, float]]) -> Iterator[Promise]:
    """Yield the promise as the best of the editors judged keeps it: the one with the least."""
    if found:
        name, value = min(found, key=lambda pair: pair[1])
        yield Promise(what, target, name, value, value <= target, at_most=True, best=True)


def _most(what: str, target: float, found: Sequence[tuple[str, float]]) -> Iterator[Promise]:
    """Yield the promise as the best of the editors judged keeps it, whoever made that editor."""
    if found:
        name, value = max(found, key=lambda pair: pair[1])
        yield Promise(what, target, name, value, value >= target, best=True)
