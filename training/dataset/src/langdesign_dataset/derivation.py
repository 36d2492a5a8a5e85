"""Samples that follow from kept ones: the edit told the other way round, and no-ops about what is absent."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from .recipes import DatasetRecipe
from .samples import Sample, encode_mask, sample_key
from .wording import absent_thing, inverted, no_op

_SWAPPED = {
    "clip_text_before": "clip_text_after",
    "no_target_before": "no_target_after",
    "forward": "backward",
}


def derive(samples: Sequence[Sample], recipe: DatasetRecipe, things: Sequence[str]) -> list[Sample]:
    """Return what follows from the kept generated pairs.

    Args:
        samples: selected ones.
        recipe: its shares say how many follow; who it is, is drawn by the sample's key.
        things: that a no-op may name.

    """
    pairs = [one for one in samples if one.kept and one.source == "prompt-to-prompt"]
    made = [one for pair in pairs for one in _inverted(pair, recipe.inverted_share)]
    return made + [one for pair in pairs for one in _no_op(pair, recipe, things)]


def _inverted(pair: Sample, share: float) -> Iterator[Sample]:
    triple = inverted(pair.triple, pair.key)
    if triple is None or _draw(pair.key, "inverted") >= share:
        return
    names = {**_SWAPPED, **{second: first for first, second in _SWAPPED.items()}}
    yield dataclasses.replace(
        pair,
        key=sample_key(triple, "inverted", pair.seed),
        triple=triple,
        before=pair.after,
        after=pair.before,
        source="inverted",
        # Scores are the same both ways but for the names of two sides; the judge was asked about one way.
        scores={
            names.get(name, name): score
            for name, score in pair.scores.items()
            if name != "absent" and not name.startswith("judge")
        },
    )


def _no_op(pair: Sample, recipe: DatasetRecipe, things: Sequence[str]) -> Iterator[Sample]:
    thing = absent_thing(pair.triple, pair.key, things)
    absent = pair.scores.get("absent", 0.0)
    if not thing or absent < recipe.gates.no_target or _draw(pair.key, "no-op") >= recipe.no_op_share:
        return
    triple = no_op(pair.triple, pair.key, thing)
    height, width = pair.pictures()[0].shape[:2]
    yield dataclasses.replace(
        pair,
        key=sample_key(triple, "no-op", pair.seed),
        triple=triple,
        after=pair.before,
        mask=encode_mask(np.zeros((height, width), np.bool_)),
        source="no-op",
        scores={"clip_text_before": pair.scores["clip_text_before"], "absent": absent},
    )


def _draw(key: str, purpose: str) -> float:
    return float(np.random.default_rng([int(key[:16], 16), *purpose.encode()]).random())
