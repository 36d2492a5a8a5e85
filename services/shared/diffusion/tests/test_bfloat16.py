"""In bfloat16 on a CPU the networks are quicker by means that change their results by its rounding alone."""

import dataclasses

import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention import FeedForward
from langdesign_diffusion.attention import RegionAttention, pays_blockwise
from langdesign_diffusion.cpu import SplitGEGLU, quicken
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_diffusion.serving import to_serve


@pytest.fixture
def unet() -> UNet2DConditionModel:
    """Stable Diffusion 1.5's architecture, its sides a tenth as wide, in float32."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        unet = UNet2DConditionModel(
            in_channels=8,
            block_out_channels=(32, 64, 128, 128),
            layers_per_block=2,
            cross_attention_dim=64,
            attention_head_dim=8,
            norm_num_groups=32,
        )
    unet.set_attn_processor(RegionAttention())
    return unet.eval().requires_grad_(False)


@torch.inference_mode()
def step(unet: UNet2DConditionModel, dtype: torch.dtype) -> torch.Tensor:
    """One step: 256 positions, from which attention goes by blocks; a processor may have to emulate it."""
    dice = torch.Generator().manual_seed(4)
    sample, context = torch.randn(1, 8, 16, 16, generator=dice), torch.randn(1, 77, 64, generator=dice)
    assert pays_blockwise(sample.flatten(2).mT.to(torch.bfloat16))
    return unet(sample.to(dtype), torch.tensor([600.0]), context.to(dtype), return_dict=False)[0].float()


def test_a_step_in_bfloat16_is_within_2_percent_of_float32(unet, figure):
    exact = step(unet, torch.float32)
    checkpoint = dataclasses.replace(random_checkpoint("tiny"), unet=unet).placed("cpu", torch.bfloat16)
    quicken(checkpoint)
    ours = step(checkpoint.unet, torch.bfloat16)
    error = ((ours - exact).norm() / exact.norm()).item()
    figure(f"a UNet step of sd15's architecture in bfloat16: relative error {error:.2%} (bound 2%)")
    assert error < 0.02


def test_quickening_keeps_the_names_of_weights_and_their_values():
    checkpoint = random_checkpoint("tiny").placed("cpu", torch.bfloat16)
    before = {name: weight.clone() for name, weight in checkpoint.unet.state_dict().items()}
    quicken(checkpoint)
    after = checkpoint.unet.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    split = [module.net[0] for module in checkpoint.unet.modules() if isinstance(module, FeedForward)]
    assert split
    assert all(isinstance(module, SplitGEGLU) for module in split)


def test_a_small_model_serves_in_float32_as_it_is_and_in_bfloat16_if_told():
    assert to_serve(random_checkpoint("tiny"), "cpu").dtype == torch.float32
    told = to_serve(random_checkpoint("tiny"), "cpu", "bfloat16")
    assert told.dtype == told.vae.dtype == told.text_encoder.dtype == torch.bfloat16


def test_in_float32_nothing_is_touched():
    checkpoint = to_serve(random_checkpoint("tiny"), "cpu", "float32")
    assert not any(isinstance(module, SplitGEGLU) for module in checkpoint.unet.modules())


def test_the_split_unit_gives_what_the_whole_gives():
    checkpoint = random_checkpoint("tiny")
    unit = next(m.net[0] for m in checkpoint.unet.modules() if isinstance(m, FeedForward))
    states = torch.randn(2, 9, unit.proj.in_features, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert torch.allclose(SplitGEGLU(unit.proj)(states), unit(states), atol=1e-6)
