"""The least number of steps is as usable as any: one step goes the whole way, by every sampler."""

from typing import get_args

import pytest
import torch
from langdesign_diffusion.samplers import SOLVERS, NoiseSchedule
from langdesign_edits import Sampler

NOISE = NoiseSchedule()


@pytest.mark.parametrize("sampler", get_args(Sampler))
def test_one_step_starts_from_the_most_noise(sampler):
    schedule = SOLVERS[sampler].schedule(NOISE, 1)
    assert schedule.timesteps == (NOISE.train_timesteps - 1,)
    assert schedule.sigmas[0] == pytest.approx(float(NOISE.sigmas()[-1]))


@pytest.mark.parametrize("sampler", get_args(Sampler))
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_what_a_network_that_knows_the_picture_says_is_what_comes_out(sampler, steps):
    picture = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    solver = SOLVERS[sampler]
    schedule = solver.schedule(NOISE, steps)
    generator = torch.Generator().manual_seed(2)
    sample = schedule.start * torch.randn(picture.shape, generator=generator)
    previous = None
    for index in range(schedule.steps):
        sample, previous = solver.step(sample, picture, previous, schedule, index, generator), picture
    # DDIM keeps the noise of its last level, a thirtieth of the picture's.
    assert (sample - picture).abs().max() < 0.2
