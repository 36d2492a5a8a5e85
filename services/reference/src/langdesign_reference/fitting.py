"""`python -m langdesign_reference.fitting SET...`: the weights of a reading's evidence, fitted."""

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from langdesign_reference.certainty import NAMES
from langdesign_reference.lexicon import LANGUAGES, load_lexicon
from langdesign_reference.parser import read
from langdesign_reference.scoring import is_exact

_STEPS, _RATE = 4000, 0.02
_RIDGE = 0.02
"""Pull towards no weight, per row: what hardly occurs says hardly anything."""
Sample = tuple[tuple[float, ...], bool]


def main(paths: Sequence[str]) -> None:
    """Print the start and the weights, and the Brier score of the fit."""
    samples = [sample for path in paths for sample in _samples(Path(path))]
    start, *weights = fit(samples)
    found = [(chance([start, *weights], features), right) for features, right in samples]
    brier = sum((share - right) ** 2 for share, right in found) / len(found)
    told = {"start": start, **dict(zip(NAMES, weights, strict=True)), "brier": brier, "rows": len(found)}
    sys.stdout.write(json.dumps({name: round(value, 3) for name, value in told.items()}, indent=2) + "\n")


def _samples(path: Path) -> list[Sample]:
    lexicons = {language: load_lexicon(language) for language in LANGUAGES}
    samples = list[Sample]()
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        found = read(row["instruction"], lexicons[row["language"]])
        if found is not None:
            reading, evidence = found
            samples.append((astuple(evidence), is_exact(reading, row)))
    return samples


def fit(samples: Sequence[Sample]) -> list[float]:
    """Return start and weights that make the samples likeliest; no evidence speaks for a reading.

    Args:
        samples: The evidence of readings, and whether each was right.

    """
    weights = [0.0] * (1 + len(samples[0][0]))
    for _ in range(_STEPS):
        slopes = [0.0, *(_RIDGE * weight for weight in weights[1:])]
        for features, right in samples:
            error = (chance(weights, features) - right) / len(samples)
            slopes[0] += error
            for index, feature in enumerate(features, 1):
                slopes[index] += error * feature
        weights = [weight - _RATE * 10 * slope for weight, slope in zip(weights, slopes, strict=True)]
        weights[1:] = [min(0.0, weight) for weight in weights[1:]]
    return weights


def chance(weights: Sequence[float], features: Sequence[float]) -> float:
    """Return the chance of a reading with this evidence."""
    score = weights[0] + sum(a * b for a, b in zip(weights[1:], features, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


if __name__ == "__main__":
    main(sys.argv[1:])
