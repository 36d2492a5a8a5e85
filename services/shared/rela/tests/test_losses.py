import math

import pytest
import torch
from langdesign_rela import LossWeights, RelaOutput, Targets, rela_losses
from langdesign_rela.losses import dice_loss, mask_loss, minimap_loss, no_target_loss


def test_the_mask_loss_weighs_the_target_more_than_the_background():
    logits = torch.zeros(1, 2, 1, 2)
    logits[0, 1, 0, 0] = math.log(3.0)  # target probability 3/4 at the first pixel, 1/2 at the second
    masks = torch.tensor([[[1, 0]]])
    by_hand = (1.1 * -math.log(3 / 4) + 0.9 * -math.log(1 / 2)) / (1.1 + 0.9)
    assert float(mask_loss(logits, masks)) == pytest.approx(by_hand, rel=1e-5)


def test_the_no_target_loss_is_low_where_the_verdict_is_right():
    logits = torch.tensor([[4.0, -4.0], [-4.0, 4.0]])
    assert no_target_loss(logits, torch.tensor([False, True])) < 0.01
    assert no_target_loss(logits, torch.tensor([True, False])) > 5


def test_a_region_is_a_target_only_where_its_centre_is_wholly_inside():
    masks = torch.zeros(1, 8, 8)
    masks[0, :4, :4] = 1  # the first of 2x2 regions
    masks[0, 4, :4] = 1  # a line that does not cover the centre of the third
    sure = torch.tensor([[[-9.0, 9.0], [9.0, -9.0], [9.0, -9.0], [9.0, -9.0]]])
    assert minimap_loss(sure, masks) < 1e-6
    assert minimap_loss(-sure, masks) > 10


def test_dice_counts_the_overlap_and_forgives_what_is_rightly_empty():
    logits = torch.full((1, 2, 2, 2), -50.0)
    logits[0, 0] = 50.0
    assert float(dice_loss(logits, torch.zeros(1, 2, 2))) == pytest.approx(0.0, abs=1e-6)
    assert float(dice_loss(logits, torch.ones(1, 2, 2))) == pytest.approx(1 - 1 / 5)
    assert float(dice_loss(-logits, torch.ones(1, 2, 2))) == pytest.approx(0.0, abs=1e-6)


def output(batch=2):
    generator = torch.Generator().manual_seed(0)
    shapes = ((batch, 2, 4, 4), (batch, 4, 2), (batch, 2), (batch, 4, 8))
    return RelaOutput(*(torch.randn(shape, generator=generator) for shape in shapes))


def test_the_published_total_is_five_times_mask_and_a_tenth_of_the_rest():
    targets = Targets(
        (torch.arange(2 * 256).reshape(2, 16, 16) % 3 == 0).float(), torch.tensor([False, True])
    )
    losses = rela_losses(output(), targets)
    by_hand = 5 * (losses.mask + 0.1 * losses.minimap + 0.1 * losses.no_target)
    torch.testing.assert_close(losses.total, by_hand)
    with_dice = rela_losses(output(), targets, LossWeights(dice=2.0))
    torch.testing.assert_close(with_dice.total, by_hand + 2 * losses.dice)
