"""Random draws that styles are made of."""

from __future__ import annotations

from typing import TypeVar

from numpy.random import Generator

from ..parts import Role

T = TypeVar("T")


def between(rng: Generator, low: float, high: float) -> float:
    """Draw a length or a ratio."""
    return float(rng.uniform(low, high))


def pick(rng: Generator, *options: T) -> T:
    """Draw one of the options."""
    return options[int(rng.integers(len(options)))]


def stand_role(rng: Generator) -> Role:
    """Draw whether legs look like the rest or set it off."""
    return pick(rng, "main", "frame")


def chance(rng: Generator, share: float) -> bool:
    """Whether something that happens in this share of cases does."""
    return bool(rng.random() < share)
