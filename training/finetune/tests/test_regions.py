import dataclasses

import numpy as np
import pytest
import torch
from langdesign_diffusion.parameters import RegularisationParameters
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_finetune import networks
from langdesign_finetune.batches import draws
from langdesign_finetune.denoising_recipes import EDIT
from langdesign_finetune.networks import make_unet, prepare
from langdesign_finetune.regions import RegionBiases, draw_regions
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.state import Pix2PixRequest

RULE = RegularisationParameters()


def block(count: int = 1) -> torch.Tensor:
    """Regions of 16x16 positions: two by three, in the middle."""
    inside = torch.zeros(count, 1, 16, 16)
    inside[:, :, 6:8, 5:8] = 1.0
    return inside


def test_samples_are_told_their_regions_as_the_engine_tells_them():
    checkpoint = random_checkpoint("tiny", in_channels=8)
    mask = np.zeros((1, 128, 128), np.uint8)
    mask[0, 48:64, 40:64] = 255
    picture = np.zeros((128, 128, 3), np.uint8)
    request = Pix2PixRequest(picture, mask, EditParameters("make the chair red"))
    told = Editor(checkpoint).prepare(request).biases
    biases = RegionBiases(checkpoint.tokenizer, checkpoint.unet, RULE)(["make the chair red"], block())
    assert biases.keys() == told.keys()
    for length, bias in biases.items():
        assert torch.equal(bias, told[length][..., :77])
        assert (bias < 0).any()


def test_an_empty_region_penalises_nothing_and_each_sample_has_its_own():
    checkpoint = random_checkpoint("tiny", in_channels=8)
    regions = torch.cat([block(), torch.zeros(1, 1, 16, 16)])
    make = RegionBiases(checkpoint.tokenizer, checkpoint.unet, RULE)
    biases = make(["make the chair red", "remove the lamp"], regions)
    for bias in biases.values():
        assert bias.shape[::3] == (2, 77)
        assert (bias[0] < 0).any()
        assert (bias[1] == 0).all()


def test_regions_are_exact_grown_or_boxes_and_some_are_kept_back():
    inside = block(2000)
    inside[:, :, 6, 5] = 0.0  # a corner, which a box brings back
    drawn = draw_regions(draws(0, 0), inside, 0.75).flatten(1)
    sizes, counts = drawn.sum(1).int().unique(return_counts=True)
    found = dict(zip(sizes.tolist(), (counts / len(inside)).tolist(), strict=True))
    assert found == pytest.approx({0: 0.25, 5: 0.375, 6: 0.1875, 19: 0.1875}, abs=0.04)
    assert torch.equal(drawn, draw_regions(draws(0, 0), inside, 0.75).flatten(1))


def test_no_region_stays_none():
    assert draw_regions(draws(0, 0), torch.zeros(50, 1, 16, 16), 1.0).sum() == 0


def test_explicit_attention_is_the_fused_one_with_regions_and_without(monkeypatch):
    monkeypatch.setattr(networks, "multiplies_bfloat16", lambda _device: True)  # on any processor
    recipe = dataclasses.replace(EDIT["mini"], channels=(16, 32), groups=8)
    torch.manual_seed(0)
    unet = make_unet(recipe, 32, 8)
    sample, context = torch.randn(2, 8, 16, 16), torch.randn(2, 77, 32)
    tokenizer = random_checkpoint("tiny", in_channels=8).tokenizer
    biases = RegionBiases(tokenizer, unet, RULE)(["make the chair red"] * 2, block(2))
    for told in (None, {"biases": biases}):
        made = []
        for bf16 in (False, True):
            prepare(unet, bf16=bf16)
            with torch.no_grad():
                made.append(unet(sample, 500, context, cross_attention_kwargs=told).sample)
        torch.testing.assert_close(*made, rtol=1e-4, atol=1e-5)
        if told is None:
            free = made[0]
    assert (free - made[0]).abs().max() > 1e-4
