"""Logistic regression by Newton's method (iteratively reweighted least squares), with a ridge."""

from collections.abc import Sequence

from langdesign_reference.tagging.choice import chance

_STEPS = 12
_RIDGE = 1.0
"""Pull towards no weight: what hardly occurs says hardly anything."""


def fit(samples: Sequence[tuple[Sequence[float], bool]]) -> list[float]:
    """Return the weights that make the samples likeliest.

    Args:
        samples: Features of a reading, the first of which is always 1, and whether the reading was right.

    """
    size = len(samples[0][0])
    weights = [0.0] * size
    for _ in range(_STEPS):
        slopes = [-_RIDGE * weight for weight in weights]
        bends = [[_RIDGE * (row == column) for column in range(size)] for row in range(size)]
        for features, right in samples:
            share = chance(weights, features)
            for row, value in enumerate(features):
                if value:
                    slopes[row] += (right - share) * value
                    scaled = share * (1 - share) * value
                    bends[row] = [
                        bend + scaled * other for bend, other in zip(bends[row], features, strict=True)
                    ]
        step = _solved(bends, slopes)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
    return weights


def _solved(matrix: list[list[float]], values: list[float]) -> list[float]:
    """Solve a system of linear equations of a positive definite matrix, by Gaussian elimination."""
    rows = [[*row, value] for row, value in zip(matrix, values, strict=True)]
    for pivot, row in enumerate(rows):
        for below in rows[pivot + 1 :]:
            factor = below[pivot] / row[pivot]
            below[pivot:] = [
                one - factor * other for one, other in zip(below[pivot:], row[pivot:], strict=True)
            ]
    found = [0.0] * len(rows)
    for at in reversed(range(len(rows))):
        known = sum(rows[at][later] * found[later] for later in range(at + 1, len(rows)))
        found[at] = (rows[at][-1] - known) / rows[at][at]
    return found
