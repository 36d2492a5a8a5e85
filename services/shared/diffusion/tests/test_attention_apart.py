"""Positions that are kept apart in self-attention see nothing of each other, without any bias."""

import pytest
import torch
from langdesign_diffusion.attention import attention_apart, features_apart
from torch.nn.attention import SDPBackend, sdpa_kernel

POSITIONS, HEADS, WIDTH = 300, 4, 40
LEFT, RIGHT = slice(0, 90), slice(200, 300)  # between them are positions of no region


def drawn(dtype, seed=3):
    dice = torch.Generator().manual_seed(seed)
    return [torch.randn(2, HEADS, POSITIONS, WIDTH, generator=dice).to(dtype) for _ in range(3)]


def features(dtype):
    """Left and right of the first sample are kept apart; nothing of the second is."""
    table = torch.zeros(2, 1, POSITIONS, 8, dtype=dtype)
    table[0, :, LEFT, 0] = 1
    table[0, :, RIGHT, 1] = 1
    return features_apart(table)


def masked(query, key, value):
    """The same by explicit maps, in which the logits of what is apart are minus infinity."""
    logits = query.float() @ key.float().transpose(-1, -2) / WIDTH**0.5
    logits[0, :, LEFT, RIGHT] = logits[0, :, RIGHT, LEFT] = float("-inf")
    return logits.softmax(dim=-1) @ value.float()


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float32, 2e-6), (torch.bfloat16, 8e-3)])
def test_it_is_attention_with_the_others_masked(figure, dtype, bound):
    query, key, value = drawn(dtype)
    with torch.inference_mode():
        ours = attention_apart(query, key, value, features(dtype)).float()
    exact = masked(query, key, value)
    error = ((ours - exact).norm() / exact.norm()).item()
    figure(f"self-attention apart, {dtype}: relative error {error:.1e}")
    assert error < bound


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_happens_in_another_region_moves_nothing_at_all(dtype):
    query, key, value = drawn(dtype)
    other, (_, keys, values) = [key.clone(), value.clone()], drawn(dtype, seed=4)
    for changed, fresh in zip(other, (keys, values), strict=True):
        changed[:, :, RIGHT] = 5 * fresh[:, :, RIGHT]
    with torch.inference_mode():
        before = attention_apart(query, key, value, features(dtype))[0]
        after = attention_apart(query, *other, features(dtype))[0]
    assert torch.equal(before[:, LEFT], after[:, LEFT])
    assert not torch.equal(before[:, 90:200], after[:, 90:200]), "where no region is, all is seen"


def test_a_fused_kernel_serves_it():
    query, key, value = drawn(torch.float32)
    with torch.inference_mode(), sdpa_kernel(SDPBackend.FLASH_ATTENTION):
        assert attention_apart(query, key, value, features(torch.float32)).shape == query.shape
