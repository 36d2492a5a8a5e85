"""Seeds: each of 64 bits has noise of its own, and short ones that of PyTorch."""

import pytest
import torch
from langdesign_diffusion.samplers import draw_noise, noise_generator


def noise(seed):
    return draw_noise((1, 4, 8, 8), noise_generator(seed), torch.device("cpu"))


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
def test_seeds_of_32_bits_are_pytorchs(seed):
    assert torch.equal(noise(seed), torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(seed)))


def test_seeds_that_agree_in_their_lower_half_have_different_noise():
    drawn = [noise(7 + (job << 32)) for job in (0, 1, 2, 2**31 - 1)]
    assert len({one.numpy().tobytes() for one in drawn}) == len(drawn)


def test_a_long_seed_means_the_same_noise_each_time():
    # By hashlib, apart from the code: sha256 of 7 + 2 ** 32 in eight bytes, the first four of it.
    assert noise_generator(7 + 2**32).initial_seed() == 0xC5E58EAE
