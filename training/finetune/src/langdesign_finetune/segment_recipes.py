"""Recipes of the referring segmentation, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .augmentation import Augmentation
from .loop import LoopSettings
from .recipes import Recipe
from .referring import Mixture


@dataclass(frozen=True, kw_only=True)
class BackboneRecipe(Recipe):
    """ReLA's backbone and pixel decoder alone, on what every pixel shows; `batch` counts pictures.

    The published network starts from a backbone that classified ImageNet. A look at a picture costs a part of
    what its expressions cost, so that features are learned several times as fast before there are words.
    """

    network: str = "mini"  # a preset of `langdesign_rela` whose backbone reads no words
    augmentation: Augmentation = field(default_factory=Augmentation)
    measured: int = 128  # pictures that a validation looks at


@dataclass(frozen=True, kw_only=True)
class SegmentRecipe(Recipe):
    """ReLA from scratch (Liu, Ding and Jiang, GRES, CVPR 2023); `batch` counts expressions."""

    start: str = "backbone"  # model of the family that it starts from; "" for random weights
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


@dataclass(frozen=True, kw_only=True)
class FurtherSegmentRecipe(SegmentRecipe):
    """ReLA that goes on with a whole network, on many more expressions than a set keeps."""

    before: str = "segment-before"  # model of the family that it goes on with, in the place of `start`
    absent: int = 24  # expressions of what is not there, written anew for each picture


BACKBONE: Mapping[str, BackboneRecipe] = {
    "mini": BackboneRecipe(
        loop=LoopSettings(
            steps=800,
            learning_rate=1.5e-3,
            warmup=100,
            weight_decay=0.05,
            betas=(0.9, 0.98),
            ema=0.99,
            validate_every=400,
        ),
        batch=32,
    ),
}

SEGMENT: Mapping[str, SegmentRecipe] = {
    "mini": SegmentRecipe(
        loop=LoopSettings(
            steps=8_700,
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
    # Goes on with a network that was adopted (see `adoption`), on many more expressions than a set keeps, for
    # most of its wrong verdicts are about what is almost there.
    "mini-more": FurtherSegmentRecipe(
        loop=LoopSettings(
            steps=2_400,
            learning_rate=3e-4,
            warmup=100,
            weight_decay=0.05,
            betas=(0.9, 0.98),
            ema=0.995,
            validate_every=300,
        ),
        batch=128,
        start="",
        mixture=Mixture(
            pictures=16,
            expressions=8,
            shares={"unique": 0.25, "placed": 0.2, "several": 0.08, "ambiguous": 0.12, "absent": 0.28},
        ),
        augmentation=Augmentation(crop=0.6, smallest=0.6, tint=0.03, brightness=0.12),
        scenery=0.5,
        measured=1200,
    ),
}
