"""What a UNet's output means: an oracle that knows x0 leads every sampler to it, by noise or velocity."""

import dataclasses
import math
from typing import get_args

import pytest
import torch
from langdesign_diffusion.hyperparameters import Prediction
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_diffusion.samplers import SOLVERS, NoiseSchedule, denoised_of
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.state import Pix2PixRequest

PREDICTIONS = get_args(Prediction)


@pytest.fixture(scope="module", params=PREDICTIONS)
def predicting(request) -> Editor:
    """An editor whose UNet is said to predict one or the other."""
    checkpoint = random_checkpoint("tiny")
    return Editor(dataclasses.replace(checkpoint, noise=NoiseSchedule(prediction=request.param)))


@pytest.mark.parametrize("sampler", SOLVERS)
def test_an_oracle_is_followed_to_its_picture(predicting, image, sampler):
    state = predicting.prepare(
        Pix2PixRequest(image, None, EditParameters("make it red", steps=5, sampler=sampler, seed=2))
    )
    start = state.latents
    picture = torch.randn(start.shape, generator=torch.Generator().manual_seed(9))

    def oracle(sample, timesteps, context, biases):
        """Say of branch b that the picture is b + 1 times as strong."""
        sigma = state.schedule.sigmas[state.step]
        pictures = torch.cat([picture * (branch + 1) for branch in range(len(sample))])
        noise = (sample[:, :4] * math.sqrt(1 + sigma**2) - pictures) / sigma
        if predicting.checkpoint.noise.prediction == "epsilon":
            return noise
        return (noise - sigma * pictures) / math.sqrt(1 + sigma**2)

    expected = picture * sum((branch + 1) * one.weight for branch, one in enumerate(state.branches))
    predicting.denoiser = oracle
    while not state.done:
        predicting.denoise_step([state])
        torch.testing.assert_close(state.denoised, expected, rtol=1e-4, atol=1e-4)
    left = state.schedule.sigmas[-1]  # none, but with DDIM
    noise = (start - expected) / state.schedule.sigmas[0]
    torch.testing.assert_close(state.latents, expected + left * noise, rtol=1e-4, atol=1e-4)


def test_velocity_is_minus_the_picture_at_much_noise_and_the_noise_at_little():
    picture, noise = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0)).double()
    for sigma, velocity in ((1e7, -picture), (1e-7, noise), (1.0, (noise - picture) / math.sqrt(2))):
        found = denoised_of(picture + sigma * noise, velocity, sigma, "v_prediction")
        torch.testing.assert_close(found, picture, rtol=1e-5, atol=1e-5)


def test_noise_is_taken_off_as_it_is():
    sample, noise = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(denoised_of(sample, noise, 3.7, "epsilon"), sample - 3.7 * noise)
