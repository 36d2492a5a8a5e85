"""The losses that ReLA is trained with, as pure functions of logits and truth.

The published criterion is five times the sum of a cross-entropy on the masks and a tenth each of those on
the minimap and on the no-target logits; all weigh the two classes 0.9 to 1.1. It names a dice weight and
computes no dice loss; here dice is at hand for small masks, with weight 0 by default.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor
from torch.nn import functional

from .region_decoder import RelaOutput

_CLASS_WEIGHTS = (0.9, 1.1)


@dataclass(frozen=True)
class LossWeights:
    """The weight of each loss in the total."""

    mask: float = 5.0
    minimap: float = 0.5
    no_target: float = 0.5
    dice: float = 0.0


class Targets(NamedTuple):
    """The truth about N expressions."""

    masks: Tensor  # all that is meant together, 0 or 1 [N, H, W], at the network's image size
    empty: Tensor  # whether nothing is meant, bool [N]


class Losses(NamedTuple):
    """Scalars, unweighted but for the total."""

    total: Tensor
    mask: Tensor
    minimap: Tensor
    no_target: Tensor
    dice: Tensor


def rela_losses(output: RelaOutput, targets: Targets, weights: LossWeights | None = None) -> Losses:
    """Return all losses of a batch, in fp32.

    Args:
        output: what the network returned for N expressions.
        targets: the truth about them, on the same device.
        weights: None for the published ones.

    """
    weights = weights or LossWeights()
    size = targets.masks.shape[-2:]
    logits = functional.interpolate(output.masks.float(), size=size, mode="bilinear", align_corners=False)
    mask = mask_loss(logits, targets.masks)
    minimap = minimap_loss(output.minimap.float(), targets.masks)
    no_target = no_target_loss(output.no_target.float(), targets.empty)
    dice = dice_loss(logits, targets.masks)
    total = (
        weights.mask * mask + weights.minimap * minimap + weights.no_target * no_target + weights.dice * dice
    )
    return Losses(total, mask, minimap, no_target, dice)


def mask_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Weighted cross-entropy of mask logits [N, 2, H, W] on masks of 0 and 1 [N, H, W]."""
    return _cross_entropy(logits, masks)


def minimap_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Weighted cross-entropy of region logits [N, side * side, 2] on masks [N, H, W] shrunk to side x side.

    A region counts as target where the bilinear sample at its centre is wholly inside, as in the original.
    """
    side = round(logits.shape[1] ** 0.5)
    shrunk = functional.interpolate(
        masks[:, None].float(), size=(side, side), mode="bilinear", align_corners=False
    )
    return _cross_entropy(logits.transpose(1, 2), shrunk.flatten(1))


def no_target_loss(logits: Tensor, empty: Tensor) -> Tensor:
    """Weighted cross-entropy of no-target logits [N, 2] on whether nothing is meant, bool [N]."""
    return _cross_entropy(logits, empty)


def dice_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """One minus the dice coefficient of target probabilities, from logits [N, 2, H, W], and masks [N, H, W].

    One is added above and below (Milletari et al., V-Net, 3DV 2016, as MaskFormer smooths it), so that an
    empty prediction of an empty mask costs nothing.
    """
    probability = logits.softmax(dim=1)[:, 1].flatten(1)
    truth = masks.flatten(1).to(probability.dtype)
    overlap = 2 * (probability * truth).sum(dim=1) + 1
    return (1 - overlap / (probability.sum(dim=1) + truth.sum(dim=1) + 1)).mean()


def _cross_entropy(logits: Tensor, truth: Tensor) -> Tensor:
    return functional.cross_entropy(logits, truth.long(), weight=logits.new_tensor(_CLASS_WEIGHTS))
