"""Attention in blocks is attention, and is chosen where it pays."""

import pytest
import torch
from langdesign_diffusion.attention import blockwise_attention, pays_blockwise
from torch.nn.functional import scaled_dot_product_attention


@pytest.mark.parametrize(("queries", "keys"), [(257, 257), (1024, 1024), (300, 77)])
@pytest.mark.parametrize(("dtype", "bound"), [(torch.float32, 2e-6), (torch.bfloat16, 8e-3)])
def test_blocks_give_what_the_fused_kernel_gives(figure, queries, keys, dtype, bound):
    dice = torch.Generator().manual_seed(5)
    query, key, value = (torch.randn(2, 8, n, 40, generator=dice) for n in (queries, keys, keys))
    exact = scaled_dot_product_attention(query, key, value)
    with torch.inference_mode():
        ours = blockwise_attention(query.to(dtype), key.to(dtype), value.to(dtype)).float()
    error = ((ours - exact).norm() / exact.norm()).item()
    figure(f"blockwise attention, {queries} to {keys}, {dtype}: relative error {error:.1e}")
    assert ours.shape == exact.shape
    assert error < bound


def test_heads_seen_through_strides_are_taken_as_they_are():
    dice = torch.Generator().manual_seed(6)
    heads = torch.randn(2, 300, 8 * 40, generator=dice).unflatten(-1, (8, 40)).transpose(1, 2)
    with torch.inference_mode():
        assert torch.equal(
            blockwise_attention(heads, heads, heads),
            blockwise_attention(heads.contiguous(), heads.contiguous(), heads.contiguous()),
        )


def test_blocks_are_for_many_positions_in_bfloat16_without_gradients():
    many, few = torch.zeros(1, 2, 256, 8), torch.zeros(1, 2, 64, 8)
    assert not pays_blockwise(many.bfloat16())  # gradients are on
    with torch.inference_mode():
        assert pays_blockwise(many.bfloat16())
        assert not pays_blockwise(few.bfloat16())
        assert not pays_blockwise(many)
