"""Recipes of the referring segmentation, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .loop import LoopSettings
from .recipes import Recipe
from .referring import Augmentation, Mixture


@dataclass(frozen=True, kw_only=True)
class SegmentRecipe(Recipe):
    """ReLA from scratch (Liu, Ding and Jiang, GRES, CVPR 2023); `batch` counts expressions."""

    network: str = "mini"  # a preset of `langdesign_rela`
    mixture: Mixture = field(default_factory=Mixture)
    augmentation: Augmentation = field(default_factory=Augmentation)
    mask: float = 2.0  # weight of the cross-entropy over pixels
    dice: float = 2.0  # weight of the dice loss: small things weigh as much as large ones
    minimap: float = 2.0  # weight of the cross-entropy over regions
    no_target: float = 1.0  # weight of the cross-entropy on whether there is a target
    scenery: float = 1.0  # weight of reading class, colour, material and pattern off the mask features
    gates: float = 0.1  # deviation of the gates' first weights: from zero, as published, they never move
    measured: int = 800  # expressions that a validation looks at

    def __post_init__(self) -> None:
        """Raise `ValueError` unless the batch is what the mixture makes."""
        made = self.mixture.pictures * self.mixture.expressions
        if self.batch != made:
            raise ValueError(
                f"batch is {self.batch} and the mixture makes {made} expressions; let them agree"
            )


SEGMENT: Mapping[str, SegmentRecipe] = {
    "mini": SegmentRecipe(
        loop=LoopSettings(
            steps=6000,
            learning_rate=6e-4,
            warmup=200,
            weight_decay=0.05,
            betas=(0.9, 0.98),
            ema=0.998,
            validate_every=1000,
        ),
        batch=128,
        mixture=Mixture(pictures=8, expressions=16),
    ),
}
