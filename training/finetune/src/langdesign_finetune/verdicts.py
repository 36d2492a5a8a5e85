"""From where a segmentation network is sure: thresholds from validation, and the words it was taught."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from langdesign_edits import Verdict
from langdesign_edits.edges import outlined, shown
from langdesign_edits.verdicts import Thresholds
from langdesign_rela import Predictor, Request
from langdesign_rela.words import SILENT, WORDS, read_words
from langdesign_scenes.dataset import SceneSet
from numpy.typing import NDArray

from .disk import writing
from .errors import DataError
from .pictures import Pictures, load_pictures, mirrored
from .referring import Expressions, gather

THRESHOLDS = "thresholds.json"
"""File of a checkpoint: its thresholds, as the segmentation service reads them."""

FALSE_CERTIFICATES = 0.015
"""Share of present targets, at most, that may be certified absent; 2% are promised, on other families."""
FALSE_EDITS = 0.08
"""Share of absent targets, at most, that may be taken for found."""

_MASK_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
_STEPS = tuple(round(0.01 * step, 2) for step in range(2, 100))  # of the probability that nothing is meant
_LEAST_AREAS = (0.0, 0.0005, 0.001, 0.0015, 0.002, 0.0025, 0.003, 0.004, 0.005, 0.006)  # shares of a picture
_LOST = 0.005  # share of present targets, at most, that are not edited for a small mask though it is of use
_OF_USE = 0.1  # IoU from which it is: an edit of fewer of its pixels acts elsewhere
_OFTEN = 2  # times that a word is read until it is taught

_WORD = re.compile(r"[^\W_]+")

Probabilities = NDArray[np.float32]
Masks = NDArray[np.bool_]


def choose_thresholds(probabilities: Probabilities, no_target: Probabilities, truth: Masks) -> Thresholds:
    """Choose the thresholds of a network on expressions that it was not trained on.

    The mask's is that of the best mean IoU. Absence is certified from the least probability at which no more
    certificates are false than `FALSE_CERTIFICATES` says, and nothing is edited from the greatest at which no
    more absent targets are edited than `FALSE_EDITS` says; where none does, from the last of those tried. The
    least area is the largest that loses next to no edit of a mask that is of use.

    Args:
        probabilities: of masks [S, H, W].
        no_target: probabilities [S].
        truth: masks [S, H, W]; empty where nothing is meant.

    """
    meant = truth.any(axis=(1, 2))
    overlaps = {at: ious(probabilities[meant] >= at, truth[meant]) for at in _MASK_THRESHOLDS}
    mask = max(overlaps, key=lambda at: (_mean(overlaps[at]), -abs(at - 0.5)))
    certain = next((at for at in _STEPS if _mean(no_target[meant] >= at) <= FALSE_CERTIFICATES), _STEPS[-1])
    areas = (probabilities >= mask).mean(axis=(1, 2))
    of_use = np.zeros(len(truth), np.bool_)
    of_use[meant] = overlaps[mask] >= _OF_USE
    tried = [
        Thresholds(mask, certain, _uncertain(no_target[~meant], areas[~meant], certain, least), least)
        for least in _LEAST_AREAS
    ]

    def lost(one: Thresholds) -> float:
        """Return how many edits of use the area alone prevents; the probability prevents some anyway."""
        return _mean((of_use & (areas < one.least_area) & (no_target < one.uncertain))[meant])

    return next(one for one in reversed(tried) if lost(one) <= _LOST)


def _uncertain(no_target: Probabilities, areas: NDArray[np.float64], certain: float, least: float) -> float:
    """Return from which probability on nothing is to be edited, where no mask below `least` is.

    Args:
        no_target: probabilities of the A expressions of what is not there [A].
        areas: shares of a picture that their masks take [A].
        certain: probability from which absence is certified; no more than it is returned.
        least: area, as share of a picture, below which a mask is not edited.

    """
    edited = no_target[(areas > 0) & (areas >= least)]
    allowed = FALSE_EDITS * max(1, len(areas))
    kept = [at for at in _STEPS if at <= certain and np.count_nonzero(edited < at) <= allowed]
    return max(kept, default=_STEPS[0])


def taught(expressions: Expressions, words: frozenset[str]) -> NDArray[np.bool_]:
    """Return which of S expressions hold words alone that a network was taught [S].

    Of what else they name, services say that it is unknown, whatever the network says.
    """
    known = words | SILENT
    return np.array([set(_WORD.findall(text.lower())) <= known for text in expressions.texts], np.bool_)


def verdicts(masks: Masks, no_target: Probabilities, thresholds: Thresholds) -> NDArray[np.object_]:
    """Return the verdict on each of S expressions.

    Args:
        masks: that the network draws [S, H, W].
        no_target: probabilities [S].
        thresholds: of the network.

    """
    said = zip(no_target, masks.mean(axis=(1, 2)), strict=True)
    return np.array([thresholds.verdict(float(none), float(area)) for none, area in said], np.object_)


def certainty(given: NDArray[np.object_], meant: Masks) -> dict[str, float]:
    """Return how often verdicts are wrong, and how often uncertain, of those targets that there are any of.

    Args:
        given: verdicts [S].
        meant: whether there is a target [S].

    """
    of = {
        "false_certificates": (Verdict.NO_TARGET, meant),
        "certified": (Verdict.NO_TARGET, ~meant),
        "false_edits": (Verdict.FOUND, ~meant),
        "uncertain_present": (Verdict.UNCERTAIN, meant),
        "uncertain_absent": (Verdict.UNCERTAIN, ~meant),
    }
    return {name: _mean(given[rows] == verdict) for name, (verdict, rows) in of.items() if rows.any()}


def ious(masks: Masks, truth: Masks) -> NDArray[np.float64]:
    """Return the IoU of each of S masks with its truth, both [S, H, W]; 0 where both are empty."""
    overlap, union = (masks & truth).sum(axis=(1, 2)), (masks | truth).sum(axis=(1, 2))
    return overlap / np.maximum(union, 1)  # type: ignore[no-any-return]


def predict(
    predictor: Predictor, pictures: Pictures, expressions: Expressions
) -> tuple[Probabilities, Probabilities]:
    """Return the probabilities of S masks [S, H, W], and of there being no target [S].

    The masks follow the pictures' edges, as those of the segmentation service do.
    """
    asked = zip(expressions.rows, expressions.texts, strict=True)  # a picture's stand together
    requests = [
        Request(shown(pictures.pixels[row], predictor.working), [text for _, text in said])
        for row, said in itertools.groupby(asked, key=lambda one: one[0])
    ]
    answers = predictor.predict_many(requests)
    drawn = itertools.chain.from_iterable(one.probability for one in answers)
    return (
        np.stack(
            [
                outlined(values, pictures.pixels[row], predictor.working)
                for row, values in zip(expressions.rows, drawn, strict=True)
            ]
        ),
        np.concatenate([one.no_target for one in answers]),
    )


def true_masks(pictures: Pictures, expressions: Expressions) -> Masks:
    """Return what each of S expressions means [S, H, W]."""
    return np.stack([expressions.mask(i, pictures.index_maps[row]) for i, row in enumerate(expressions.rows)])


def taught_words(expressions: Expressions) -> frozenset[str]:
    """Return the words that a network reads often enough in its training to learn what they say.

    Of a word that it read of absent things alone ("piano") it learned that there is none in such rooms.
    """
    texts = (one for text in expressions.texts for one in {text, mirrored(text)})
    counts = Counter(word for text in texts for word in set(_WORD.findall(text.lower())))
    return frozenset(word for word, count in counts.items() if count >= _OFTEN)


def write_thresholds(folder: Path, thresholds: Thresholds) -> None:
    """Write the thresholds into a checkpoint."""
    text = json.dumps(dataclasses.asdict(thresholds), indent=2) + "\n"
    with writing(str(folder / THRESHOLDS)):
        (folder / THRESHOLDS).write_text(text, "utf-8")


def write_words(folder: Path, words: Iterable[str]) -> None:
    """Write the words that a network was taught into its checkpoint."""
    with writing(str(folder / WORDS)):
        (folder / WORDS).write_text("\n".join(sorted(words)) + "\n", "utf-8")


def refit(
    folder: Path, scenes: SceneSet, others: Sequence[SceneSet] = (), *, words: bool, device: str = "cpu"
) -> Mapping[str, float]:
    """Choose a checkpoint's thresholds anew on families that it was not trained on, and write them into it.

    Args:
        folder: of the checkpoint.
        scenes: the rendered set that the network was trained on, or a part of it; its validation families
            count.
        others: further sets, that it was not trained on; all of their families count.
        words: whether to write the words of the training families too.
        device: where to segment.

    Returns:
        How many expressions, how often verdicts are wrong on them, and how often uncertain.

    Raises:
        DataError: there is no such family.
        CheckpointError: the checkpoint cannot be read.

    """
    sets = [load_pictures(one) for one in (scenes, *others)]
    places = [sets[0].places("validation"), *(one.places() for one in sets[1:])]
    if not any(places):
        raise DataError(f"{scenes.folder} holds no family to validate on; render more with `make scenes`")
    if words:
        write_words(folder, taught_words(gather(sets[0], sets[0].places("train"))))
    predictor = Predictor.from_folder(folder, torch.device(device))
    known = read_words(folder)
    asked = [_asked(predictor, *one, known) for one in zip(sets, places, strict=True)]
    probabilities, no_target, truth = (np.concatenate(part) for part in zip(*asked, strict=True))
    chosen = choose_thresholds(probabilities, no_target, truth)
    write_thresholds(folder, chosen)
    given = verdicts(probabilities >= chosen.mask_threshold, no_target, chosen)
    meant: NDArray[np.bool_] = truth.any(axis=(1, 2))  # type: ignore[assignment] # of three axes one is left
    return {"expressions": float(len(truth)), **certainty(given, meant)}


def _asked(
    predictor: Predictor, pictures: Pictures, places: Sequence[int], known: frozenset[str] | None
) -> tuple[Probabilities, Probabilities, Masks]:
    """Return what a network answers to the expressions of families in words that it knows, and the truth."""
    expressions = gather(pictures, places, removed=False)
    if known is not None:
        expressions = expressions.taken(np.flatnonzero(taught(expressions, known)))
    return *predict(predictor, pictures, expressions), true_masks(pictures, expressions)


def _mean(values: NDArray[np.generic]) -> float:
    return float(values.mean()) if values.size else 0.0
