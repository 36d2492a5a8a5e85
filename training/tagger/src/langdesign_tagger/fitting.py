"""Logistic regression by Newton's method (iteratively reweighted least squares), with a ridge."""

from collections.abc import Sequence

import numpy as np

_STEPS = 25
_RIDGE = 1.0
"""Pull towards no weight: what hardly occurs says hardly anything."""


def fit(samples: Sequence[tuple[Sequence[float], bool]], size: int) -> list[float]:
    """Return the weights that make the samples likeliest.

    Args:
        samples: Features of a reading, and whether the reading was right.
        size: How many features there are.

    """
    features = np.array([some for some, _ in samples], float).reshape(-1, size)
    rights = np.array([right for _, right in samples], float)
    weights = np.zeros(size)
    for _ in range(_STEPS):
        shares = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        slopes = features.T @ (rights - shares) - _RIDGE * weights
        bends = (features.T * (shares * (1 - shares))) @ features + _RIDGE * np.eye(len(weights))
        weights = weights + np.linalg.solve(bends, slopes)
    return [float(weight) for weight in weights]
